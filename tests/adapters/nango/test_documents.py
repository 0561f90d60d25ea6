"""Documents that are odd, and what is made of them."""

from typing import Any

import httpx
import msgspec
import pytest

from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.documents import Connection, ConnectSessionAnswer, Refusal
from adapters.nango.github_accounts import NangoGitHubAccounts
from domain.connection import ConnectionId, ConnectionKind, ListedConnection, ProviderConnection
from domain.errors import UpstreamUnavailable
from domain.user import GitHubAccount
from tests.adapters.nango import recorded

ID = ConnectionId("23f6b356-8ab2-46c4-a25e-a8e4fa14ff53")


def client(document: Any) -> NangoClient:  # noqa: ANN401 - as JSON is
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=document))
    return NangoClient(http=transport, host="http://nango.test", secret_key="key", budget=CallBudget())


async def read(**changes: Any) -> ProviderConnection:  # noqa: ANN401 - as JSON is
    document = recorded.body("b05_get_connection") | changes
    return await NangoConnections(client(document), "github", Share.FINISH).read(ID)


async def read_link(**changes: Any) -> ProviderConnection:  # noqa: ANN401 - as JSON is
    """Read it as one of the repository integration."""
    document = recorded.body("b05_get_connection") | changes
    port = NangoConnections(client(document), "github", Share.FINISH, kind=ConnectionKind.REPOSITORY)
    return await port.read(ID)


async def behind(**changes: Any) -> GitHubAccount:  # noqa: ANN401 - as JSON is
    document = recorded.body("i01_proxy_user") | changes
    return await NangoGitHubAccounts(client(document), "github", Share.FINISH).behind(ID)


@pytest.mark.parametrize(
    ("override", "seen"), [({"client_id": "x", "client_secret": "y"}, True), ({}, True), ("x", True), (None, False)]
)
async def test_a_strangers_oauth_client_is_seen(override: object, *, seen: bool) -> None:
    credentials = {"type": "OAUTH2", "access_token": "gho_x", "config_override": override}

    assert (await read(credentials=credentials)).has_client_override is seen


async def test_the_keys_of_the_configuration_are_seen_whatever_their_values() -> None:
    document = await read(connection_config={"handle": "octo-a", "installation_id": 5001, "x": {"y": [None]}})

    assert document.config_keys == {"handle", "installation_id", "x"}
    assert (await read(connection_config=None)).config_keys == frozenset()


@pytest.mark.parametrize("installation_id", [5001, "5001"])
async def test_an_installation_is_named_by_a_number_or_a_text(installation_id: object) -> None:
    document = await read_link(connection_config={"installation_id": installation_id, "userCredentials": {}})

    assert (document.kind, document.claims) == (ConnectionKind.REPOSITORY, 5001)
    assert document.proof_objection("github") is None


@pytest.mark.parametrize("config", [{}, {"handle": "octo-a", "pending": True}, {"installation_id": None}, None])
async def test_a_connection_without_an_installation_claims_none(config: object) -> None:
    document = await read_link(connection_config=config)

    assert document.claims is None
    assert document.proof_objection("github") is None


@pytest.mark.parametrize(
    "installation_id",
    [
        *("", "0", "-1", "05001", "5001 ", "5001/access_tokens?", "..%2Finstallations%2F5001", "\u0665", "9" * 19),
        *(0, -1, 5001.5, True, False, 10**30, [], ["5001"], {}, {"id": 5001}),
    ],
)
async def test_an_installation_that_cannot_be_read_is_objected_to(installation_id: object) -> None:
    """Nango can use some of these, so such a connection must not pass for a person's own."""
    document = await read_link(connection_config={"installation_id": installation_id})

    assert document.claims is None
    assert document.proof_objection("github") == "its configuration has settings that we did not make"


@pytest.mark.parametrize(
    "changes",
    [{"credentials": None}, {"created_at": "2026-11-21T05:49:29"}, {"end_user": "u1"}, {"connection_id": "other"}],
)
async def test_a_connection_that_cannot_be_judged_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(UpstreamUnavailable):
        await read(**changes)


async def listed(**changes: Any) -> tuple[ListedConnection, ...]:  # noqa: ANN401 - as JSON is
    document = recorded.body("h10_list_limit1")
    document["connections"][0] |= changes
    return tuple((await NangoConnections(client(document), "github", Share.FINISH).list_page(0)).connections)


async def test_only_errors_of_its_authorisation_make_a_listed_connection_broken() -> None:
    errors = recorded.body("k05_list_errors")["connections"][0]["errors"]

    assert [one.has_errors for one in await listed(errors=errors)] == [True]
    assert [one.has_errors for one in await listed(errors=[{"type": "sync", "log_id": "1"}])] == [False]


async def test_what_is_listed_of_another_integration_is_not_ours() -> None:
    assert await listed(provider_config_key="github-app-oauth") == ()


@pytest.mark.parametrize("changes", [{"created": None}, {"created": "2026-11-21T05:49:29"}, {"errors": None}])
async def test_a_list_that_cannot_be_compared_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(UpstreamUnavailable):
        await listed(**changes)


async def test_an_account_without_name_or_address_is_an_account() -> None:
    assert (await behind(email="", name=None)).email is None
    assert (await behind(email="a@b.test")).email == "a@b.test"


@pytest.mark.parametrize("number", [0, -1, "1001", 1.5, True, None])
async def test_an_account_is_its_positive_number(number: object) -> None:
    with pytest.raises(UpstreamUnavailable, match="cannot be understood"):
        await behind(id=number)


@pytest.mark.parametrize("body", [b"", b"\xff", b"<html>", b"[]", b"{" * 2000])
async def test_what_is_no_document_is_refused_as_such(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    nango = NangoClient(http=transport, host="http://nango.test", secret_key="key", budget=CallBudget())

    with pytest.raises(UpstreamUnavailable, match="cannot be understood"):
        await NangoGitHubAccounts(nango, "github", Share.FINISH).behind(ID)


@pytest.mark.parametrize("error", ["text", None, {}, {"code": 5}, {"code": "x" * 65}, {"code": "A secret?"}])
async def test_an_odd_refusal_is_unavailable_and_not_repeated_in_words(error: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(418, json={"error": error}))
    nango = NangoClient(http=transport, host="http://nango.test", secret_key="key", budget=CallBudget())

    with pytest.raises(UpstreamUnavailable) as caught:
        await NangoGitHubAccounts(nango, "github", Share.FINISH).behind(ID)
    assert "418" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("a01_sessions_end_user", ConnectSessionAnswer),
        ("b05_get_connection", Connection),
        ("p04_proxy_refresh_fails", Refusal),
    ],
)
def test_documents_with_secrets_do_not_print(
    file: str, kind: type[ConnectSessionAnswer | Connection | Refusal]
) -> None:
    printed = repr(msgspec.json.decode(recorded.answer(file).content, type=kind))

    assert not any(secret in printed for secret in ("gho_", "ghu_", "nango_connect_session_", "credentials_iv"))
