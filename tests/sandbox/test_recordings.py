"""No recording is forgotten: each is replayed, or named here with the reason why not."""

from tests.sandbox.app_connects import CONNECTS
from tests.sandbox.app_replays import EVENTS
from tests.sandbox.recorded import FOLDERS
from tests.sandbox.test_proxy_retries import WAITS
from tests.sandbox.test_replayed_calls import CALLS, ECHOES, GITHUB_DOCUMENTS
from tests.sandbox.test_replayed_flows import FLOWS
from tests.sandbox.test_replayed_webhooks import REDELIVERIES, WEBHOOKS

REPLAYED_BY_A_TEST_OF_ITS_OWN = {
    "00_get_integration_include",
    "b06_github_side_hits",
    "b15_state_replay",
    "c_refused_then_up",
    "c_secondary_url",
    "d02_get_connection",
    "d03_github_side_hits",
    "d04_get_connection_refresh_token_true",
    "d06_race_user_vs_app_token",
    "i12_retries1_hang",
    "k10_parallel_webhooks",
    "m04_a",
    "m04_callback_after_session_deleted",
    "m06_callback_after_token_expired",
}
NOT_REPLAYED = {
    "00_create_integration_github": "integrations are given, not made",
    "00_create_integration_github_app_oauth": "integrations are given, not made",
    "00_get_environment_private": "the dashboard's own API",
    "00_set_webhook": "the dashboard's own API; here it is a condition",
    "j_21_status": "the recorded server's sync had been made by hand, without a schedule, which it broke on",
}


def test_every_recording_is_replayed_or_named_with_a_reason() -> None:
    replayed = {*CALLS, *GITHUB_DOCUMENTS, *ECHOES, *FLOWS, *WEBHOOKS, *REDELIVERIES, *WAITS}
    replayed |= {*CONNECTS, *EVENTS}
    replayed |= REPLAYED_BY_A_TEST_OF_ITS_OWN

    recorded = {path.stem for folder in FOLDERS for path in folder.glob("*.json")}

    assert replayed | NOT_REPLAYED.keys() == recorded
    assert not replayed & NOT_REPLAYED.keys()
