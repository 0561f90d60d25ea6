"""Nango's syncs are told what to do as recorded; whatever was recorded of refusals has its meaning."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpx
import pytest

from adapters.nango.budget import Share
from adapters.nango.calls import Outcome
from adapters.nango.sync_control import NangoSyncControl
from domain.connection import ConnectionId
from domain.errors import (
    ConnectionNotFound,
    DomainError,
    NoSuchSyncs,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from tests.adapters.nango import recorded
from tests.adapters.nango.stub import Nango, Reply
from tests.contract.connecting import a_repository

CONNECTION = ConnectionId("7367b89f-2321-49c1-9bd3-d7ed2828bdea")
NAMES = ["github-repos"]


def control(replies: Iterable[Reply]) -> tuple[NangoSyncControl, Nango]:
    nango = Nango(replies)
    return NangoSyncControl(client=nango.client(), integration="github-app-oauth"), nango


def sent_of(nango: Nango) -> list[tuple[str, str, Any]]:
    return [(request.method, request.url.path, json.loads(request.content)) for request in nango.requests]


def recorded_request(name: str) -> Any:  # noqa: ANN401 - as JSON is
    return json.loads(recorded.load(name)["request"]["body"])


async def test_a_sync_is_triggered_as_recorded_also_anew() -> None:
    port, nango = control([recorded.answer("j_20_trigger"), recorded.answer("j_20_trigger_opts")])

    await port.trigger(CONNECTION, NAMES)
    await port.trigger(CONNECTION, NAMES, anew=True)

    assert sent_of(nango) == [
        ("POST", "/sync/trigger", recorded_request("j_20_trigger")),
        ("POST", "/sync/trigger", recorded_request("j_20_trigger_opts")),
    ]


async def test_repositories_are_told_in_the_connections_metadata() -> None:
    port, nango = control([recorded.answer("h08_metadata_patch")])

    await port.tell_repositories(CONNECTION, [a_repository(1, "app"), a_repository(2, "site", "globex")])

    [(method, path, body)] = sent_of(nango)
    assert (method, path) == ("PATCH", "/connections/metadata")
    assert body == {
        "connection_id": CONNECTION,
        "provider_config_key": "github-app-oauth",
        "metadata": {
            "repositories": [
                {"owner": "acme", "repo": "app", "name": "app"},
                {"owner": "globex", "repo": "site", "name": "site"},
            ]
        },
    }
    assert body.keys() == recorded_request("h08_metadata_patch").keys()


async def test_a_start_names_the_syncs_and_the_connection() -> None:
    port, nango = control([httpx.Response(200, json={"success": True})])

    await port.start(CONNECTION, NAMES)

    assert sent_of(nango) == [("POST", "/sync/start", recorded_request("j_20_trigger"))]


CALLS: list[Callable[[NangoSyncControl], Awaitable[None]]] = [
    lambda port: port.trigger(CONNECTION, NAMES),
    lambda port: port.start(CONNECTION, NAMES),
    lambda port: port.tell_repositories(CONNECTION, []),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("file", "error", "words"),
    [
        ("j_20_trigger_unknown_sync", NoSuchSyncs, "SYNC_NAMES"),
        ("j_20_trigger_no_conn_all", NoSuchSyncs, "SYNC_SOURCE=proxy"),
        ("j_20_trigger_unknown_conn", ConnectionNotFound, "no such connection"),
        ("j_20_trigger_unknown_integration", UpstreamMisconfigured, "NANGO_REPOSITORY_INTEGRATION"),
        ("j_20_trigger_no_pck", UpstreamUnavailable, "400"),
        ("a04_sessions_wrong_key_uuid", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    ],
)
async def test_a_recorded_refusal_has_its_meaning(
    call: Callable[[NangoSyncControl], Awaitable[None]], file: str, error: type[DomainError], words: str
) -> None:
    port, _ = control([recorded.answer(file)])

    with pytest.raises(error, match=words) as caught:
        await call(port)

    assert CONNECTION not in str(caught.value)


async def test_each_call_is_counted_in_the_share() -> None:
    nango, observed = Nango([recorded.answer("j_20_trigger")]), list[tuple[Share, Outcome]]()
    client = nango.client(lambda share, outcome: observed.append((share, outcome)))

    await NangoSyncControl(client=client, integration="x", share=Share.READ).trigger(CONNECTION, NAMES)

    assert observed == [(Share.READ, Outcome.ANSWERED)]
