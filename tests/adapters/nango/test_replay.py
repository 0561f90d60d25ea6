"""Every recorded answer that login can meet, and what the adapter makes of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from adapters.nango.transport import open_http
from domain.connection import ConnectionId, EndUserId
from domain.errors import (
    ConnectionBroken,
    ConnectionNotFound,
    DomainError,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from domain.login import PendingAuthorization, ProviderAnswer
from domain.secret import Secret
from domain.user import UserId
from tests.adapters.nango import recorded

RECORDED_CALLBACK = "http://127.0.0.1:3003/oauth/callback"
PENDING = PendingAuthorization(state="517ccce0-e56f-11f1-9427-9729ced426d7", cookie=None)
USER = UserId(UUID("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0002"))
# The second in which i07 was recorded.
THEN = 1795240899.0
# Pieces of every token and key in the recorded bodies.
SECRETS = ("gho_", "ghu_", "ghr_", "ghs_", "eyJ", "nango_connect_session_", recorded.SECRET_KEY, "credentials_iv")


def client_for(*answers: httpx.Response) -> NangoClient:
    waiting = iter(answers)

    async def at_once(_seconds: float) -> None:
        return

    return NangoClient(
        http=open_http("http://nango.test", httpx.MockTransport(lambda _: next(waiting))),
        secret_key=recorded.SECRET_KEY,
        budget=CallBudget(),
        sleep=at_once,
        now=lambda: THEN,
    )


def start(client: NangoClient) -> Awaitable[object]:
    return NangoAuthorizations(client, "github", RECORDED_CALLBACK, Share.START).start(EndUserId("u1"), Secret("ours"))


def finish(client: NangoClient) -> Awaitable[object]:
    port = NangoAuthorizations(client, "github", RECORDED_CALLBACK, Share.FINISH)
    return port.finish(PENDING, ProviderAnswer(code="code_5bec51c20ae1e43fe3b32aa5"))


def read(client: NangoClient, connection_id: str = "nope") -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).read(ConnectionId(connection_id))


def of_end_user(client: NangoClient, end_user_id: str = "u1") -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).of_end_user(EndUserId(end_user_id))


def assign(client: NangoClient) -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).assign(ConnectionId("nope"), USER)


def delete(client: NangoClient) -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).delete(ConnectionId("nope"))


def behind(client: NangoClient) -> Awaitable[object]:
    return NangoGitHubAccounts(client, "github", Share.FINISH).behind(ConnectionId("nope"))


REFUSALS: list[tuple[Callable[[NangoClient], Awaitable[object]], str, type[DomainError], str]] = [
    (start, "a04_sessions_wrong_key_uuid", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    (start, "a05_sessions_wrong_key_malformed", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    (start, "a06_sessions_no_auth", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    (start, "a21_sessions_bearer_lower", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    (start, "a07_sessions_unknown_integration", UpstreamMisconfigured, "NANGO_LOGIN_INTEGRATION"),
    (start, "a08_sessions_unknown_field", UpstreamUnavailable, "400 (invalid_body)"),
    (start, "a13_sessions_invalid_json", UpstreamUnavailable, "400 (invalid_json)"),
    (start, "a14_sessions_wrong_content_type", UpstreamUnavailable, "415 (invalid_content_type)"),
    (start, "a15_sessions_query_param", UpstreamUnavailable, "400 (invalid_query_params)"),
    (start, "l10_rate_limited_connect_session", UpstreamUnavailable, "too many calls"),
    (read, "h07_get_unknown_connection", ConnectionNotFound, "no such connection"),
    (read, "h07_get_unknown_integration", UpstreamMisconfigured, "NANGO_LOGIN_INTEGRATION"),
    (read, "h07_get_missing_pck", UpstreamUnavailable, "400 (invalid_query_params)"),
    (read, "k03_force_refresh_suspended", ConnectionBroken, "500 (invalid_credentials)"),
    (read, "k04_get_within_cooldown", ConnectionBroken, "424 (invalid_credentials)"),
    (read, "p03_force_refresh_bad", ConnectionBroken, "500 (invalid_credentials)"),
    (read, "p03_get_cooldown", ConnectionBroken, "424 (invalid_credentials)"),
    (read, "p04_get", ConnectionBroken, "424 (invalid_credentials)"),
    (read, "b05_get_connection", UpstreamUnavailable, "another connection"),
    (read, "l11_invalid_key_during_rl", UpstreamMisconfigured, "NANGO_SECRET_KEY"),
    (of_end_user, "l10_rate_limited", UpstreamUnavailable, "too many calls"),
    (of_end_user, "h10_list_limit0", UpstreamUnavailable, "400 (invalid_query_params)"),
    (of_end_user, "h10_list_badparam", UpstreamUnavailable, "400 (invalid_query_params)"),
    (assign, "h06_patch_unknown_connection", ConnectionNotFound, "no such connection"),
    (assign, "h06_patch_unknown_integration", UpstreamMisconfigured, "NANGO_LOGIN_INTEGRATION"),
    (assign, "h06_patch_no_pck", UpstreamUnavailable, "400 (invalid_query_params)"),
    (assign, "h05_patch_end_user_null", UpstreamUnavailable, "400 (invalid_body)"),
    (delete, "h26_delete_no_pck", UpstreamUnavailable, "400 (invalid_query_params)"),
    (behind, "i04_missing_headers", UpstreamUnavailable, "400 (invalid_headers)"),
    (behind, "i04_missing_connection", UpstreamUnavailable, "400 (invalid_headers)"),
    (behind, "i05_unknown_connection", ConnectionNotFound, "no such connection"),
    (behind, "i05_connection_other_integration", ConnectionNotFound, "no such connection"),
    (behind, "i05_unknown_integration", UpstreamMisconfigured, "NANGO_LOGIN_INTEGRATION"),
    (behind, "i07_upstream_401", ConnectionBroken, "GitHub refused with 401"),
    (behind, "i07_upstream_403", UpstreamUnavailable, "GitHub refused with 403"),
    (behind, "i07_upstream_404", UpstreamUnavailable, "GitHub refused with 404"),
    (behind, "i07_upstream_422", UpstreamUnavailable, "GitHub refused with 422"),
    (behind, "i07_upstream_429", UpstreamUnavailable, "GitHub refused with 429"),
    (behind, "i07_upstream_500", UpstreamUnavailable, "GitHub refused with 500"),
    (behind, "i07_upstream_204", UpstreamUnavailable, "unexpected status 204"),
    (behind, "i11_retry_401_rst4", ConnectionBroken, "GitHub refused with 401"),
    (behind, "k04_proxy_within_cooldown", ConnectionBroken, "424 (connection_refresh_backoff)"),
    (behind, "p03_proxy_cooldown", ConnectionBroken, "424 (connection_refresh_backoff)"),
    (behind, "p04_proxy_refresh_fails", ConnectionBroken, "500 (server_error)"),
    (behind, "p04_proxy_after_cooldown", ConnectionBroken, "500 (server_error)"),
    (behind, "p04_proxy_refresh_fails_again", ConnectionBroken, "424 (connection_refresh_backoff)"),
    (behind, "l10_rate_limited_proxy", UpstreamUnavailable, "too many calls"),
]


@pytest.mark.parametrize(("ask", "file", "error", "words"), REFUSALS, ids=[one[1] for one in REFUSALS])
async def test_a_recorded_refusal_is_told_apart_and_tells_no_secret(
    ask: Callable[[NangoClient], Awaitable[object]], file: str, error: type[DomainError], words: str
) -> None:
    with pytest.raises(DomainError) as caught:
        await ask(client_for(recorded.answer(file)))

    assert type(caught.value) is error
    assert words in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize("file", ["i07_upstream_502", "i07_upstream_503"])
async def test_a_passing_failure_of_github_is_asked_three_times(file: str) -> None:
    with pytest.raises(UpstreamUnavailable, match="GitHub refused with 50"):
        await behind(client_for(*[recorded.answer(file) for _ in range(3)]))

    assert await behind(client_for(recorded.answer(file), recorded.answer("i01_proxy_user")))


@pytest.mark.parametrize(
    ("file", "seconds"),
    [
        ("i07_upstream_403", 60),
        ("i07_upstream_429", 60),
        ("i11_retry_403_ratelimit_rst4", 1795240909 - THEN),
        ("i11_retry_429_rst3", 1795240915 - THEN),
        ("l10_rate_limited_proxy", 58),
    ],
)
async def test_a_rate_limit_says_when_to_come_back(file: str, seconds: float) -> None:
    with pytest.raises(UpstreamUnavailable) as caught:
        await behind(client_for(recorded.answer(file)))

    assert caught.value.retry_after == timedelta(seconds=seconds)


async def test_a_recorded_redirect_becomes_one_with_our_state() -> None:
    client = client_for(recorded.answer("a01_sessions_end_user"), recorded.answer("b03_github_login_flow", 0))

    started = await NangoAuthorizations(client, "github", RECORDED_CALLBACK, Share.START).start(
        EndUserId("u1"), Secret("ours")
    )

    assert started.pending.state == "517ccce0-e56f-11f1-9427-9729ced426d7"
    assert started.pending.cookie == "oauth2-517ccce0-e56f-11f1-9427-9729ced426d7=1"
    assert started.url == (
        recorded.answer("b03_github_login_flow", 0).headers["location"].replace(started.pending.state, "ours")
    )


@pytest.mark.parametrize("file", ["b14_bad_session_token", "b13_not_allowed"])
async def test_a_connect_session_that_is_refused_is_not_the_secret_keys_fault(file: str) -> None:
    with pytest.raises(UpstreamUnavailable) as caught:
        await start(client_for(recorded.answer("a01_sessions_end_user"), recorded.answer(file, 0)))

    assert type(caught.value) is UpstreamUnavailable


async def test_a_callback_that_leads_elsewhere_names_the_setting() -> None:
    client = client_for(recorded.answer("a01_sessions_end_user"), recorded.answer("b03_github_login_flow", 0))

    with pytest.raises(UpstreamMisconfigured, match=r"to https://app\.test/oauth/callback$"):
        await NangoAuthorizations(client, "github", "https://app.test/oauth/callback", Share.START).start(
            EndUserId("u1"), Secret("ours")
        )


@pytest.mark.parametrize(
    ("file", "hop", "made"),
    [
        ("b03_github_login_flow", 2, True),
        ("b09_full_flow", 2, True),
        ("b10_second_login_same_end_user", 2, True),
        ("b16_no_state_cookie", 2, True),
        ("p01_github_login_with_github_app_client", 2, True),
        ("b11_denied", 2, False),
        ("b12_bad_code", 2, False),
        ("b15_state_replay", 0, False),
        ("p05_token_500", 2, False),
    ],
)
async def test_the_callbacks_status_tells_whether_a_connection_was_made(file: str, hop: int, *, made: bool) -> None:
    assert await finish(client_for(recorded.answer(file, hop))) is made


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 502, 503])
async def test_any_other_answer_to_the_callback_leaves_it_open_and_is_not_repeated(status: int) -> None:
    with pytest.raises(UpstreamUnavailable, match=f"unexpected status {status}"):
        await finish(client_for(httpx.Response(status)))


async def test_a_recorded_connection_is_read_without_its_credentials() -> None:
    document = await NangoConnections(client_for(recorded.answer("b05_get_connection")), "github", Share.FINISH).read(
        ConnectionId("23f6b356-8ab2-46c4-a25e-a8e4fa14ff53")
    )

    assert document.objection("github", EndUserId("u1")) is None
    assert document.authorized_at == datetime(2026, 11, 21, 5, 49, 29, 681000, tzinfo=UTC)
    assert "gho_" not in repr(document)


async def test_an_end_user_and_tags_that_disagree_are_both_told() -> None:
    read_back = NangoConnections(client_for(recorded.answer("h02_get")), "github", Share.FINISH)

    document = await read_back.read(ConnectionId("deb7f2a5-edf4-444f-a62a-303ed0b3df91"))

    assert (document.end_user_id, document.tagged_end_user_id) == ("new-id", None)


async def test_a_connection_without_an_end_user_says_so() -> None:
    read_back = NangoConnections(client_for(recorded.answer("b08_get_connection_tags_only")), "github", Share.FINISH)

    document = await read_back.read(ConnectionId("8bdc9305-845d-44f2-9298-9349b01a9ec8"))

    assert (document.end_user_id, document.tagged_end_user_id) == (None, "u2")


async def test_only_connections_of_that_end_user_and_integration_are_listed() -> None:
    listed = await NangoConnections(client_for(recorded.answer("h10_list_all")), "github", Share.FINISH).of_end_user(
        EndUserId("u1")
    )

    expected = [
        one["connection_id"]
        for one in recorded.body("h10_list_all")["connections"]
        if one["provider_config_key"] == "github" and one["end_user"] and one["end_user"]["id"] == "u1"
    ]
    assert list(listed) == expected != []


@pytest.mark.parametrize("file", ["h26_delete", "h26_delete_unknown_integration"])
async def test_deleted_now_or_before_is_deleted(file: str) -> None:
    assert await delete(client_for(recorded.answer(file))) is None


async def test_a_patched_end_user_is_assigned() -> None:
    assert await assign(client_for(recorded.answer("h01_patch_end_user"))) is None
