"""What was synced goes a while after the last grant did."""

from datetime import timedelta

from application.replica.delete_unused import DeleteUnused
from tests.application.replicating import PULLS, Replicating, payload

KEPT = timedelta(days=30)


async def test_what_nobody_has_a_grant_on_goes_after_a_while_and_not_before() -> None:
    replicating = Replicating()
    await replicating.connect()
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 4)))
    await replicating.hear()
    await replicating.pull()
    delete = DeleteUnused(begin_work=replicating.begin_work, clock=replicating.clock, kept=KEPT)

    await delete()
    replicating.clock.advance(KEPT - timedelta(seconds=1))
    await delete()
    assert list(await replicating.pull_requests()) == [1, 2, 3]

    replicating.clock.advance(timedelta(seconds=1))
    await delete()
    assert list(await replicating.pull_requests()) == []
