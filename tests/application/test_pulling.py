"""A sync webhook has records pulled, page by page, each with its place; what fails is tried again and shown."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.replica.pull_due import SECOND_PULL_IN, PullOutcome
from domain.connection import ConnectionId
from domain.delivery import DeliveryState, Json
from domain.errors import AppPermissionMissing, CursorRefused, NoCallsLeft, UpstreamUnavailable
from domain.sync import FULLY_EVERY, HEARD_EVERY, MOST_VARIANTS, Fuse, Position, RecordPage, Sync, SyncSource
from domain.sync_plan import SyncPlan
from tests.application.replicating import CONNECTION, LEASE, PLAN, PULLS, Pages, Replicating, in_words, payload
from tests.fakes.clock import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def replicating() -> Replicating:
    replicating = Replicating()
    await replicating.connect()
    return replicating


async def test_a_webhook_has_all_pages_pulled_and_the_next_one_only_what_is_new(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    assert await replicating.hear(syncType="INITIAL") == (DeliveryState.DONE, "its records are pulled")
    assert await replicating.pull() == [PullOutcome.ENDED]
    assert await replicating.pull_requests() == dict.fromkeys(range(1, 6), "Fly")

    replicating.clock.advance(MINUTE)
    replicating.synced_records.put(PULLS, payload(2, "Changed"), payload(6))
    replicating.synced_records.delete(PULLS, "3")
    replicating.synced_records.asked.clear()
    await replicating.hear()
    assert [turn.records for turn in await replicating.turns()] == [3]

    assert await replicating.pull_requests() == {1: "Fly", 2: "Changed", 4: "Fly", 5: "Fly", 6: "Fly"}
    assert replicating.synced_records.asked[0][1].cursor is not None


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ({"connectionId": None}, "it names no connection, or no model"),
        ({"model": 7}, "it names no connection, or no model"),
        ({"model": "GithubRepo"}, "SYNC_NAMES has no sync with this model"),
        ({"model": "GithubPullRequest"}, "SYNC_NAMES has no sync with this model"),
        ({"connectionId": "a-stranger's"}, "it is not the connection of an installation here"),
    ],
)
async def test_what_is_not_ours_causes_nothing(replicating: Replicating, told: dict[str, Json], note: str) -> None:
    assert await replicating.hear(**told) == (DeliveryState.IGNORED, note)

    assert await replicating.pull() == []


async def test_a_stranger_makes_up_no_variants_at_will(replicating: Replicating) -> None:
    assert await replicating.hear(syncVariant="v" * 101) == (
        DeliveryState.IGNORED,
        "the name of its variant is too long",
    )
    for number in range(MOST_VARIANTS):
        assert (await replicating.hear(syncVariant=f"variant {number}"))[0] is DeliveryState.DONE

    assert await replicating.hear(syncVariant="one more") == (
        DeliveryState.IGNORED,
        "there are too many variants of this model already",
    )


@pytest.mark.parametrize(("said", "kept"), [("pull_requests", "pull_requests"), ("x" * 100_000, None)])
async def test_a_sync_is_called_only_what_the_operator_calls_it(
    replicating: Replicating, said: str, kept: str | None
) -> None:
    await replicating.hear(syncName=said)

    assert (await replicating.sync()).name == kept


async def test_a_connection_that_was_replaced_causes_nothing(replicating: Replicating) -> None:
    await replicating.retire()

    assert (await replicating.hear())[0] is DeliveryState.IGNORED


async def test_webhooks_cause_nothing_where_githubs_lists_are_read() -> None:
    replicating = Replicating(replace(PLAN, source=SyncSource.PROXY))
    await replicating.connect()

    assert await replicating.hear() == (DeliveryState.IGNORED, "SYNC_SOURCE has GitHub's lists be read instead")


@pytest.mark.parametrize("nonsense", [{"queryTimeStamp": "soon"}, {"queryTimeStamp": 7}, {"responseResults": "many"}])
async def test_a_webhook_with_nonsense_in_it_still_causes_a_pull(
    replicating: Replicating, nonsense: dict[str, Json]
) -> None:
    replicating.synced_records.put(PULLS, payload(1))

    await replicating.hear(**nonsense)

    assert await replicating.pull() == [PullOutcome.ENDED]


async def test_what_a_webhook_says_of_a_moment_before_is_read_again_from_there(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, payload(1))
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(MINUTE)

    await replicating.hear(queryTimeStamp=in_words(NOON - MINUTE))
    await replicating.pull()

    assert replicating.synced_records.asked[-1][1] == Position(modified_after=NOON - MINUTE)


async def test_records_that_nango_forgot_go_with_the_next_full_sync(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, payload(1), payload(2))
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(HOUR)

    replicating.synced_records.empty(PULLS)
    replicating.synced_records.put(PULLS, payload(2), payload(3))
    await replicating.hear(checkpoints={"from": None, "to": {"lastSync": "2026-11-21"}})
    await replicating.pull()

    assert list(await replicating.pull_requests()) == [2, 3]


async def test_records_that_nango_forgot_go_in_a_week_at_the_latest_without_any_webhook(
    replicating: Replicating,
) -> None:
    replicating.synced_records.put(PULLS, payload(1), payload(2))
    await replicating.hear()
    await replicating.pull()

    replicating.synced_records.empty(PULLS)
    replicating.synced_records.put(PULLS, payload(2))
    replicating.clock.advance(FULLY_EVERY + MINUTE)
    await replicating.pull()

    assert list(await replicating.pull_requests()) == [2]


async def test_a_webhook_that_was_lost_is_noticed_by_age(replicating: Replicating) -> None:
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(SECOND_PULL_IN)
    await replicating.pull()
    replicating.synced_records.put(PULLS, payload(1))
    replicating.clock.advance(PLAN.checked_every - MINUTE)
    assert await replicating.pull() == []

    replicating.clock.advance(MINUTE)

    assert await replicating.pull() == [PullOutcome.ENDED]
    assert list(await replicating.pull_requests()) == [1]


async def test_a_failed_sync_of_nango_is_shown_and_pulls_nothing(replicating: Replicating) -> None:
    said = await replicating.hear(success=False, error={"type": "script_error", "description": "metadata is missing"})
    assert said == (DeliveryState.DONE, "that the sync failed is shown")

    assert (await replicating.sync()).source_error == "script_error: metadata is missing"
    await replicating.hear(success=False, error="odd")
    assert (await replicating.sync()).source_error == "Nango does not say why"
    await replicating.hear()
    assert (await replicating.sync()).source_error is None


async def test_a_page_that_fails_is_tried_again_later_from_where_it_was(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    await replicating.hear()
    first = replicating.synced_records.page

    async def second_fails(sync: Sync, position: Position) -> RecordPage:
        if position.cursor is not None:
            raise UpstreamUnavailable("Nango does not answer", timedelta(minutes=2))
        return await first(sync, position)

    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(second_fails))
    assert await replicating.pull() == [PullOutcome.FAILED]
    assert list(await replicating.pull_requests()) == [1, 2]
    failed = await replicating.sync()
    assert (failed.error, failed.tries, failed.pulled_at) == ("Nango does not answer", 1, None)

    replicating.pull_due = replace(replicating.pull_due, synced_records=replicating.synced_records)
    replicating.clock.advance(MINUTE)
    assert await replicating.pull() == []
    replicating.clock.advance(MINUTE)
    assert await replicating.pull() == [PullOutcome.ENDED]
    assert list(await replicating.pull_requests()) == [1, 2, 3, 4, 5]
    assert (await replicating.sync()).error is None


async def test_without_calls_left_it_goes_on_later_and_nothing_is_called_an_error(replicating: Replicating) -> None:
    replicating.synced_records.fail("page", NoCallsLeft("no calls are left", timedelta(seconds=40)))
    await replicating.hear()

    assert await replicating.pull() == [PullOutcome.POSTPONED]
    assert (await replicating.sync()).error is None
    replicating.clock.advance(timedelta(seconds=40))
    assert await replicating.pull() == [PullOutcome.ENDED]


async def test_whatever_is_wrong_with_one_is_shown_of_it_and_keeps_no_other_back(replicating: Replicating) -> None:
    replicating.synced_records.fail("page", AppPermissionMissing("the App may not read pull requests"))
    await replicating.hear()
    await replicating.hear(model="Issue", syncName="issues")

    assert sorted(await replicating.pull()) == [PullOutcome.ENDED, PullOutcome.FAILED]


async def test_a_bug_is_raised_and_the_pull_tried_again_ever_more_rarely(replicating: Replicating) -> None:
    async def buggy(_sync: Sync, _position: Position) -> RecordPage:
        raise ZeroDivisionError

    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(buggy))
    await replicating.hear()
    with pytest.raises(ZeroDivisionError):
        await replicating.pull()

    assert await replicating.pull() == []
    assert (await replicating.sync()).error == "a bug was met: ZeroDivisionError"


async def test_a_refused_cursor_has_what_came_since_read_again(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, payload(1), payload(2))
    await replicating.hear()
    await replicating.pull()
    replicating.synced_records.put(PULLS, payload(3))
    replicating.synced_records.refuse_cursors()
    replicating.clock.advance(MINUTE)

    await replicating.hear()

    assert await replicating.pull() == [PullOutcome.PAUSED, PullOutcome.ENDED]
    assert list(await replicating.pull_requests()) == [1, 2, 3]
    assert any(position.modified_after for _, position in replicating.synced_records.asked)


async def test_a_source_that_takes_none_of_its_cursors_is_still_read_to_the_end(replicating: Replicating) -> None:
    for number in range(1, 7):
        replicating.synced_records.put(PULLS, payload(number))
        replicating.clock.advance(MINUTE)
    pages = replicating.synced_records.page

    async def without_cursors(sync: Sync, position: Position) -> RecordPage:
        if position.cursor is not None:
            raise CursorRefused("Nango does not take the cursor")
        return await pages(sync, position)

    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(without_cursors))
    await replicating.hear()

    assert (await replicating.pull())[-1] is PullOutcome.ENDED
    assert list(await replicating.pull_requests()) == [1, 2, 3, 4, 5, 6]


async def test_a_cursor_refused_in_the_middle_of_the_first_run_has_all_read_again(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    pages = replicating.synced_records.page

    async def first_alone(sync: Sync, position: Position) -> RecordPage:
        if position.cursor is not None:
            raise UpstreamUnavailable("Nango does not answer")
        return await pages(sync, position)

    await replicating.hear()
    await replace(replicating.pull_due, synced_records=Pages(first_alone))()
    replicating.synced_records.refuse_cursors()
    replicating.clock.advance(MINUTE)

    assert await replicating.pull() == [PullOutcome.PAUSED, PullOutcome.ENDED]
    assert list(await replicating.pull_requests()) == [1, 2, 3, 4, 5]


async def test_who_lost_the_lease_stores_nothing(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    pages = replicating.synced_records.page

    async def slowly(sync: Sync, position: Position) -> RecordPage:
        page = await pages(sync, position)
        replicating.clock.advance(LEASE)
        await replicating.pull()
        replicating.synced_records.put(PULLS, payload(1, "Changed meanwhile"))
        return page

    await replicating.hear()
    turn = await replace(replicating.pull_due, synced_records=Pages(slowly))()

    assert turn is not None
    assert turn.outcome is PullOutcome.LOST
    assert len(await replicating.pull_requests()) == 5
    assert (await replicating.sync()).run is None


async def test_a_process_whose_clock_is_behind_goes_on_with_a_full_run_of_another(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(FULLY_EVERY + MINUTE)
    pages = replicating.synced_records.page

    async def ahead(sync: Sync, position: Position) -> RecordPage:
        replicating.clock.advance(-MINUTE)
        return await pages(sync, position)

    turn = await replace(replicating.pull_due, synced_records=Pages(ahead))()

    assert turn is not None
    assert turn.outcome is PullOutcome.ENDED
    assert list(await replicating.pull_requests()) == [1, 2, 3, 4, 5]


async def test_a_source_that_takes_none_of_its_cursors_is_asked_ever_more_rarely(replicating: Replicating) -> None:
    async def refusing(_sync: Sync, _position: Position) -> RecordPage:
        raise CursorRefused("Nango does not take the cursor")

    await replicating.hear()
    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(refusing))

    assert await replicating.pull() == [PullOutcome.FAILED]
    assert (await replicating.sync()).error == "Nango does not take the cursor"


async def test_who_is_told_to_stop_gives_back_what_it_was_reading(replicating: Replicating) -> None:
    asked = asyncio.Event()

    async def never(_sync: Sync, _position: Position) -> RecordPage:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    await replicating.hear()
    turn = asyncio.create_task(replace(replicating.pull_due, synced_records=Pages(never))())
    await asked.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    assert await replicating.pull() == [PullOutcome.ENDED]


async def test_a_long_list_leaves_others_their_turn(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    pages = replicating.synced_records.page

    async def slowly(sync: Sync, position: Position) -> RecordPage:
        replicating.clock.advance(MINUTE)
        return await pages(sync, position)

    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(slowly))
    await replicating.hear()
    await replicating.hear(model="Issue", syncName="issues")
    turns = await replicating.turns()

    assert [(turn.sync.key.model, turn.outcome) for turn in turns[:3]] == [
        ("PullRequest", PullOutcome.PAUSED),
        ("Issue", PullOutcome.ENDED),
        ("PullRequest", PullOutcome.PAUSED),
    ]


async def test_what_has_no_connection_waits_and_goes_on_with_the_next_one(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, payload(1), payload(2))
    await replicating.hear()
    await replicating.pull()
    await replicating.retire()
    replicating.clock.advance(HOUR)
    assert await replicating.pull() == [PullOutcome.POSTPONED]

    second = ConnectionId("second-connection")
    await replicating.connect(second)
    replicating.synced_records.put(replace(PULLS, connection_id=second), payload(2, "Through the second"))
    replicating.clock.advance(HOUR)

    assert await replicating.pull() == [PullOutcome.POSTPONED, PullOutcome.ENDED]
    assert await replicating.pull_requests() == {1: "Fly", 2: "Through the second"}
    replicating.clock.advance(FULLY_EVERY + MINUTE)
    await replicating.pull()
    assert await replicating.pull_requests() == {2: "Through the second"}


async def test_nothing_goes_while_the_syncs_of_a_new_connection_have_not_run(replicating: Replicating) -> None:
    replicating.synced_records.put(PULLS, payload(1), payload(2))
    await replicating.hear()
    await replicating.pull()
    await replicating.retire()
    await replicating.connect(ConnectionId("second-connection"))
    replicating.clock.advance(HOUR)

    assert await replicating.pull() == [PullOutcome.POSTPONED, PullOutcome.ENDED]

    assert await replicating.pull_requests() == {1: "Fly", 2: "Fly"}


async def test_a_sudden_mass_of_deletions_is_held_while_other_changes_come_in(replicating: Replicating) -> None:
    replicating = Replicating(fuse=Fuse(rows=2, part=0.5))
    await replicating.connect()
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(HEARD_EVERY)

    replicating.synced_records.delete(PULLS, "1", "2", "3")
    replicating.synced_records.put(PULLS, payload(4, "Changed"))
    await replicating.hear()
    assert await replicating.pull() == [PullOutcome.HELD]
    assert await replicating.pull_requests() == {1: "Fly", 2: "Fly", 3: "Fly", 4: "Changed", 5: "Fly"}
    held = await replicating.sync()
    assert held.held_deletions == 3

    async with replicating.begin_work() as work:
        assert await work.syncs.allow_deletions(held.id, replicating.clock.now())
    assert await replicating.pull() == [PullOutcome.ENDED]
    assert list(await replicating.pull_requests()) == [4, 5]
    assert (await replicating.sync()).held_deletions is None


async def test_what_a_full_run_did_not_meet_stays_held_while_other_changes_come_in(replicating: Replicating) -> None:
    replicating = Replicating(fuse=Fuse(rows=2, part=0.5))
    await replicating.connect()
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    await replicating.hear()
    await replicating.pull()
    replicating.clock.advance(FULLY_EVERY + MINUTE)
    replicating.synced_records.empty(PULLS)
    replicating.synced_records.put(PULLS, payload(5))
    assert await replicating.pull() == [PullOutcome.HELD]

    replicating.clock.advance(HOUR)
    replicating.synced_records.put(PULLS, payload(6))
    await replicating.pull()

    assert list(await replicating.pull_requests()) == [1, 2, 3, 4, 5, 6]
    held = await replicating.sync()
    assert held.held_deletions == 4
    async with replicating.begin_work() as work:
        assert await work.syncs.allow_deletions(held.id, replicating.clock.now())
    await replicating.pull()
    assert list(await replicating.pull_requests()) == [5, 6]
    assert (await replicating.sync()).held_deletions is None


async def test_what_an_operator_keeps_is_not_asked_about_again_until_all_is_read(replicating: Replicating) -> None:
    replicating = Replicating(fuse=Fuse(rows=2, part=0.5))
    await replicating.connect()
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 6)))
    await replicating.hear()
    await replicating.pull()
    replicating.synced_records.delete(PULLS, "1", "2", "3")
    replicating.clock.advance(HEARD_EVERY)
    await replicating.hear()
    await replicating.pull()

    held = await replicating.sync()
    async with replicating.begin_work() as work:
        assert await work.syncs.forget_deletions(held.id)
    replicating.clock.advance(HOUR)
    assert await replicating.pull() == [PullOutcome.ENDED]

    assert len(await replicating.pull_requests()) == 5


async def test_which_models_are_pulled_is_the_operators_choice() -> None:
    replicating = Replicating(SyncPlan(models={"our-pulls": "GithubPullRequest"}))
    await replicating.connect()

    assert (await replicating.hear())[0] is DeliveryState.IGNORED
    assert (await replicating.hear(model="GithubPullRequest"))[0] is DeliveryState.DONE
    assert (await replicating.sync()).key == replace(PULLS, model="GithubPullRequest")
    assert (await replicating.sync()).key.connection_id == CONNECTION


async def test_after_the_first_pull_comes_another_soon_as_nangos_first_run_may_not_be_over(
    replicating: Replicating,
) -> None:
    await replicating.hear()
    await replicating.pull()
    assert (await replicating.sync()).due_at == NOON + SECOND_PULL_IN

    replicating.clock.advance(SECOND_PULL_IN)
    await replicating.pull()

    assert (await replicating.sync()).due_at == NOON + SECOND_PULL_IN + PLAN.checked_every
