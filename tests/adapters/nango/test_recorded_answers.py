"""The other recorded answers of a login, and what the adapter makes of them."""

from datetime import UTC, datetime

import httpx
import pytest

from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import Share
from adapters.nango.connections import NangoConnections
from domain.connection import ConnectionId, EndUserId
from domain.errors import UpstreamMisconfigured, UpstreamUnavailable
from domain.secret import Secret
from tests.adapters.nango import recorded
from tests.adapters.nango.replaying import RECORDED_CALLBACK, assign, client_for, delete, finish, start


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


@pytest.mark.parametrize("status", [401, 404, 414, 431])
async def test_any_refusal_of_the_callback_made_no_connection(status: int) -> None:
    assert not await finish(client_for(httpx.Response(status)))


@pytest.mark.parametrize("status", [302, 408, 429, 500, 502, 503])
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
