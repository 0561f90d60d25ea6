"""Nango sends a webhook."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.ports.clock import Clock
from application.ports.delivery_intake import DeliveryIntake
from application.ports.delivery_quota import DeliveryQuota
from application.ports.webhook_signatures import WebhookSignatures
from domain.delivery import LARGEST_OWN_BYTES, DeliveryKind, Json, ReceivedDelivery, kind_of
from domain.errors import DeliveryQuotaSpent, MalformedDelivery, TooLarge

# Larger ones are read beside the event loop, so that others are served meanwhile, and count against a quota.
LARGE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAccepted:
    """What kind of one it was; one that is not new was counted into an equal one."""

    kind: DeliveryKind
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDelivery:
    """Signature over the bytes as sent, JSON, quota, one durable insert. What it means is worked out later."""

    signatures: WebhookSignatures
    delivery_quota: DeliveryQuota
    delivery_intake: DeliveryIntake
    clock: Clock

    async def __call__(self, raw: bytes, headers: Mapping[str, str]) -> DeliveryAccepted:
        """Store the delivery; raises `InvalidSignature`, `MalformedDelivery`, `TooLarge` or `DeliveryQuotaSpent`."""
        self.signatures.verify(raw, headers)
        received_at = self.clock.now()
        if len(raw) > LARGE_BYTES:
            delivery = await asyncio.to_thread(read, raw, headers, received_at)
            if not await self.delivery_quota.spend(len(raw), received_at):
                raise DeliveryQuotaSpent(LARGE_BYTES)
        else:
            delivery = read(raw, headers, received_at)
        is_new = await self.delivery_intake.accept(delivery)
        return DeliveryAccepted(kind=delivery.kind, is_new=is_new)


def read(raw: bytes, headers: Mapping[str, str], at: datetime) -> ReceivedDelivery:
    """Decode a body and take out what must not be kept; raises `MalformedDelivery` or `TooLarge`."""
    try:
        body: Json = json.loads(raw, parse_constant=refuse)
        kind = kind_of(body, headers)
        if len(raw) > LARGEST_OWN_BYTES and kind not in {DeliveryKind.FORWARD, DeliveryKind.GITHUB}:
            raise TooLarge(f"a delivery of kind {kind} may have {LARGEST_OWN_BYTES} bytes at most")
        return ReceivedDelivery.receive(raw, body, headers, at)
    except (ValueError, RecursionError) as error:
        raise MalformedDelivery("the body is not JSON, or nested too deeply") from error


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
