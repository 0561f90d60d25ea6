"""GitHub's moods, and the webhooks that it sent."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from entrypoints.sandbox.conditions import GitHubLimit, LimitKind
from entrypoints.sandbox.github.deliveries import HookDelivery
from entrypoints.sandbox.github.hooks import send_hook
from entrypoints.sandbox.sandbox import Sandbox


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: LimitKind = "primary"
    status: Literal[403, 429] = 403
    seconds: Annotated[float, Meta(gt=0)] = 60.0


class GitHubEvent(msgspec.Struct, frozen=True):
    number: int
    guid: str
    event: str
    body: Any
    status: int | None
    answer: Any


def shown(delivery: HookDelivery) -> GitHubEvent:
    return GitHubEvent(
        number=delivery.number,
        guid=delivery.guid,
        event=delivery.event,
        body=delivery.body,
        status=delivery.status,
        answer=delivery.answer,
    )


@put("/github/limit")
async def put_limit(sandbox: NamedDependency[Sandbox], data: JSONBody[Limit]) -> Limit:
    """Let GitHub refuse every call of its API for a while.

    By its `primary` rate limit, of which nothing remains until it resets, or by the `secondary` one, with
    `retry-after`.
    """
    until = sandbox.now() + timedelta(seconds=data.seconds)
    sandbox.conditions.github_limit = GitHubLimit(data.kind, data.status, until)
    return data


@delete("/github/limit", status_code=204)
async def delete_limit(sandbox: NamedDependency[Sandbox]) -> None:
    """Let GitHub answer again."""
    sandbox.conditions.github_limit = None


@get("/github/events")
async def list_events(sandbox: NamedDependency[Sandbox]) -> list[GitHubEvent]:
    """List the App's latest webhooks with Nango's answers; a condition drops them, and then there is no status."""
    return [shown(delivery) for delivery in sandbox.world.deliveries]


@post("/github/events/{number:int}/redeliver", status_code=200)
async def redeliver_event(sandbox: NamedDependency[Sandbox], number: FromPath[int]) -> GitHubEvent:
    """Send one of the App's webhooks to Nango once more, as somebody at GitHub's settings would."""
    delivery = next((one for one in sandbox.world.deliveries if one.number == number), None)
    if delivery is None:
        raise NotFoundException("no such event")
    return shown(send_hook(sandbox, delivery.event, delivery.body))
