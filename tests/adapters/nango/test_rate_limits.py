"""What the client does when Nango has had enough, and what it learns before that."""

from datetime import timedelta

import httpx
import pytest

from adapters.nango.budget import Share
from adapters.nango.calls import Bucket, Call
from domain.errors import UpstreamUnavailable
from tests.adapters.nango.stub import CALLBACK, GET, Nango, rate_limited


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
