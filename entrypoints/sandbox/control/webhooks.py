"""Webhooks: their troubles, what was sent, and sending more."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from entrypoints.sandbox.delivery import Delivery, Outcome
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.signatures import webhook_signatures
from entrypoints.sandbox.wire import stable_json


class Trouble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay_seconds: float = 0.0
    url: str | UnsetType | None = UNSET


class AttemptMade(msgspec.Struct, frozen=True):
    at: datetime
    method: str
    url: str
    status: int | None
    error: str | None


class DeliveryMade(msgspec.Struct, frozen=True):
    number: int
    url: str
    body: str
    outcome: Outcome
    attempts: list[AttemptMade]


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: Any


class SignedPayload(msgspec.Struct, frozen=True):
    body: str
    headers: dict[str, str]


def shown(delivery: Delivery) -> DeliveryMade:
    return DeliveryMade(
        number=delivery.number,
        url=delivery.url,
        body=delivery.body.decode(),
        outcome=delivery.outcome,
        attempts=[
            AttemptMade(at=one.at, method=one.method, url=one.url, status=one.status, error=one.error)
            for one in delivery.attempts
        ],
    )


@get("/webhooks")
async def list_deliveries(sandbox: NamedDependency[Sandbox]) -> list[DeliveryMade]:
    """List the latest deliveries in the order of their making, with every attempt."""
    return [shown(delivery) for delivery in sandbox.webhooks.log]


@put("/webhooks/trouble")
async def put_trouble(sandbox: NamedDependency[Sandbox], data: JSONBody[Trouble]) -> Trouble:
    """Make trouble for the webhooks to come.

    Lose the next `drop` of them, send the next `duplicate` ones twice, hold the next `reorder` ones back and then send
    them last first, and wait `delay_seconds` before each. Naming `url` sends them elsewhere; null, nowhere. What is
    left out is 0, so that `{}` ends all trouble; webhooks held back until then are sent.
    """
    trouble = sandbox.conditions.webhook_trouble
    trouble.drop, trouble.duplicate, trouble.reorder = data.drop, data.duplicate, data.reorder
    trouble.delay_seconds = data.delay_seconds
    if data.url is not UNSET:
        sandbox.conditions.webhook_url = data.url
    if data.reorder == 0:
        sandbox.webhooks.release_held()
    return data


@post("/webhooks/{number:int}/redeliver")
async def redeliver(sandbox: NamedDependency[Sandbox], number: FromPath[int]) -> DeliveryMade:
    """Send an earlier webhook once more, byte for byte."""
    delivery = next((one for one in sandbox.webhooks.log if one.number == number), None)
    if delivery is None:
        raise NotFoundException("no such delivery")
    return shown(sandbox.webhooks.redeliver(delivery))


@post("/webhooks/send", status_code=202)
async def send_payload(sandbox: NamedDependency[Sandbox], data: JSONBody[Payload]) -> SignedPayload:
    """Send any payload to the app with Nango's signatures, as its ingress lets anybody do."""
    body = stable_json(data.payload)
    sandbox.webhooks.send(body)
    return SignedPayload(body=body.decode(), headers=webhook_signatures(sandbox.settings.signing_key, body))


@post("/sign", status_code=200)
async def sign_payload(sandbox: NamedDependency[Sandbox], data: JSONBody[Payload]) -> SignedPayload:
    """Sign any payload without sending it: the body as Nango would write it, and the two signature headers."""
    body = stable_json(data.payload)
    return SignedPayload(body=body.decode(), headers=webhook_signatures(sandbox.settings.signing_key, body))
