"""What every `Syncs` does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId
from domain.errors import LeaseLost
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.sync import (
    FULLY_EVERY,
    HEARD_EVERY,
    MOST_VARIANTS,
    RESTARTED_EVERY,
    Position,
    Run,
    Sync,
    SyncId,
    SyncKey,
    SyncNews,
)
from tests.contract.connecting import ACME, GLOBEX
from tests.fakes.clock import NOON
from tests.records import a_page

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
PULLS: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="PullRequest")
ISSUES: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="Issue")
PROXIED: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="proxy:pulls", variant="9001")


async def hear(begin_work: BeginWork, news: SyncNews, now: datetime = NOON) -> None:
    async with begin_work() as work:
        await work.syncs.hear(news, now)


def news(
    key: SyncKey = PULLS, began_at: datetime | None = None, changes: int = 0, full_after: timedelta | None = None
) -> SyncNews:
    return SyncNews(
        key=key, installation_id=ACME, name="pull_requests", began_at=began_at, full_after=full_after, changes=changes
    )


async def claim(begin_work: BeginWork, now: datetime = NOON) -> Sync | None:
    async with begin_work() as work:
        return await work.syncs.claim(now, now + MINUTE)


async def claimed(begin_work: BeginWork, now: datetime = NOON) -> Sync:
    found = await claim(begin_work, now)
    assert found is not None
    return found


async def save(begin_work: BeginWork, sync: Sync, until: datetime | None = None) -> None:
    async with begin_work() as work:
        await work.syncs.save(sync, until)


async def every(begin_work: BeginWork) -> Sequence[Sync]:
    async with begin_work() as work:
        return await work.syncs.after(SyncId(0), 100)


async def pulled(begin_work: BeginWork, now: datetime = NOON, through: datetime | None = NOON) -> Sync:
    """Have it read once, to the end; it is not due for a year."""
    await hear(begin_work, news(), now)
    sync = (await claimed(begin_work, now)).page_read("cursor 1", through, 3)
    ended = sync.run_ended(now + 365 * DAY, None)
    await save(begin_work, ended)
    return ended


async def test_the_first_news_make_a_row_and_have_all_be_read(begin_work: BeginWork) -> None:
    await hear(begin_work, news(changes=12, full_after=RESTARTED_EVERY))

    sync = await claimed(begin_work)

    assert (sync.key, sync.installation_id, sync.repository_id, sync.name) == (PULLS, ACME, None, "pull_requests")
    assert sync.run == Run(began_at=NOON, is_full=True, expected=12)
    assert sync.the_run.position == Position()


async def test_a_row_that_is_made_twice_stays_as_it_is(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.syncs.make(PROXIED, ACME, NOON, None)
        await work.syncs.make(PROXIED, ACME, NOON + DAY, "again")

    (only,) = await every(begin_work)
    assert (only.installation_id, only.repository_id, only.due_at, only.name) == (ACME, RepositoryId(9001), NOON, None)


async def test_what_was_read_through_a_connection_is_read_anew_through_the_one_that_replaced_it(
    begin_work: BeginWork,
) -> None:
    known = await pulled(begin_work)
    async with begin_work() as work:
        await work.syncs.want(known.id, NOON + MINUTE)
    slow = (await claimed(begin_work, NOON + MINUTE)).page_read("cursor 2", NOON, 1)
    later = replace(PULLS, connection_id=ConnectionId("second-connection"))

    await hear(begin_work, news(later), NOON + MINUTE)

    with pytest.raises(LeaseLost):
        await save(begin_work, slow)
    sync = await claimed(begin_work, NOON + MINUTE)
    assert (sync.id, sync.key) == (known.id, later)
    assert sync.run == Run(began_at=NOON + MINUTE, is_full=True)
    assert await claim(begin_work, NOON + MINUTE) is None


async def test_what_was_allowed_of_one_connection_is_not_allowed_of_the_next(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    await save(begin_work, (await claimed(begin_work)).run_ended(NOON + DAY, 200))
    (held,) = await every(begin_work)
    later = replace(PULLS, connection_id=ConnectionId("second-connection"))
    async with begin_work() as work:
        assert await work.syncs.allow_deletions(held.id, NOON)
        await work.syncs.make(later, ACME, NOON + MINUTE, None)

    sync = await claimed(begin_work, NOON + MINUTE)

    assert sync.run == Run(began_at=NOON + MINUTE, is_full=True, may_delete=False)
    assert (sync.pulled_at, sync.pulled_fully_at, sync.held_deletions) == (None, None, None)


async def test_all_that_nango_keeps_of_an_installation_is_read_anew(begin_work: BeginWork) -> None:
    known = await pulled(begin_work)
    async with begin_work() as work:
        await work.syncs.make(PROXIED, ACME, NOON + DAY, None)
        await work.syncs.make(replace(PULLS, connection_id=ConnectionId("theirs")), GLOBEX, NOON + DAY, None)

        await work.syncs.read_anew(ACME, NOON + MINUTE)

    sync = await claimed(begin_work, NOON + MINUTE)
    assert (sync.id, sync.key, sync.cursor, sync.pulled_at) == (known.id, PULLS, None, None)
    assert sync.run == Run(began_at=NOON + MINUTE, is_full=True)
    assert await claim(begin_work, NOON + MINUTE) is None


async def test_one_is_read_by_one_at_a_time(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    await hear(begin_work, news(ISSUES))

    first, second = await claimed(begin_work), await claimed(begin_work)

    assert {first.key, second.key} == {PULLS, ISSUES}
    assert await claim(begin_work) is None
    assert (await claimed(begin_work, NOON + MINUTE)).id in {first.id, second.id}


async def test_the_longest_due_comes_first(begin_work: BeginWork) -> None:
    await hear(begin_work, news(), NOON + MINUTE)
    await hear(begin_work, news(ISSUES))

    assert (await claimed(begin_work, NOON + 2 * MINUTE)).key == ISSUES


async def test_a_run_goes_on_where_it_was_after_its_reader_died(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = (await claimed(begin_work)).page_read("cursor 1", NOON, 100)
    await save(begin_work, sync, NOON + MINUTE)

    later = await claimed(begin_work, NOON + MINUTE)

    assert later.run == Run(began_at=NOON, is_full=True, cursor="cursor 1", through=NOON, records=100)
    assert later.the_run.position == Position(cursor="cursor 1")
    assert (later.cursor, later.pulled_at) == (None, None)


async def test_who_lost_the_lease_can_save_nothing(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    slow = await claimed(begin_work)
    quick = await claimed(begin_work, NOON + MINUTE)

    with pytest.raises(LeaseLost):
        await save(begin_work, slow.page_read("cursor 1", NOON, 100))

    await save(begin_work, quick.page_read("cursor 2", NOON, 100), NOON + 2 * MINUTE)
    assert (await every(begin_work))[0].the_run.cursor == "cursor 2"


async def test_who_works_longer_than_the_lease_can_keep_it(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = await claimed(begin_work)
    async with begin_work() as work:
        await work.syncs.keep(sync, NOON + 2 * MINUTE)
    assert await claim(begin_work, NOON + MINUTE) is None

    await claimed(begin_work, NOON + 2 * MINUTE)
    async with begin_work() as work:
        await work.syncs.keep(sync, NOON + DAY)
    assert await claim(begin_work, NOON + 3 * MINUTE) is not None


async def test_what_was_given_back_is_kept_from_nobody_by_a_late_sign_of_life(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = await claimed(begin_work)
    await save(begin_work, sync.postponed(NOON), None)

    async with begin_work() as work:
        await work.syncs.keep(sync, NOON + DAY)

    assert await claim(begin_work, NOON) is not None


async def test_a_run_that_ended_begins_the_next_behind_its_last_cursor(begin_work: BeginWork) -> None:
    ended = await pulled(begin_work)
    assert (ended.pulled_at, ended.pulled_fully_at) == (NOON, NOON)
    assert await claim(begin_work, NOON + DAY) is None

    await hear(begin_work, news(), NOON + DAY)
    sync = await claimed(begin_work, NOON + DAY)

    assert sync.run == Run(began_at=NOON + DAY, start=Position(cursor="cursor 1"))
    await save(begin_work, sync.run_ended(NOON + 365 * DAY, None))
    (after,) = await every(begin_work)
    assert (after.cursor, after.through, after.pulled_at, after.pulled_fully_at) == ("cursor 1", NOON, NOON + DAY, NOON)


async def test_a_flood_of_news_causes_few_runs(begin_work: BeginWork) -> None:
    await pulled(begin_work)
    for second in range(10):
        await hear(begin_work, news(), NOON + timedelta(seconds=second))

    assert await claim(begin_work, NOON + timedelta(seconds=10)) is None
    assert await claim(begin_work, NOON + HEARD_EVERY) is not None


async def test_no_more_variants_of_a_model_are_heard_of_than_anybody_needs(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        heard = [await work.syncs.hear(news(replace(PULLS, variant=str(one))), NOON) for one in range(MOST_VARIANTS)]
        assert all(heard)

        assert not await work.syncs.hear(news(replace(PULLS, variant="one more")), NOON)

        assert await work.syncs.hear(news(replace(PULLS, variant="0")), NOON)
        assert await work.syncs.hear(news(ISSUES), NOON)
    assert len(await every(begin_work)) == MOST_VARIANTS + 1


async def test_after_a_flood_of_news_the_next_are_heard_as_soon_as_ever(begin_work: BeginWork) -> None:
    await pulled(begin_work)
    for _ in range(200):
        await hear(begin_work, news(), NOON + timedelta(seconds=1))
    sync = await claimed(begin_work, NOON + MINUTE)
    await save(begin_work, sync.run_ended(NOON + DAY, None))

    await hear(begin_work, news(), NOON + 2 * MINUTE)

    assert await claim(begin_work, NOON + 2 * MINUTE) is not None


async def test_news_that_never_end_are_pulled_after_each_rest(begin_work: BeginWork) -> None:
    await pulled(begin_work)
    runs = 0
    for second in range(0, 3600, 10):
        now = NOON + timedelta(seconds=second)
        await hear(begin_work, news(), now)
        sync = await claim(begin_work, now)
        if sync is not None:
            await save(begin_work, sync.run_ended(now + DAY, None))
            runs += 1

    assert runs == timedelta(seconds=3600) // HEARD_EVERY - 1


async def test_news_during_a_run_cause_another_after_it(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = await claimed(begin_work)
    await hear(begin_work, news(changes=7), NOON + MINUTE / 2)
    assert await claim(begin_work, NOON + MINUTE / 2) is None

    await save(begin_work, sync.run_ended(NOON + DAY, None))

    assert (await claimed(begin_work, NOON + MINUTE)).the_run.expected == 7


async def test_a_failed_run_waits_whatever_is_heard(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = await claimed(begin_work)
    await save(begin_work, sync.failed("Nango does not answer", NOON, timedelta(minutes=5)))
    await hear(begin_work, news(), NOON + MINUTE)

    assert await claim(begin_work, NOON + 2 * MINUTE) is None
    failed = await claimed(begin_work, NOON + 5 * MINUTE)
    assert (failed.tries, failed.error, failed.failed_at) == (1, "Nango does not answer", NOON)
    assert failed.the_run.began_at == NOON


async def test_what_began_before_the_last_record_is_read_from_there_but_not_at_each_webhook(
    begin_work: BeginWork,
) -> None:
    await pulled(begin_work, NOON, through=NOON)
    began, now = NOON - MINUTE, NOON + MINUTE
    await hear(begin_work, news(began_at=began), now)
    sync = await claimed(begin_work, now)
    assert sync.the_run.position == Position(modified_after=began)
    await save(begin_work, sync.page_read("cursor 2", NOON, 1).run_ended(NOON + DAY, None))

    await hear(begin_work, news(began_at=began), now + MINUTE)
    again = await claimed(begin_work, now + MINUTE)
    assert again.the_run.position == Position(cursor="cursor 2")
    await save(begin_work, again.run_ended(NOON + DAY, None))

    await hear(begin_work, news(), now + RESTARTED_EVERY)
    assert (await claimed(begin_work, now + RESTARTED_EVERY)).the_run.position == Position(modified_after=began)


async def test_no_webhook_has_more_than_a_day_be_read_again(begin_work: BeginWork) -> None:
    await pulled(begin_work, NOON, through=NOON)
    await hear(begin_work, news(began_at=NOON - 300 * DAY), NOON + MINUTE)

    assert (await claimed(begin_work, NOON + MINUTE)).the_run.position == Position(modified_after=NOON + MINUTE - DAY)


async def test_what_is_said_to_begin_after_all_times_keeps_nobody_from_reading(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    under_way = (await claimed(begin_work)).page_read("cursor", NOON, 1)
    await save(begin_work, under_way.postponed(NOON))

    await hear(begin_work, news(began_at=datetime.fromisoformat("9999-12-31T23:59:59-14:00")), NOON + MINUTE)

    assert len(await every(begin_work)) == 1
    assert (await claimed(begin_work, NOON + MINUTE)).the_run.cursor == "cursor"


async def test_a_run_of_what_began_later_goes_on_from_the_cursor(begin_work: BeginWork) -> None:
    await pulled(begin_work, NOON, through=NOON)
    await hear(begin_work, news(began_at=NOON + MINUTE), NOON + 2 * MINUTE)

    assert (await claimed(begin_work, NOON + 2 * MINUTE)).the_run.position == Position(cursor="cursor 1")


async def test_a_full_sync_of_nango_has_all_be_read_but_not_at_each_webhook(begin_work: BeginWork) -> None:
    await pulled(begin_work)
    await hear(begin_work, news(full_after=RESTARTED_EVERY), NOON + MINUTE)
    sync = await claimed(begin_work, NOON + MINUTE)
    assert not sync.the_run.is_full
    await save(begin_work, sync.run_ended(NOON + DAY, None))

    await hear(begin_work, news(full_after=RESTARTED_EVERY), NOON + 2 * RESTARTED_EVERY)
    assert (await claimed(begin_work, NOON + 2 * RESTARTED_EVERY)).the_run.is_full


async def test_all_is_read_again_each_week_and_when_it_is_wanted(begin_work: BeginWork) -> None:
    ended = await pulled(begin_work)
    async with begin_work() as work:
        await work.syncs.want(ended.id, NOON + MINUTE)
    sync = await claimed(begin_work, NOON + MINUTE)
    assert not sync.the_run.is_full
    await save(begin_work, sync.run_ended(NOON + DAY, None))

    async with begin_work() as work:
        await work.syncs.want(ended.id, NOON + 2 * MINUTE, fully=True)
    sync = await claimed(begin_work, NOON + 2 * MINUTE)
    assert sync.the_run.is_full
    await save(begin_work, sync.run_ended(NOON + 3 * DAY, None))

    sync = await claimed(begin_work, NOON + 3 * DAY)
    assert not sync.the_run.is_full
    await save(begin_work, sync.run_ended(NOON + 3 * DAY, None))
    assert (await claimed(begin_work, NOON + 3 * MINUTE + FULLY_EVERY)).the_run.is_full


async def test_what_is_wanted_fully_takes_the_place_of_a_run_that_fails_at_the_same_page_each_time(
    begin_work: BeginWork,
) -> None:
    await hear(begin_work, news())
    sync = (await claimed(begin_work)).page_read("cursor 1", NOON, 3)
    await save(begin_work, sync.failed("the answer is too large", NOON, DAY))

    async with begin_work() as work:
        await work.syncs.want(sync.id, NOON + MINUTE, fully=True)

    with pytest.raises(LeaseLost):
        await save(begin_work, sync)
    again = await claimed(begin_work, NOON + MINUTE)
    assert again.run == Run(began_at=NOON + MINUTE, is_full=True)
    assert again.tries == 0


async def test_what_failed_in_nango_is_told_until_it_succeeds_and_reads_nothing(begin_work: BeginWork) -> None:
    ended = await pulled(begin_work)
    failure = replace(news(), error="rate limited")
    await hear(begin_work, failure, NOON + MINUTE)
    (failed,) = await every(begin_work)
    assert (failed.source_error, failed.source_failed_at) == ("rate limited", NOON + MINUTE)
    assert failed.due_at == ended.due_at

    await hear(begin_work, news(), NOON + 2 * MINUTE)
    (mended,) = await every(begin_work)
    assert (mended.source_error, mended.source_failed_at) == (None, None)


async def test_a_refused_cursor_is_replaced_by_a_moment_and_stored_so(begin_work: BeginWork) -> None:
    await pulled(begin_work, NOON, through=NOON)
    await hear(begin_work, news(), NOON + MINUTE)
    sync = (await claimed(begin_work, NOON + MINUTE)).restarted(NOON + MINUTE)
    await save(begin_work, sync, NOON + 2 * MINUTE)

    later = await claimed(begin_work, NOON + 2 * MINUTE)

    assert later.the_run.position == Position(modified_after=NOON)
    assert later.cursor is None


async def test_a_full_run_goes_on_from_what_it_has_met_when_its_cursor_is_refused(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    first = (await claimed(begin_work)).restarted(NOON)
    assert first.the_run.position == Position()
    sync = first.page_read("cursor 1", NOON, 3).restarted(NOON)
    await save(begin_work, sync, NOON + MINUTE)

    later = await claimed(begin_work, NOON + MINUTE)

    assert later.the_run.position == Position(modified_after=NOON)
    assert (later.the_run.is_full, later.the_run.through) == (True, NOON)


async def test_what_is_held_stays_so_until_a_run_ends_without_it(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    await save(begin_work, (await claimed(begin_work)).run_ended(NOON + MINUTE, 200))
    sync = await claimed(begin_work, NOON + MINUTE)
    assert sync.held_deletions == 200
    assert not sync.the_run.may_delete
    await save(begin_work, sync.page_read("cursor 1", NOON, 1), NOON + 2 * MINUTE)
    assert (await every(begin_work))[0].held_deletions == 200

    async with begin_work() as work:
        assert await work.syncs.allow_deletions(sync.id, NOON + MINUTE)
    sync = await claimed(begin_work, NOON + 2 * MINUTE)
    assert not sync.the_run.may_delete
    await save(begin_work, sync.run_ended(NOON + DAY, 200))

    sync = await claimed(begin_work, NOON + 3 * MINUTE)
    assert (sync.the_run.may_delete, sync.the_run.is_full) == (True, True)
    await save(begin_work, sync.run_ended(NOON + DAY, None))
    assert (await every(begin_work))[0].held_deletions is None
    assert not (await claimed(begin_work, NOON + DAY)).the_run.may_delete


async def test_what_is_held_is_not_forgotten_by_a_run_that_did_not_read_all(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    await save(begin_work, (await claimed(begin_work)).run_ended(NOON + MINUTE, 200))
    sync = await claimed(begin_work, NOON + MINUTE)
    assert not sync.the_run.is_full
    await save(begin_work, sync.run_ended(NOON + DAY, None))
    assert (await every(begin_work))[0].held_deletions == 200

    sync = await claimed(begin_work, NOON + DAY)
    async with begin_work() as work:
        await work.syncs.forget_deletions(sync.id)
    await save(begin_work, sync.run_ended(NOON + 2 * DAY, None))
    assert (await every(begin_work))[0].held_deletions is None


async def test_what_is_held_can_be_forgotten(begin_work: BeginWork) -> None:
    await hear(begin_work, news())
    sync = await claimed(begin_work)
    async with begin_work() as work:
        assert not await work.syncs.forget_deletions(sync.id)
        assert not await work.syncs.allow_deletions(sync.id, NOON)
        await work.replica.merge(sync, a_page({"id": "1", "_nango_metadata": DELETED}), NOON)
    await save(begin_work, sync.run_ended(NOON + DAY, 200))

    async with begin_work() as work:
        assert await work.syncs.forget_deletions(sync.id)
        assert not await work.syncs.forget_deletions(SyncId(99))

    assert (await every(begin_work))[0].held_deletions is None


DELETED: Final = {
    "last_modified_at": NOON.isoformat(),
    "last_action": "DELETED",
    "deleted_at": NOON.isoformat(),
    "pruned_at": None,
    "cursor": "cursor 1",
}


async def test_those_of_a_repository_are_its_own_and_those_of_its_installation(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        for key in (PULLS, PROXIED, replace(PROXIED, variant="9002")):
            await work.syncs.make(key, ACME, NOON, None)
        await work.syncs.make(replace(PULLS, connection_id=ConnectionId("other")), GLOBEX, NOON, None)

        found = await work.syncs.of_repository(RepositoryId(9001), ACME)
        assert [one.key for one in found] == [PULLS, PROXIED]
        assert await work.syncs.find(found[1].id) == found[1]
        assert await work.syncs.find(SyncId(99)) is None
        assert await work.syncs.of_repository(RepositoryId(9001), InstallationId(99)) == [found[1]]


async def test_they_are_listed_page_by_page(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        for key in (PULLS, ISSUES, PROXIED):
            await work.syncs.make(key, ACME, NOON, None)
        first = await work.syncs.after(SyncId(0), 2)
        rest = await work.syncs.after(first[-1].id, 2)

    assert [one.key for one in [*first, *rest]] == [PULLS, ISSUES, PROXIED]
