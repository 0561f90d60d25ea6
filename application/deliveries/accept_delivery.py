"""Nango sends a webhook."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.ports.webhook_signatures import WebhookSignatures
from domain.delivery import LARGEST_OWN_BYTES, DeliveryKind, Json, ReceivedDelivery
from domain.errors import MalformedDelivery, TooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDelivery:
    """Signature over the bytes as sent, JSON, one durable insert. What it means is worked out later."""

    signatures: WebhookSignatures
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Store the delivery; raises `InvalidSignature`, `MalformedDelivery` or `TooLarge`."""
        self.signatures.verify(raw, headers)
        try:
            body: Json = json.loads(raw, parse_constant=_refuse)
            delivery = ReceivedDelivery.receive(raw, body, headers, self.clock.now())
        except (ValueError, RecursionError) as error:
            raise MalformedDelivery("the body is not JSON, or nested too deeply") from error
        if len(raw) > LARGEST_OWN_BYTES and delivery.kind not in {DeliveryKind.FORWARD, DeliveryKind.GITHUB}:
            raise TooLarge(f"a delivery of kind {delivery.kind} may have {LARGEST_OWN_BYTES} bytes at most")
        async with self.begin_work() as work:
            await work.deliveries.accept(delivery)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
