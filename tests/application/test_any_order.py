"""Whatever becomes of the webhooks, reconcile ends where they would have ended."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attempt import LEASE, LIFETIME, SWEEP_REST, AttemptState
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.delivery import DeliveryState, Json
from domain.errors import UpstreamUnavailable
from domain.user import GitHubAccount, GitHubId
from tests.application.house import PERIOD, House, auth_webhook
from tests.builders import ADA

MINUTE: Final = timedelta(minutes=1)
PEOPLE: Final = [replace(ADA, id=GitHubId(number), login=f"person-{number}") for number in range(1, 8)]
TWICE, BROKEN, GONE, RECOVERED, TAGGED, ODD, LATE = PEOPLE
# Webhooks that are recorded in each part of the story, by the binding.
SIGN_INS: Final = {False: 9, True: 10}
CHANGES: Final = 4

Part = list[int]


@dataclass(frozen=True, slots=True)
class Ending:
    """What the story ends with, but for times and for ids of ours that depend on who came first."""

    users: list[GitHubAccount]
    rows: list[tuple[str, GitHubId, ConnectionState, str | None, bool]]
    nango: list[tuple[str, GitHubId, bool]]
    attempts: list[AttemptState]


class Story:
    """People sign in, then things happen to their connections; Nango's webhooks are recorded."""

    def __init__(self, *, is_bound_by_cookie: bool) -> None:
        self.house = House(is_bound_by_cookie=is_bound_by_cookie)
        self.is_bound_by_cookie = is_bound_by_cookie
        self.recorded: list[dict[str, Json]] = []
        self.made: dict[GitHubId, ConnectionId] = {}

    async def sign_in(self) -> None:
        join = self._by_popup if self.is_bound_by_cookie else self._by_redirect
        for person in (TWICE, BROKEN, GONE, RECOVERED, TAGGED, TWICE):
            await join(person)
        await self._two_for_one()
        await self._late()
        if self.is_bound_by_cookie:
            await self._by_popup(TWICE)

    async def change(self) -> None:
        nango = self.house.nango.connections
        for person in (BROKEN, RECOVERED):
            nango[self.made[person.id]].is_broken = person is BROKEN
            self._record(self.made[person.id], None, operation="refresh", success=False)
        del nango[self.made[GONE.id]]
        tagged = nango[self.made[TAGGED.id]]
        tagged.end_user_id = tagged.tagged_end_user_id = EndUserId("a stranger")
        self._record(tagged.id, tagged.end_user_id, operation="override")
        self._record(ConnectionId("never was"), None, success=False)

    async def deliver(self, part: Part) -> None:
        for number in part:
            await self.house.receive(self.recorded[number % len(self.recorded)])
            await self.house.work()
        for _ in range(10):
            while await self.house.work():
                pass
            self.house.clock.advance(timedelta(seconds=15))

    async def end(self) -> Ending:
        """Let time pass until everything has been cleaned up."""
        for _ in range(3):
            self.house.clock.advance(max(LIFETIME, SWEEP_REST, PERIOD))
            await self.house.sweep_attempts()
            await self.house.reconcile()
            await self.house.settle_connections()
        house, person_of = self.house, {user.id: user.account.id for user in self.house.users}
        named = {EndUserId(str(user_id)): person for user_id, person in person_of.items()}
        return Ending(
            users=sorted((user.account for user in house.users), key=lambda account: account.id),
            rows=sorted(
                (row.id, person_of[row.user_id], row.state, row.last_error, row.is_settled) for row in house.connections
            ),
            nango=sorted(
                (one.id, one.account.id, named.get(one.end_user_id or EndUserId("")) == one.account.id)
                for one in house.nango_connections
            ),
            attempts=[attempt.state for attempt in house.begin_work.tables.attempts.values()],
        )

    async def _by_redirect(self, person: GitHubAccount) -> None:
        """Sign in; of those who come back, some are interrupted when Nango has made the connection."""
        started = await self.house.start_login(None, None)
        if person in {GONE, TAGGED}:
            await self.house.come_back(started, self.house.nango.approval_by(person))
        else:
            self.house.nango.authorize(started.attempt.authorization, person)
            async with self.house.begin_work() as work:
                await work.attempts.move(started.attempt.passing(self.house.clock.now()))
        self._made(person, started.attempt.end_user_id)

    async def _by_popup(self, person: GitHubAccount) -> None:
        opened = await self.house.open_connect_ui()
        self.house.nango.connect(opened.attempt.end_user_id, person)
        self._made(person, opened.attempt.end_user_id)

    async def _two_for_one(self) -> None:
        """Use a session token twice, which signs nobody in."""
        opened = await self.house.open_connect_ui()
        for _ in range(2):
            self.house.nango.connect(opened.attempt.end_user_id, ODD)
            self._made(ODD, opened.attempt.end_user_id)

    async def _late(self) -> None:
        """Let Nango finish what it said had failed."""
        started = await self.house.start_login(None, None)
        self.house.nango.fail("finish", after_effect=True)
        with suppress(UpstreamUnavailable):
            await self.house.come_back(started, self.house.nango.approval_by(LATE))
        async with self.house.begin_work() as work:
            await work.attempts.move(started.attempt.moved(AttemptState.FAILED))
        self._made(LATE, started.attempt.end_user_id)

    def _made(self, person: GitHubAccount, end_user_id: EndUserId) -> None:
        connection = self.house.nango_connections[-1]
        self.made[person.id] = connection.id
        self._record(connection.id, end_user_id)

    def _record(self, connection_id: ConnectionId, end_user_id: str | None, **more: Json) -> None:
        self.recorded.append(auth_webhook(connection_id, end_user_id, number=len(self.recorded), **more))


