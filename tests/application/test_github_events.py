"""What GitHub says, wrapped or bare: a revoked authorization has the sender's login connection looked at."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.connection import ConnectionState
from domain.delivery import DeliveryState, Json
from domain.user import GitHubId
from tests.adapters.nango import recorded
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fakes.nango.model import FakeConnection

MINUTE = timedelta(minutes=1)
[RECORDED] = recorded.load("g08_app_receives")
[WRAPPED_RECORDING] = recorded.load("g01_app_receives")
HEADERS: dict[str, str] = RECORDED["headers"]


def revoked_by(sender: Json) -> dict[str, Json]:
    """Return what was recorded, from another sender."""
    body: dict[str, Any] = json.loads(RECORDED["raw_body"])
    assert body["action"] == "revoked"
    return {**body, "sender": {**body["sender"], "id": sender}}


def wrapped(payload: Json) -> dict[str, Json]:
    """Put an event into the envelope that was recorded for another one."""
    envelope: dict[str, Json] = json.loads(WRAPPED_RECORDING["raw_body"])
    assert set(envelope) == {"connectionId", "from", "payload", "providerConfigKey", "type"}
    return {**envelope, "payload": payload}


def bare(payload: Json) -> Json:
    return payload


@pytest.fixture
async def connection(house: House) -> FakeConnection:
    """Return the login connection of somebody who has just revoked the authorization."""
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.is_revoked = True
    house.clock.advance(MINUTE)
    return connection


@pytest.mark.parametrize("envelope", [wrapped, bare])
@pytest.mark.parametrize("header", ["x-github-event", "X-GitHub-Event"])
async def test_a_revoked_authorization_is_seen_at_once(
    house: House, connection: FakeConnection, envelope: Callable[[Json], Json], header: str
) -> None:
    processed = await house.hear(envelope(revoked_by(int(ADA.id))), {header: HEADERS["x-github-event"]})

    assert processed is not None
    assert (processed.state, processed.note) == (DeliveryState.DONE, "the connection was read back")
    [row] = house.connections
    assert (row.id, row.state) == (connection.id, ConnectionState.BROKEN)


async def test_a_forged_one_breaks_nothing(house: House) -> None:
    await house.sign_in(ADA)
    house.clock.advance(MINUTE)

    await house.hear(revoked_by(int(ADA.id)), HEADERS)

    [row] = house.connections
    assert row.state is ConnectionState.LIVE


async def test_nobody_elses_connection_is_looked_at(house: House, connection: FakeConnection) -> None:
    await house.sign_in(GRACE)
    house.clock.advance(MINUTE)
    reads = house.nango.calls["read"]

    await house.hear(revoked_by(int(GRACE.id)), HEADERS)

    assert house.nango.calls["read"] == reads + 1
    assert {row.id: row.state for row in house.connections}[connection.id] is ConnectionState.LIVE


async def test_a_flood_of_them_costs_one_reading_in_half_a_minute(house: House, connection: FakeConnection) -> None:
    reads = house.nango.calls["read"]

    for number in range(20):
        await house.hear({**revoked_by(int(ADA.id)), "forged": number}, HEADERS)
    during = house.nango.calls["read"]
    house.clock.advance(MINUTE)
    while await house.work():
        pass

    assert connection.is_revoked
    assert (during, house.nango.calls["read"]) == (reads + 1, reads + 2)


async def test_true_is_nobodys_number(house: House) -> None:
    await house.sign_in(replace(ADA, id=GitHubId(1)))
    house.clock.advance(MINUTE)

    processed = await house.hear(revoked_by(sender=True), HEADERS)

    assert processed is not None
    assert processed.state is DeliveryState.IGNORED


@pytest.mark.parametrize("sender", [None, "1815", 1815.5, 10**30, {"id": 1815}, 4711], ids=repr)
async def test_one_that_names_nobody_here_leads_nowhere(house: House, connection: FakeConnection, sender: Json) -> None:
    calls = house.nango.calls.copy()

    processed = await house.hear(revoked_by(sender), HEADERS)

    assert connection.is_revoked
    assert processed is not None
    assert processed.state is DeliveryState.IGNORED
    assert house.nango.calls == calls


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (revoked_by(int(ADA.id)), "ping"),
        (revoked_by(int(ADA.id)) | {"action": "created"}, "github_app_authorization"),
        (wrapped(None), "github_app_authorization"),
        (wrapped([revoked_by(int(ADA.id))]), "github_app_authorization"),
        (json.loads(WRAPPED_RECORDING["raw_body"]), WRAPPED_RECORDING["headers"]["x-github-event"]),
    ],
    ids=["another event", "another action", "no payload", "a list", "an installation is deleted"],
)
async def test_any_other_event_leads_nowhere(house: House, connection: FakeConnection, body: Json, event: str) -> None:
    processed = await house.hear(body, {"x-github-event": event})

    assert connection.is_revoked
    assert processed is not None
    assert processed.state is DeliveryState.IGNORED


async def test_an_envelope_without_the_header_leads_nowhere(house: House, connection: FakeConnection) -> None:
    processed = await house.hear(wrapped(revoked_by(int(ADA.id))))

    assert connection.is_revoked
    assert processed is not None
    assert processed.state is DeliveryState.IGNORED
