"""All webhooks of many sign-ins and refreshes are lost, and one reconcile makes up for it."""

import math
from collections.abc import Generator
from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.torture.outage import play

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

# What is left for reconcile when nobody else asks.
SHARE: Final = 0.25


@pytest.fixture
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("outage")
    with deployed(postgres_server, folder, LOGIN_BINDING="cookie", LOG_LEVEL="WARNING") as deployment:
        yield deployment


def test_one_reconcile_ends_where_the_lost_webhooks_would_have(latchkey: Deployment, *, is_full: bool) -> None:
    size, calls_per_minute = (200, 1000) if is_full else (5, 200)
    usual = play(latchkey, size)

    healed = play(latchkey, size, calls_per_minute=calls_per_minute)

    assert healed.rows == usual.rows
    minutes = math.floor(healed.seconds / 60) + 1
    assert healed.calls <= calls_per_minute * SHARE * minutes
    if is_full:
        print(  # noqa: T201 - `make torture` shows it
            f"{size} sign-ins and {size // 4} refreshes without webhooks: one reconcile made {healed.calls} calls in "
            f"{healed.seconds:.0f} s, of {calls_per_minute} a minute"
        )
