"""Which rows of an installation go when the plan changes."""

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.sync import SyncId, SyncKey, SyncSource
from tests.contract.connecting import ACME, GLOBEX
from tests.fakes.clock import NOON

ONE, OTHER = ConnectionId("one"), ConnectionId("other")
PULLS = SyncKey(connection_id=ONE, model="PullRequest")
FIRST, SECOND, THIRD = (SyncKey(connection_id=ONE, model="proxy:pulls", variant=str(number)) for number in (1, 2, 3))


async def made(begin_work: BeginWork, *keys: SyncKey, installation_id: InstallationId = ACME) -> None:
    async with begin_work() as work:
        for key in keys:
            await work.syncs.make(key, installation_id, NOON, None)


async def keys_of(begin_work: BeginWork) -> list[SyncKey]:
    async with begin_work() as work:
        return [sync.key for sync in await work.syncs.after(SyncId(0), 100)]


async def test_of_the_rows_that_are_read_from_one_source_only_the_named_stay(begin_work: BeginWork) -> None:
    await made(begin_work, PULLS, FIRST, SECOND, THIRD)
    through_another = SyncKey(connection_id=OTHER, model="proxy:pulls", variant="2")
    unlike = SyncKey(connection_id=ONE, model="proxy:issues", variant="1")

    async with begin_work() as work:
        assert await work.syncs.keep_only(ACME, SyncSource.PROXY, [through_another, unlike]) == 2
        assert await work.syncs.keep_only(ACME, SyncSource.PROXY, [SECOND]) == 0

    assert await keys_of(begin_work) == [PULLS, SECOND]


async def test_none_may_stay_and_those_of_other_installations_do(begin_work: BeginWork) -> None:
    elsewhere = SyncKey(connection_id=OTHER, model="PullRequest")
    await made(begin_work, PULLS, FIRST)
    await made(begin_work, elsewhere, installation_id=GLOBEX)

    async with begin_work() as work:
        assert await work.syncs.keep_only(ACME, SyncSource.NANGO, []) == 1

    assert await keys_of(begin_work) == [FIRST, elsewhere]
