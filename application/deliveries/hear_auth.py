"""Nango says that a connection was made, changed, or failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from application.deliveries.recheck_hinted import Postponed
from application.login.pull_attempt import let_in
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, AttemptState, Door, Purpose
from domain.connection import ConnectionId
from domain.delivery import Delivery, DeliveryState, Json, text_at
from domain.errors import ConnectionNotFound, LoginStillPassing, StartAgain

# While a browser is finishing: that takes a blink, or as long as the lease of a request that died.
LOOK_AGAIN_AFTER: Final = timedelta(seconds=1)


RecheckKnown: TypeAlias = Callable[[ConnectionId, Delivery], Awaitable[tuple[DeliveryState, str] | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HearAuth:
    """Its words only say where to look: what is stored comes from Nango and GitHub, read back.

    It completes or heals what a browser brought through the door, and never opens the door. One for each integration.
    """

    provider_connections: ProviderConnections
    recheck_known: RecheckKnown
    complete: Callable[[Attempt], Awaitable[Attempt]]
    begin_work: BeginWork
    clock: Clock
    purpose: Purpose
    is_bound_by_cookie: bool

    async def __call__(self, delivery: Delivery) -> tuple[DeliveryState, str]:
        """Return what became of the hint; raises `Postponed`, or `UpstreamUnavailable` to be tried again."""
        connection_id = text_at(delivery.body, "connectionId")
        if connection_id is None:
            return DeliveryState.IGNORED, "it names no connection"
        known = await self.recheck_known(ConnectionId(connection_id), delivery)
        if known is not None:
            return known
        attempt_id = claimed_attempt(delivery.body)
        async with self.begin_work(atomic=False) as work:
            attempt = await work.attempts.find(attempt_id) if attempt_id else None
        if attempt is not None and attempt.purpose is self.purpose:
            return await self._heal(attempt, ConnectionId(connection_id))
        return DeliveryState.IGNORED, "neither the connection nor its end user is known here"

    async def _heal(self, attempt: Attempt, connection_id: ConnectionId) -> tuple[DeliveryState, str]:
        match attempt.state:
            case AttemptState.OPEN:
                if self.is_bound_by_cookie and attempt.door is Door.CONNECT_UI:
                    return await self._complete(attempt)
                return DeliveryState.IGNORED, "the sign-in's own browser has not come back"
            case AttemptState.FINISHED | AttemptState.COLLECTED:
                return await self._delete_stray(attempt, connection_id)
            case AttemptState.FAILING | AttemptState.FAILED:
                if attempt.is_leased(self.clock.now()):
                    return DeliveryState.IGNORED, "the sign-in had failed, and was swept just now"
                async with self.begin_work(atomic=False) as work:
                    await work.attempts.move(attempt.moved(AttemptState.FAILING))
                return DeliveryState.DONE, "the sign-in had failed: what it made is deleted by the next sweep"
            case AttemptState.PASSING:
                return await self._complete(attempt)

    async def _delete_stray(self, attempt: Attempt, connection_id: ConnectionId) -> tuple[DeliveryState, str]:
        """Delete a further connection that somebody made with the session token, which Nango honours for 30 minutes."""
        if attempt.door is not Door.CONNECT_UI:
            return DeliveryState.IGNORED, "the sign-in is finished"
        try:
            stray = await self.provider_connections.read(connection_id)
        except ConnectionNotFound:
            return DeliveryState.IGNORED, "the sign-in is finished, and the connection is gone"
        if stray.end_user_id != attempt.end_user_id or connection_id == attempt.connection_id:
            return DeliveryState.IGNORED, "the sign-in is finished"
        await self.provider_connections.delete(connection_id)
        return DeliveryState.DONE, "a further connection of a finished sign-in was deleted"

    async def _complete(self, attempt: Attempt) -> tuple[DeliveryState, str]:
        if attempt.state is AttemptState.PASSING and attempt.is_leased(self.clock.now()):
            raise Postponed("the sign-in's own browser is finishing it", self.clock.now() + LOOK_AGAIN_AFTER)
        if attempt.is_expired(self.clock.now()):
            return DeliveryState.IGNORED, "the sign-in has expired: nobody can collect it any more"
        try:
            await self._finish(attempt)
        except (LoginStillPassing, StartAgain) as reason:
            return DeliveryState.IGNORED, str(reason)
        return DeliveryState.DONE, "the sign-in is finished, for its own browser to collect"

    async def _finish(self, attempt: Attempt) -> None:
        if attempt.state is AttemptState.OPEN:
            attempt = await let_in(attempt, self.begin_work, self.clock)
        await self.complete(attempt)


def claimed_attempt(body: Json) -> AttemptId | None:
    """Read which attempt the hint claims to be about: an end user of ours is an attempt's id."""
    try:
        return AttemptId(UUID(text_at(body, "endUser", "endUserId") or ""))
    except ValueError:
        return None
