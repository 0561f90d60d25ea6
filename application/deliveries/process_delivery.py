"""Work off one waiting delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from application.deliveries.hear_auth import HearAuth
from application.deliveries.hear_github import HearGitHub
from application.deliveries.hear_sync import HearSync
from application.deliveries.recheck_hinted import Postponed
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.delivery import LONGEST_RETRY, Delivery, DeliveryId, DeliveryKind, DeliveryState, text_at
from domain.errors import NoCallsLeft, UpstreamUnavailable

LONGEST_WAIT_FOR_CALLS: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryProcessed:
    """What became of one delivery; one still waiting is to come again after `retry_in`.

    `waited` is how long it lay there before its first try; None at any other.
    """

    id: DeliveryId
    kind: DeliveryKind
    state: DeliveryState
    note: str
    retry_in: timedelta | None = None
    waited: timedelta | None = None


class DeliveryHeld(Exception):
    """A bug, which is the cause, was met; the delivery is held for a person to look at."""

    def __init__(self, processed: DeliveryProcessed) -> None:
        super().__init__(f"delivery {processed.id} is held")
        self.processed = processed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDelivery:
    """A delivery is a hint, even a signed one: strangers can have Nango sign what they like."""

    hear_auth: Mapping[str, HearAuth]
    """By integration."""
    hear_github: HearGitHub
    hear_sync: HearSync
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, delivery_id: DeliveryId) -> DeliveryProcessed | None:
        """Act on one that waits, as often as asked; None if it is closed, or gone.

        Raises `DeliveryHeld` after a bug, and `UpstreamUnavailable` if the database is away.
        """
        async with self.begin_work(atomic=False) as work:
            delivery = await work.deliveries.begin(delivery_id)
        if delivery is None:
            return None
        waited = self.clock.now() - delivery.received_at if delivery.tries == 1 else None
        return replace(await self._process(delivery), waited=waited)

    async def _process(self, delivery: Delivery) -> DeliveryProcessed:
        try:
            state, note = await self._act_on(delivery)
        except Postponed as postponed:
            return await self._postpone(delivery, postponed.until, str(postponed))
        except UpstreamUnavailable as error:
            return await self._retry(delivery, error)
        except Exception as error:
            # The log of the caller has the cause.
            raise DeliveryHeld(await self._close(delivery, DeliveryState.HELD, type(error).__name__)) from error
        return await self._close(delivery, state, note)

    async def _act_on(self, delivery: Delivery) -> tuple[DeliveryState, str]:
        match delivery.kind:
            case DeliveryKind.AUTH:
                hear_auth = self.hear_auth.get(text_at(delivery.body, "providerConfigKey") or "")
                if hear_auth is None:
                    return DeliveryState.IGNORED, "not one of our integrations"
                return await hear_auth(delivery)
            case DeliveryKind.SYNC:
                return await self.hear_sync(delivery)
            case DeliveryKind.FORWARD | DeliveryKind.GITHUB:
                return await self.hear_github(delivery)
            case _:
                return DeliveryState.IGNORED, f"nothing acts on {delivery.kind} deliveries"

    async def _retry(self, delivery: Delivery, error: UpstreamUnavailable) -> DeliveryProcessed:
        now = self.clock.now()
        if isinstance(error, NoCallsLeft) and now < delivery.received_at + LONGEST_WAIT_FOR_CALLS:
            # Nothing is wrong with it, and a flood of others must not have it given up.
            return await self._postpone(delivery, now + (error.retry_after or LONGEST_RETRY), str(error))
        retry_at = delivery.retry_at(now)
        if retry_at is None:
            return await self._close(delivery, DeliveryState.HELD, str(error))
        return await self._postpone(delivery, max(retry_at, now + (error.retry_after or timedelta(0))), str(error))

    async def _postpone(self, delivery: Delivery, until: datetime, note: str) -> DeliveryProcessed:
        async with self.begin_work(atomic=False) as work:
            await work.deliveries.postpone(delivery.id, until, note)
        return DeliveryProcessed(
            id=delivery.id,
            kind=delivery.kind,
            state=DeliveryState.WAITING,
            note=note,
            retry_in=max(until - self.clock.now(), timedelta(0)),
        )

    async def _close(self, delivery: Delivery, state: DeliveryState, note: str) -> DeliveryProcessed:
        async with self.begin_work(atomic=False) as work:
            await work.deliveries.close(delivery.id, state, note, self.clock.now())
        return DeliveryProcessed(id=delivery.id, kind=delivery.kind, state=state, note=note)
