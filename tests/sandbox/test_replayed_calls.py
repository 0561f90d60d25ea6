"""Every recorded call gets the recorded answer: status, header names, and body but for ids, tokens and times."""

from typing import Any

import pytest

from entrypoints.sandbox.wire import Json
from tests.sandbox import app_replays, record_scenes, scenes
from tests.sandbox.recorded import assert_contains, masked, recorded_call
from tests.sandbox.scenes import Scene, after, has_login, has_session
from tests.sandbox.stage import Stage, end_user, parsed

B01 = "34bf8960957b15b10143b86c4ce0fc9e48fcf41d9aa65041e1046c28f42faf54"
B13 = "6435458c325e1ff30d363d3f618fefcd47686e5846a4341bd8ab31015adef491"
B17 = "4fe78942185665787f115e202c98fce60643b570765b4fce723ded09d381155d"
M04 = "e14588348c8ad66110bb6552ac6e62f25b43985a156ddc08e575d42652b58b7f"
M05 = "ffe027e6da5b58d9c603c391a7614ec20d2c9d80832afd3b443e337e750887bb"
H20 = "cd048524c3d1803773e0a6188740a81baacbb7318092dd49b5a2ed86ba94dd1a"

new = has_login(scenes.CHANGED, end_user("first"))
deleted = after(scenes.reconnect_begun, "h26_delete")

CALLS: dict[str, Scene] = {
    **app_replays.CALLS,
    **record_scenes.CALLS,
    "00_list_integrations": scenes.nothing,
    **dict.fromkeys(
        [
            "a01_sessions_end_user",
            "a02_sessions_tags_only",
            "a03_sessions_end_user_plus_tags",
            "a04_sessions_wrong_key_uuid",
            "a05_sessions_wrong_key_malformed",
            "a06_sessions_no_auth",
            "a07_sessions_unknown_integration",
            "a08_sessions_unknown_field",
            "a09_sessions_empty_body",
            "a10_sessions_bad_email",
            "a11_sessions_no_allowed",
            "a12_sessions_empty_allowed",
            "a13_sessions_invalid_json",
            "a14_sessions_wrong_content_type",
            "a15_sessions_query_param",
            "a16_sessions_tag_key_bad",
            "a17_sessions_tag_11",
            "a18_sessions_tag_nonstring",
            "a19_sessions_end_user_tags",
            "a20_sessions_webhook_override",
            "a21_sessions_bearer_lower",
            "a22_sessions_null_email",
            "b14_bad_session_token",
            "e08_callback_no_state",
            "g12_bad_signature",
            "g13_bad_signature_len",
            "g15_forged_auth_via_ingress",
            "g17_ingress_github_oauth2_integration",
            "g18_bad_env",
            "g18_unknown_env",
            "g18_unknown_integration",
            "m05_session",
            "o01_public_key_no_session_existing_connection_id",
            "o03_import_connection",
        ],
        scenes.nothing,
    ),
    "b01_get_connect_session": has_session(B01),
    "b02_integrations_with_session": has_session(B01),
    "b05_get_connection": has_login("23f6b356-8ab2-46c4-a25e-a8e4fa14ff53"),
    "b08_get_connection_tags_only": has_login("8bdc9305-845d-44f2-9298-9349b01a9ec8", scenes.TAGS_ONLY),
    "b09_get_connection_full": has_login("65b02fa6-446c-4156-9a9b-3613c01902cd", scenes.FULL_BODY),
    "b13_not_allowed": has_session(B13),
    "b17_connection_id_with_session": has_session(B17),
    "b18_delete_session": has_session(B17),
    "b18_get_deleted_session": has_session(B17, ending="deleted"),
    "h01_patch_end_user": new,
    "h01_get": after(new, "h01_patch_end_user"),
    "h02_patch_tags": new,
    "h02_get": after(new, "h01_patch_end_user", "h02_patch_tags"),
    "h03_patch_end_user_and_tags": new,
    "h03_get": after(new, "h02_patch_tags", "h03_patch_end_user_and_tags"),
    "h04_patch_tags_empty": new,
    "h04_patch_empty_body": new,
    "h04_get": after(new, "h03_patch_end_user_and_tags", "h04_patch_tags_empty", "h04_patch_empty_body"),
    "h05_patch_end_user_null": new,
    "h05_patch_organization": new,
    "h05_patch_unknown_field": new,
    "h06_patch_no_pck": new,
    "h06_patch_unknown_connection": new,
    "h06_patch_unknown_integration": new,
    "h07_get_missing_pck": new,
    "h07_get_unknown_connection": new,
    "h07_get_unknown_integration": new,
    "h08_metadata_post": new,
    "h08_metadata_patch": after(new, "h08_metadata_post"),
    "h08_get": after(
        new, "h03_patch_end_user_and_tags", "h04_patch_tags_empty", "h08_metadata_post", "h08_metadata_patch"
    ),
    "h09_other_connection_same_end_user_after_patch": has_login(
        "ee7f468e-50db-40ce-b706-746de2fa6877", end_user("same")
    ),
    **dict.fromkeys(
        [
            "h10_list_all",
            "h10_list_badparam",
            "h10_list_connectionId",
            "h10_list_endUserId",
            "h10_list_integrationId",
            "h10_list_integrationIds2",
            "h10_list_limit0",
            "h10_list_limit1",
            "h10_list_limit1_page1",
            "h10_list_limit5000",
            "h10_list_org",
            "h10_list_page_beyond",
            "h10_list_page_only",
            "h10_list_search",
            "h10_list_tags",
            "h10_list_tags2",
            "h10_list_unknown_integration",
        ],
        scenes.all_listed,
    ),
    "h20_reconnect_session": scenes.reconnect_begun,
    "h20_get_session": scenes.reconnect_begun,
    "h22_reconnect_unknown": scenes.nothing,
    "h23_reconnect_other_end_user": scenes.reconnect_begun,
    "h23_get": scenes.reconnected_by_somebody_else,
    "h24_get": scenes.reconnected_by_somebody_else,
    "h26_delete": scenes.reconnect_begun,
    "h26_delete_no_pck": scenes.reconnect_begun,
    "h26_delete_unknown_integration": scenes.reconnect_begun,
    "h26_reconnect_deleted": deleted,
    "h27_reconnect_after_delete_flow": deleted,
    **dict.fromkeys(
        [
            "i04_missing_connection",
            "i04_missing_headers",
            "i05_connection_other_integration",
            "i05_unknown_connection",
            "i05_unknown_integration",
            "i06_bad_retries",
            "i07_upstream_204",
            "i07_upstream_304",
            "i07_upstream_401",
            "i07_upstream_403",
            "i07_upstream_404",
            "i07_upstream_422",
            "i07_upstream_429",
            "i07_upstream_500",
            "i07_upstream_502",
            "i07_upstream_503",
            "i11_retry_404_retries2",
            "i14_encoded_path",
        ],
        has_login(scenes.PROXIED),
    ),
    **dict.fromkeys(
        [
            "i08_error_content_length",
            "i09_app_proxy_user",
            "i09_app_user_installations",
            "i10_template2",
            "i10_template_in_header",
        ],
        scenes.app_connection,
    ),
    "l10_rate_limited": scenes.used_up(),
    "l10_rate_limited_connect_session": scenes.used_up(),
    "l10_rate_limited_proxy": scenes.used_up(),
    "l11_invalid_key_during_rl": scenes.used_up(),
    "l12_browser_connect_route_during_rl": scenes.used_up(),
    "m04_delete_session": has_session(M04),
    "m05_connect_expired": has_session(M05, ending="expired"),
    "m05_get_expired": has_session(M05, ending="expired"),
    "p01_get": scenes.expiring,
    "p02_force_refresh": scenes.expiring,
    "p03_force_refresh_bad": scenes.expiring_and_refreshed,
    "p03_get_cooldown": after(scenes.expiring_and_refreshed, "p03_force_refresh_bad"),
    "p03_proxy_cooldown": after(scenes.expiring_and_refreshed, "p03_force_refresh_bad"),
    "p04_proxy_refresh_fails": scenes.failing,
    "p04_proxy_refresh_fails_again": after(scenes.failing, "p04_proxy_refresh_fails"),
    "p04_proxy_after_cooldown": scenes.failing_for_half_a_minute,
    "p04_get": after(scenes.failing, "p04_proxy_refresh_fails"),
    "q02_after_patch_org": scenes.patched_without_organization,
}

