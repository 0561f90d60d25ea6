"""A flood of forged hints, signed as Nango signs what strangers post to it, starves nobody."""

import asyncio
import math
import statistics
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Final

import httpx
import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.outcomes import assert_signed_in
from tests.torture.deliveries import auth_webhook, signed

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

CALLS_PER_MINUTE: Final = 200
HINTS_SHARE: Final = 0.25
# The session, the browser's step at Nango's, the callback, the list, the connection, the person.
CALLS_OF_A_SIGN_IN: Final = 6
AT_ONCE: Final = 32


@pytest.fixture
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("flood")
    settings = {"NANGO_CALLS_PER_MINUTE": str(CALLS_PER_MINUTE), "LOG_LEVEL": "WARNING"}
    with deployed(postgres_server, folder, **settings) as deployment:
        yield deployment


def sign_somebody_in(latchkey: Deployment) -> float:
    """Sign in a person; tell how many seconds that took."""
    person, browser = latchkey.sandbox.newcomer(), latchkey.browser()
    began = time.monotonic()
    browser.sign_in(person.login)
    took = time.monotonic() - began
    assert_signed_in(browser, person)
    return took


async def flood(address: str, victims: list[tuple[str, str]], count: int) -> int:
    """Send so many hints, no two alike; tell how many were taken."""
    numbers, targets, taken = iter(range(count)), cycle(victims), 0
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as http:

        async def work() -> None:
            nonlocal taken
            for number in numbers:
                connection_id, end_user_id = next(targets)
                body = {**auth_webhook(connection_id, end_user_id), "operation": "refresh", "number": number}
                raw, headers = signed(body)
                answer = await http.post("/api/webhooks/nango", content=raw, headers=headers)
                taken += answer.is_success

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work())
    return taken


def test_sign_ins_go_on_and_hints_spend_no_more_than_their_share(latchkey: Deployment, *, is_full: bool) -> None:
    count, sign_ins = (10_000, 20) if is_full else (300, 3)
    before = [sign_somebody_in(latchkey) for _ in range(2)]
    rows = latchkey.rows.read("SELECT id, user_id FROM connections")
    latchkey.rows.change("UPDATE connections SET checked_at = checked_at - interval '1 hour'")
    victims = [(str(row["id"]), str(row["user_id"])) for row in rows] + [("unknown", str(rows[0]["user_id"]))]
    latchkey.tap.clear()
    began = time.monotonic()

    with ThreadPoolExecutor() as threads:
        flooding = threads.submit(asyncio.run, flood(latchkey.address, victims, count))
        during = [sign_somebody_in(latchkey) for _ in range(sign_ins)]
        assert flooding.result() == count

    minutes = math.ceil((time.monotonic() - began) / 60) + 1
    hinted = len(latchkey.tap.asked) - sign_ins * CALLS_OF_A_SIGN_IN
    assert hinted <= CALLS_PER_MINUTE * HINTS_SHARE * minutes
    if is_full:
        usual, then = statistics.median(before), statistics.median(during)
        print(  # noqa: T201 - `make torture` shows it
            f"{count} forged hints spent {hinted} calls in {minutes} minutes at most; "
            f"a sign-in took {usual:.2f} s before, {then:.2f} s (at most {max(during):.2f} s) meanwhile"
        )
