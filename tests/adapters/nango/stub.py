"""A Nango that gives planned replies."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import httpx

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import Bucket, Call, Outcome
from adapters.nango.client import NangoClient, unobserved

GET = Call(method="GET", route="/connections/{id}", path="/connections/someones-id", query={"q": "someones-query"})
CALLBACK = Call(
    method="GET",
    route="/oauth/callback",
    path="/oauth/callback",
    bucket=Bucket.BROWSER,
    query={"code": "someones-code"},
    repeatable=False,
)
Reply = httpx.Response | Exception


@dataclass
class Nango:
    """Gives the planned replies, one per request, and keeps what it was asked."""

    replies: Iterable[Reply]
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    pauses: list[float] = field(default_factory=list[float])
    budget: CallBudget = field(default_factory=lambda: CallBudget(clock=lambda: 0.0))

    def __post_init__(self) -> None:
        self._next: Iterator[Reply] = iter(self.replies)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = next(self._next)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def client(self, observe: Callable[[Share, Outcome], None] = unobserved) -> NangoClient:
        return NangoClient(
            http=httpx.MockTransport(self.answer),
            host="http://nango.test",
            secret_key="someones-key",
            budget=self.budget,
            sleep=self.sleep,
            jitter=lambda: 0.5,
            now=lambda: 1795240189.0 - 30,
            observe=observe,
        )


def rate_limited(retry_after: str | None) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx.Response(429, headers=headers, json={"error": {"code": "too_many_request"}})