async def play(first: Part, second: Part, *, is_bound_by_cookie: bool) -> Ending:
    story = Story(is_bound_by_cookie=is_bound_by_cookie)
    await story.sign_in()
    assert len(story.recorded) == SIGN_INS[is_bound_by_cookie]
    story.house.clock.advance(LEASE)
    await story.deliver(first)
    await story.house.reconcile()
    story.house.clock.advance(MINUTE)
    await story.change()
    assert len(story.recorded) == SIGN_INS[is_bound_by_cookie] + CHANGES
    await story.deliver(second)
    await story.house.reconcile()
    return await story.end()


async def as_recorded(*, is_bound_by_cookie: bool) -> Ending:
    count = SIGN_INS[is_bound_by_cookie]
    return await play([*range(count)], [*range(count, count + CHANGES)], is_bound_by_cookie=is_bound_by_cookie)


ENDINGS: Final = {binding: asyncio.run(as_recorded(is_bound_by_cookie=binding)) for binding in (False, True)}
ANY: Final = st.lists(st.integers(0, 13), max_size=20)


@pytest.mark.parametrize("is_bound_by_cookie", [False, True])
def test_the_story_ends_with_one_connection_each_and_nothing_left_over(*, is_bound_by_cookie: bool) -> None:
    ending = ENDINGS[is_bound_by_cookie]

    assert ending.users == [TWICE, BROKEN, GONE, RECOVERED, TAGGED]
    assert [(person, state) for _, person, state, _, _ in sorted(ending.rows, key=lambda row: row[1])] == [
        (TWICE.id, ConnectionState.LIVE),
        (BROKEN.id, ConnectionState.BROKEN),
        (RECOVERED.id, ConnectionState.LIVE),
        (TAGGED.id, ConnectionState.LIVE),
    ]
    assert all(is_settled for *_, is_settled in ending.rows)
    assert [row[0] for row in ending.rows] == [one[0] for one in ending.nango]
    assert all(is_right for *_, is_right in ending.nango)


@pytest.mark.parametrize("is_bound_by_cookie", [False, True])
async def test_with_no_webhooks_at_all_it_ends_the_same(*, is_bound_by_cookie: bool) -> None:
    assert await play([], [], is_bound_by_cookie=is_bound_by_cookie) == ENDINGS[is_bound_by_cookie]


@settings(max_examples=40, deadline=None)
@given(first=ANY, second=ANY, is_bound_by_cookie=st.booleans())
def test_any_order_duplication_and_loss_of_webhooks_ends_the_same(
    first: Part, second: Part, *, is_bound_by_cookie: bool
) -> None:
    ending = asyncio.run(play(first, second, is_bound_by_cookie=is_bound_by_cookie))

    assert ending == ENDINGS[is_bound_by_cookie]


def test_a_webhook_that_waits_is_worked_off_in_the_story() -> None:
    async def waiting() -> list[DeliveryState]:
        story = Story(is_bound_by_cookie=False)
        await story.sign_in()
        await story.deliver([*range(9)])
        return [stored.state for stored in story.house.begin_work.tables.deliveries.values()]

    assert DeliveryState.WAITING not in asyncio.run(waiting())
