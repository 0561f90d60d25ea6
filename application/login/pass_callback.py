"""GitHub sends a browser back to us."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.attempt import LEASE, SHORTEST_REST, Attempt, AttemptId, AttemptState, ProviderAnswer, Purpose
from domain.errors import LoginDenied, LoginLeased, StartAgain, UpstreamUnavailable
from domain.secret import Secret
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is behind the door for attempts of one purpose.

    `complete` and `look_up` do the same, and spend from different shares of Nango's calls.
    """

    authorizations: Authorizations
    complete: Callable[[Attempt], Awaitable[Attempt]]
    look_up: Callable[[Attempt], Awaitable[Attempt]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCallback:
    """The door: only the browser that holds the attempt's secret gets through, and only once.

    Who connects repositories has to be signed in there too, as the one who began.

    A repeat by the same browser passes nothing on; it looks up what became of the first, and spends from another
    share of Nango's calls, so that repeats keep nobody else from finishing.
    """

    rooms: Mapping[Purpose, Room]
    begin_work: BeginWork
    clock: Clock

    async def __call__(
        self, state: Secret, answer: ProviderAnswer, secrets: Mapping[AttemptId, Secret], user_id: UserId | None
    ) -> Attempt:
        """Return the finished attempt, a login to be collected; `user_id` is who is signed in there.

        Raises `StartAgain`, `LoginDenied`, `LoginStillPassing`, or `UpstreamUnavailable`; after the last two the same
        request may be repeated.
        """
        attempt, is_first = await self._enter(state, answer, secrets, user_id)
        room = self.rooms[attempt.purpose]
        try:
            if is_first:
                await self._pass_on(attempt, answer, room)
                return await room.complete(attempt)
            await self._take_lease(attempt)
            return await room.look_up(attempt)
        except LoginLeased:
            raise
        except UpstreamUnavailable as error:
            # A browser repeats by itself: not before it is worth a call.
            rest = max(SHORTEST_REST, error.retry_after or SHORTEST_REST)
            async with self.begin_work(atomic=False) as work:
                await work.attempts.rest(attempt.id, self.clock.now() + rest)
            raise

    async def _enter(
        self, state: Secret, answer: ProviderAnswer, secrets: Mapping[AttemptId, Secret], user_id: UserId | None
    ) -> tuple[Attempt, bool]:
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            attempt = await work.attempts.find_by_state(state.hash)
            # One answer for all: it must not tell a stranger which states exist.
            if attempt is None or not attempt.is_held_by(secrets) or attempt.is_expired(now):
                raise StartAgain("this sign-in was begun in another browser, is too old, or was never begun")
            if attempt.is_link and attempt.user_id != user_id:
                raise StartAgain("repositories are connected by who is signed in: sign in, and begin once more")
            if attempt.state is not AttemptState.OPEN:
                return attempt, False
            passing = attempt.passing(now, answer)
            return passing, await work.attempts.move(passing)

    async def _take_lease(self, attempt: Attempt) -> None:
        if attempt.state is not AttemptState.PASSING:
            return
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            if not await work.attempts.lease(attempt.id, now, until=now + LEASE):
                raise LoginLeased("another request is finishing this sign-in")

    async def _pass_on(self, attempt: Attempt, answer: ProviderAnswer, room: Room) -> None:
        pending = attempt.authorization
        if pending is not None and await room.authorizations.finish(pending, answer):
            return
        async with self.begin_work(atomic=False) as work:
            await work.attempts.move(attempt.moved(AttemptState.FAILED))
        if answer.is_denial:
            raise LoginDenied("GitHub was not authorised, so nothing was done")
        if attempt.is_link and answer.code is None:
            raise StartAgain(
                "GitHub sent no authorisation along: let the GitHub App request user authorization during installation"
            )
        raise StartAgain("GitHub did not confirm this sign-in")
