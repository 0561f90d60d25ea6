"""`i11`, `i12`, `i13_slow`: what takes its time in the proxy."""

import asyncio

import pytest

from tests.sandbox.recorded import recorded_call
from tests.sandbox.scenes import PROXIED
from tests.sandbox.stage import Stage, parsed

WAITS = {"i11_retry_401_rst4": 4, "i11_retry_403_ratelimit_rst4": 4, "i11_retry_429_rst3": 3, "i13_slow": 3}


@pytest.mark.parametrize(("name", "seconds"), WAITS.items())
async def test_a_recorded_wait_is_waited(stage: Stage, name: str, seconds: int) -> None:
    """A retry first sleeps until GitHub's rate limit resets."""
    await stage.log_in(None, PROXIED)
    call = recorded_call(name)
    asking = asyncio.create_task(stage.send(call))

    await stage.clock.advance(seconds - 1)
    assert not asking.done()
    await stage.clock.advance(1)
    await stage.clock.settle()

    assert asking.done()
    answer = asking.result()
    assert (answer.status_code, answer.json()) == (call.status, parsed(call.answer))


async def test_a_retry_can_hang_for_an_hour(stage: Stage) -> None:
    """`i12`: GitHub always names a reset, here an hour ahead, and the call just hangs."""
    await stage.log_in(None, PROXIED)
    headers = {**stage.key, "Connection-Id": stage.same[PROXIED], "Provider-Config-Key": "github", "Retries": "1"}
    asking = asyncio.create_task(stage.http.get("/proxy/status/500", headers=headers))

    await stage.clock.advance(3500)
    assert not asking.done()
    await stage.clock.advance(100)
    await stage.clock.settle()

    assert asking.result().status_code == 500


@pytest.mark.parametrize("path", ["/proxy/repos/o/r/contents/%2e%2e/%2E%2E/.%2e/%2e%2e/user", "/proxy//user"])
async def test_dots_in_a_path_lead_to_another_endpoint(stage: Stage, path: str) -> None:
    await stage.log_in(None, PROXIED)
    headers = {**stage.key, "Connection-Id": stage.same[PROXIED], "Provider-Config-Key": "github"}

    answer = await stage.http.get(path, headers=headers)

    assert answer.json()["login"] == "octo-a"
