import httpx
import pytest
from structlog.testing import capture_logs

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import LARGEST_BODY_BYTES
from domain.errors import UpstreamUnavailable
from tests.adapters.nango.stub import CALLBACK, GET, Nango, rate_limited


def refused() -> Exception:
    error = httpx.ConnectTimeout("as the transport of aiohttp says it")
    error.__cause__ = ConnectionRefusedError(111, "nobody listens")
    return error


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
