"""Which recordings of the GitHub App's connections are replayed, and from which state."""

from typing import Final

from tests.sandbox import app_scenes, scenes
from tests.sandbox.app_connects import CONNECTS
from tests.sandbox.app_scenes import installation, last, played
from tests.sandbox.scenes import Scene

BEFORE: Final[dict[str, Scene]] = {
    **dict.fromkeys(CONNECTS, app_scenes.settled),
    "e02_second_user_same_installation": app_scenes.first,
    "e03_attacker_existing_installation": app_scenes.first,
    "e07_same_user_update": app_scenes.first,
    "h25_reconnect_app_flow": app_scenes.updated,
    "k12_third_user_two_existing": app_scenes.two_at_once,
}
"""The state before a recorded connect."""

CALLS: Final[dict[str, Scene]] = {
    "d04_get_connection_refresh_token": played("d01_app_install_flow"),
    "d05_delete_connection": played("d01_app_install_flow"),
    "d05_delete_connection_again": played("d01_app_install_flow", "d05_delete_connection"),
    "d05_get_deleted": played("d01_app_install_flow", "d05_delete_connection"),
    "e01_connection_after_first": app_scenes.first,
    "e02_connection_after_second": played("e01_first_user", "e02_second_user_same_installation"),
    "e02_list_connections": played("e01_first_user", "e02_second_user_same_installation"),
    "e03_connection_after_attack": played("e01_first_user", "e03_attacker_existing_installation"),
    "e04_connection_of_attacker": played("e04_attacker_nocode_unclaimed_installation"),
    "e05_connection_of_attacker": played("e05_attacker_code_unclaimed_installation"),
    "e06_connection": played("e06_app_token_404"),
    "e07_connection": app_scenes.updated,
    "f02_pending_connection": app_scenes.pending,
    "f05_connection_after_approval": app_scenes.approved,
    "f08_connection_0": played(app_scenes.three_pending, "f08_created"),
    "f08_connection_1": played(app_scenes.three_pending, "f08_created"),
    "g00_connection_before": app_scenes.updated,
    "g14_plain_secret": app_scenes.updated,
    "g20_get_connection_force_refresh_deleted": played(app_scenes.updated, installation(5001, deleted=True)),
    "g20_proxy_after_refresh_failure": played(
        app_scenes.updated, installation(5001, deleted=True), "g20_get_connection_force_refresh_deleted"
    ),
    "h25_get": played(app_scenes.updated, "h25_reconnect_app_flow"),
    "h25_reconnect_app_session": app_scenes.updated,
    "k01_force_refresh_ok": played(app_scenes.to_refresh),
    "k02_force_refresh_user_refresh_fails": played(app_scenes.refreshed, app_scenes.user_token_revoked),
    "k02_get_after": app_scenes.half_refreshed,
    "k03_force_refresh_suspended": app_scenes.suspended,
    "k04_get_within_cooldown": app_scenes.failed,
    "k04_proxy_within_cooldown": app_scenes.failed,
    "k05_force_again": app_scenes.failed,
    "k05_list_errors": app_scenes.failed,
    "k06_recover_force": played(app_scenes.failed, installation(5001)),
    "m02_proxy_first_failure": app_scenes.expiring,
    "m02_proxy_second": played(app_scenes.expiring, "m02_proxy_first_failure"),
    "m02_get_connection": played(app_scenes.expiring, "m02_proxy_first_failure"),
    "m03_pending_force_refresh": played(app_scenes.pending_to_refresh),
}

GITHUB_DOCUMENTS: Final[dict[str, Scene]] = {
    "e03_proxy_after_attack": played("e01_first_user", "e03_attacker_existing_installation"),
    "e04_proxy_attacker_lists_repos": played("e04_attacker_nocode_unclaimed_installation"),
    "e05_proxy_attacker_lists_repos": played("e05_attacker_code_unclaimed_installation"),
    "e06_proxy": played("e06_app_token_404"),
    "f03_pending_proxy_installation_repositories": app_scenes.pending,
    "f03_pending_proxy_user": app_scenes.pending,
    "f03_pending_proxy_user_installations": app_scenes.pending,
    "f06_proxy_after_approval": app_scenes.approved,
}

EVENTS: Final[dict[str, Scene]] = {
    "f04_github_installation_created_requester": app_scenes.pending,
    "f08_created": app_scenes.three_pending,
    "f09_created_no_requester": app_scenes.pending,
    "f10_created_requester_nobody": app_scenes.pending,
    "f11_created_token_404": app_scenes.waiting,
    **dict.fromkeys(
        [
            "g01_gh_installation_deleted",
            "g02_gh_installation_suspend",
            "g03_gh_installation_unsuspend",
            "g04_gh_installation_repositories_added",
            "g05_gh_installation_repositories_removed",
            "g06_gh_member_added",
            "g07_gh_organization_member_removed",
            "g08_gh_app_authorization_revoked",
            "g09_gh_ping",
            "g10_gh_installation_deleted_unmatched",
            "g11_unsigned",
            "g16_inbound_xnango",
            "g19_form_encoded",
        ],
        app_scenes.updated,
    ),
    "k11_forward_two_connections": app_scenes.two_at_once,
    "m07_created": played(app_scenes.asked_for_5003),
    "m07_created_redelivered": played(app_scenes.asked_for_5003, "m07_created"),
}
"""The state before an event of GitHub's."""

WEBHOOKS: Final[dict[str, Scene]] = {
    "d01_app_install_flow_webhooks": played(app_scenes.losing, "d01_app_install_flow"),
    **{f"{name}_webhooks": last(BEFORE[name], name) for name in CONNECTS if not name.startswith(("d01", "h25", "k10"))},
    "f04_app_receives": last(app_scenes.pending, "f04_github_installation_created_requester"),
    "f08_app_receives": last(app_scenes.three_pending, "f08_created"),
    "f09_app_receives": last(app_scenes.pending, "f09_created_no_requester"),
    "f10_app_receives": last(app_scenes.pending, "f10_created_requester_nobody"),
    "f11_app_receives": last(app_scenes.waiting, "f11_created_token_404"),
    **{f"{name[:3]}_app_receives": last(scene, name) for name, scene in EVENTS.items() if name.startswith("g")},
    "g12_app_receives": last(app_scenes.updated, scenes.after(scenes.nothing, "g12_bad_signature")),
    "g13_app_receives": last(app_scenes.updated, scenes.after(scenes.nothing, "g13_bad_signature_len")),
    "g14_app_receives": last(app_scenes.updated, scenes.after(scenes.nothing, "g14_plain_secret")),
    "g17_app_receives": last(app_scenes.updated, "g17_ingress_github_oauth2_integration"),
    "g20_app_receives_refresh_failed": last(
        app_scenes.updated, installation(5001, deleted=True), "g20_get_connection_force_refresh_deleted"
    ),
    "g20b_app_receives": last(CALLS["g20_proxy_after_refresh_failure"], "g20_proxy_after_refresh_failure"),
    "h25_reconnect_app_webhooks": last(app_scenes.updated, "h25_reconnect_app_flow"),
    "k03_webhook_refresh_failed": last(app_scenes.suspended, "k03_force_refresh_suspended"),
    "k11_forward_two_connections_app": last(app_scenes.two_at_once, "k11_forward_two_connections"),
    "m03_pending_refresh_webhook": last(app_scenes.pending_to_refresh, "m03_pending_force_refresh"),
}
