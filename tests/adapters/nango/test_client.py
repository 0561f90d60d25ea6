from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import Bucket, Call
from adapters.nango.client import LARGEST_BODY_BYTES, NangoClient
from adapters.nango.transport import open_http
from domain.errors import UpstreamUnavailable
from tests.adapters.nango import recorded

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

    def client(self) -> NangoClient:
        return NangoClient(
            http=open_http("http://nango.test", httpx.MockTransport(self.answer)),
            secret_key="someones-key",
            budget=self.budget,
            sleep=self.sleep,
            jitter=lambda: 0.5,
            now=lambda: 1795240189.0 - 30,
        )


def refused() -> Exception:
    error = httpx.ConnectTimeout("as the transport of aiohttp says it")
    error.__cause__ = ConnectionRefusedError(111, "nobody listens")
    return error


def rate_limited(retry_after: str | None) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx.Response(429, headers=headers, json={"error": {"code": "too_many_request"}})


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_passing_status_is_tried_again_at_most_twice(status: int) -> None:
    healed = Nango([httpx.Response(status), httpx.Response(status), httpx.Response(200)])
    lasting = Nango([httpx.Response(status) for _ in range(9)])

    assert (await healed.client().send(GET, Share.FINISH)).status == 200
    assert (await lasting.client().send(GET, Share.FINISH)).status == status
    assert len(lasting.requests) == 3
    assert healed.pauses == lasting.pauses == pytest.approx([0.15, 0.3])


@pytest.mark.parametrize("error", [httpx.ReadError("lost"), httpx.ReadTimeout("slow"), ConnectionResetError("raw")])
async def test_a_failing_network_is_tried_again_at_most_twice(error: Exception) -> None:
    healed = Nango([error, error, httpx.Response(200)])
    lasting = Nango([error] * 9)

    assert (await healed.client().send(GET, Share.FINISH)).status == 200
    with pytest.raises(UpstreamUnavailable, match=f"no answer .{type(error).__name__}"):
        await lasting.client().send(GET, Share.FINISH)
    assert len(lasting.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 424, 500])
async def test_any_other_answer_is_taken_as_it_is(status: int) -> None:
    nango = Nango([httpx.Response(status)])

    assert (await nango.client().send(GET, Share.FINISH)).status == status


async def test_each_try_is_paid_from_the_budget() -> None:
    nango = Nango([httpx.Response(503)] * 3, budget=CallBudget(10, clock=lambda: 0.0))
    client = nango.client()

    await client.send(GET, Share.FINISH)
    for _ in range(7):
        nango.budget.take(Share.FINISH)

    with pytest.raises(UpstreamUnavailable, match="no calls are left for finish"):
        await client.send(GET, Share.FINISH)
    assert len(nango.requests) == 3


@pytest.mark.parametrize("trouble", [httpx.ReadError("lost"), httpx.ConnectTimeout("unclear"), httpx.ReadTimeout("")])
async def test_a_callback_that_may_have_arrived_is_not_sent_again(trouble: Exception) -> None:
    nango = Nango([trouble])

    with pytest.raises(UpstreamUnavailable):
        await nango.client().send(CALLBACK, Share.FINISH)

    assert len(nango.requests) == 1


async def test_a_callback_that_nobody_took_is_sent_again() -> None:
    nango = Nango([refused(), refused(), httpx.Response(200)])

    assert (await nango.client().send(CALLBACK, Share.FINISH)).status == 200


async def test_a_short_rate_limit_is_waited_for() -> None:
    nango = Nango([rate_limited("2"), httpx.Response(200)])

    assert (await nango.client().send(GET, Share.FINISH)).status == 200
    assert nango.pauses == [2]


@pytest.mark.parametrize(("retry_after", "seconds"), [("3", 3), ("59", 59), ("86400", 60), (None, 60), ("soon", 60)])
async def test_a_long_rate_limit_stops_everybody(retry_after: str | None, seconds: int) -> None:
    nango = Nango([rate_limited(retry_after)])
    client = nango.client()

    for _ in range(2):
        with pytest.raises(UpstreamUnavailable) as caught:
            await client.send(GET, Share.FINISH)
        assert caught.value.retry_after == timedelta(seconds=seconds)

    assert len(nango.requests) == 1
    assert nango.pauses == []


async def test_a_rate_limit_of_the_browsers_routes_stops_nobody_else() -> None:
    nango = Nango([rate_limited("59"), httpx.Response(200)])
    client = nango.client()

    with pytest.raises(UpstreamUnavailable):
        await client.send(CALLBACK, Share.FINISH)

    assert (await client.send(GET, Share.FINISH)).status == 200


async def test_the_secret_key_goes_only_where_it_belongs() -> None:
    nango = Nango([httpx.Response(200), httpx.Response(200)])
    client = nango.client()

    await client.send(GET, Share.FINISH)
    await client.send(CALLBACK, Share.FINISH)

    assert [request.headers.get("authorization") for request in nango.requests] == ["Bearer someones-key", None]


async def test_no_cookie_is_kept_for_the_next_person() -> None:
    nango = Nango([httpx.Response(200, headers={"Set-Cookie": "oauth2-x=1; Path=/; Max-Age=3600"})] * 2)
    client = nango.client()

    await client.send(CALLBACK, Share.FINISH)
    await client.send(CALLBACK, Share.FINISH)

    assert "cookie" not in nango.requests[1].headers


async def test_what_nango_says_of_the_account_is_learned_but_not_behind_the_proxy() -> None:
    empty = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795240189"}
    proxied = Call(method="GET", route="/proxy/user", path="/proxy/user", bucket=Bucket.PROXY)
    nango = Nango([httpx.Response(200, headers=empty)] * 2)
    client = nango.client()

    await client.send(proxied, Share.FINISH)
    await client.send(GET, Share.FINISH)

    with pytest.raises(UpstreamUnavailable) as caught:
        await client.send(GET, Share.FINISH)
    assert caught.value.retry_after == timedelta(seconds=30)


async def test_nangos_own_clock_counts_where_it_says_the_time() -> None:
    headers = {
        "X-RateLimit-Limit": "200",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1795240189",
        "Date": "Sat, 21 Nov 2026 05:49:39 GMT",
    }
    nango = Nango([httpx.Response(200, headers=headers)])

    await nango.client().send(GET, Share.FINISH)

    with pytest.raises(UpstreamUnavailable) as caught:
        nango.budget.take(Share.FINISH)
    assert caught.value.retry_after == timedelta(seconds=10)


async def test_an_answer_without_end_is_cut_off() -> None:
    nango = Nango([httpx.Response(200, content=b"x" * (LARGEST_BODY_BYTES + 1))])

    with pytest.raises(UpstreamUnavailable, match="too large"):
        await nango.client().send(GET, Share.FINISH)


async def test_logs_and_errors_name_the_route_and_nobodys_values() -> None:
    nango = Nango(
        [httpx.ReadError("GET http://nango.test/?code=someones-code"), rate_limited("1"), httpx.ReadError("")]
    )
    client = nango.client()

    with capture_logs() as logs, pytest.raises(UpstreamUnavailable) as caught:
        await client.send(GET, Share.FINISH)

    assert [entry["call"] for entry in logs] == ["GET /connections/{id}"] * 2
    for text in (str(caught.value), repr(logs), repr(GET), repr(CALLBACK)):
        assert "someones" not in text
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_recorded_document_prints_without_its_values() -> None:
    assert "gho_" not in repr(recorded.answer("b05_get_connection"))
