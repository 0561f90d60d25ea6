"""Every recorded refusal that login can meet, and what the adapter makes of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.nango.client import NangoClient
from domain.errors import (
    ConnectionBroken,
    ConnectionNotFound,
    DomainError,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from tests.adapters.nango import recorded
from tests.adapters.nango.replaying import THEN, assign, behind, client_for, delete, of_end_user, read, start

# Pieces of every token and key in the recorded bodies.
SECRETS = ("gho_", "ghu_", "ghr_", "ghs_", "eyJ", "nango_connect_session_", recorded.SECRET_KEY, "credentials_iv")

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
