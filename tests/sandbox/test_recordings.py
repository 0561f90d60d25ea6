"""No recording is forgotten: each is replayed, or named here with the reason why not."""

from tests.sandbox.recorded import FOLDERS
from tests.sandbox.test_proxy_retries import WAITS
from tests.sandbox.test_replayed_calls import CALLS, ECHOES, GITHUB_DOCUMENTS
from tests.sandbox.test_replayed_flows import FLOWS
from tests.sandbox.test_replayed_webhooks import REDELIVERIES, WEBHOOKS

REPLAYED_BY_A_TEST_OF_ITS_OWN = {
    "b06_github_side_hits",
    "b15_state_replay",
    "c_refused_then_up",
    "c_secondary_url",
    "g08_gh_app_authorization_revoked",
    "g10_gh_installation_deleted_unmatched",
    "i12_retries1_hang",
    "m04_a",
    "m04_callback_after_session_deleted",
    "m06_callback_after_token_expired",
}
NOT_REPLAYED = {
    "00_create_integration_github": "integrations are given, not made",
    "00_create_integration_github_app_oauth": "integrations are given, not made",
    "00_get_environment_private": "the dashboard's own API",
    "00_get_integration_include": "integrations are given, not read one by one",
    "00_set_webhook": "the dashboard's own API; here it is a condition",
    "g01_app_receives": "an event meets a connection only of an App, and connecting one waits for GitHub's page",
    "h25_get": "connecting the App waits for GitHub's installation page",
    "h25_reconnect_app_flow": "connecting the App waits for GitHub's installation page",
    "h25_reconnect_app_session": "connecting the App waits for GitHub's installation page",
    "h25_reconnect_app_webhooks": "connecting the App waits for GitHub's installation page",
    "k01_force_refresh_ok": "refreshing both tokens of an App connection",
    "k02_force_refresh_user_refresh_fails": "refreshing both tokens of an App connection",
    "k02_get_after": "refreshing both tokens of an App connection",
    "k03_force_refresh_suspended": "refreshing both tokens of an App connection",
    "k03_webhook_refresh_failed": "refreshing both tokens of an App connection",
    "k04_get_within_cooldown": "refreshing both tokens of an App connection",
    "k04_proxy_within_cooldown": "refreshing both tokens of an App connection",
    "k05_force_again": "refreshing both tokens of an App connection",
    "k05_list_errors": "refreshing both tokens of an App connection",
    "k06_recover_force": "refreshing both tokens of an App connection",
}


def test_every_recording_is_replayed_or_named_with_a_reason() -> None:
    replayed = {*CALLS, *GITHUB_DOCUMENTS, *ECHOES, *FLOWS, *WEBHOOKS, *REDELIVERIES, *WAITS}
    replayed |= REPLAYED_BY_A_TEST_OF_ITS_OWN

    recorded = {path.stem for folder in FOLDERS for path in folder.glob("*.json")}

    assert replayed | NOT_REPLAYED.keys() == recorded
    assert not replayed & NOT_REPLAYED.keys()