# Answers of GitHub itself, whose real documents have more fields than the recorded imitation's.
GITHUB_DOCUMENTS: dict[str, Scene] = {
    **app_replays.GITHUB_DOCUMENTS,
    "h23_user": scenes.reconnected_by_somebody_else,
    "i01_proxy_user": has_login(scenes.PROXIED),
    "i07_upstream_302": has_login(scenes.PROXIED),
    "i08_app_repos_chunked": scenes.app_connection,
    "i08_app_repos_content_length": scenes.app_connection_unchunked,
    "i10_override_auth_with_nango_proxy_authorization": scenes.app_connection,
    "i10_user_installations_with_user_token": scenes.app_connection,
    "i13_base_url_override": has_login(scenes.PROXIED),
    "p01_user_installations": scenes.expiring,
}

ECHOES = ["i02_proxy_headers_forwarding", "i03_proxy_post_json", "i15_nonjson_ct"]

TRANSPORT = {"transfer-encoding", "date"}


@pytest.mark.parametrize("name", CALLS)
async def test_a_recorded_call_is_answered_as_recorded(stage: Stage, name: str) -> None:
    call = recorded_call(name)
    await CALLS[name](stage)

    answer = await stage.send(call)

    assert answer.status_code == call.status, answer.text
    assert parsed_or_text(masked(answer.text)) == parsed_or_text(masked(call.answer))
    assert header_names(dict(answer.headers)) == header_names(call.answer_headers)


@pytest.mark.parametrize("name", GITHUB_DOCUMENTS)
async def test_a_github_document_has_all_that_was_recorded(stage: Stage, name: str) -> None:
    call = recorded_call(name)
    await GITHUB_DOCUMENTS[name](stage)

    answer = await stage.send(call)

    assert answer.status_code == call.status, answer.text
    assert_contains(parsed(call.answer), answer.json())
    scopes = {"x-oauth-scopes", "x-accepted-oauth-scopes"}
    assert header_names(dict(answer.headers)) - scopes == header_names(call.answer_headers) - scopes


@pytest.mark.parametrize("name", ECHOES)
async def test_only_what_was_recorded_goes_upstream(stage: Stage, name: str) -> None:
    call = recorded_call(name)
    await has_login(scenes.PROXIED)(stage)

    answer = await stage.send(call)

    seen, recorded = echo_of(answer.text), echo_of(call.answer)
    assert seen == recorded


def echo_of(text: str) -> Json:
    """Read what GitHub saw, without the recorded server's tracing and GitHub's own address."""
    echo: Any = parsed_or_text(masked(text))
    tracing = ("x-datadog-", "trace", "host")
    headers = {name: value for name, value in echo["headers"].items() if not name.startswith(tracing)}
    return {**echo, "headers": headers}


def parsed_or_text(text: str) -> Json:
    return parsed(text) if text.startswith(("{", "[")) else text


def header_names(headers: dict[str, str]) -> set[str]:
    return {name.lower() for name in headers} - TRANSPORT
