"""The recorded connects of the GitHub App: whose each was, and what came of it."""

from dataclasses import dataclass
from typing import Any, Final

from tests.sandbox.stage import end_user

FIRST: Final = "68af0e60-ed40-45a6-824f-b84bae89bbb7"
PENDING: Final = "b271a040-56ab-4c79-8057-0a79ff26e241"
REFRESHED: Final = "7367b89f-2321-49c1-9bd3-d7ed2828bdea"
EXPIRING: Final = "21fe6492-4956-4e71-ae1c-aab5c9d52826"
PENDING_REFRESHED: Final = "a94d7cfd-cb07-46d3-bc62-4d33da14e025"


@dataclass(frozen=True)
class Recorded:
    """Whose a recorded connect was, and the connection that it made or changed."""

    user: str
    person: str = "octo-a"
    connection: str = ""
    workspace: str | None = None
    reconnects: str | None = None

    @property
    def session(self) -> tuple[str, dict[str, Any]]:
        if self.reconnects is not None:
            target = {"connection_id": self.reconnects, "integration_id": "github-app-oauth"}
            return "/connect/sessions/reconnect", target
        tags = {"workspace": self.workspace} if self.workspace else {}
        body = end_user(self.user, allowed_integrations=["github-app-oauth"], tags=tags)
        return "/connect/sessions", body


CONNECTS: Final = {
    "d01_app_install_flow": Recorded("u1", connection="ef7fc13e-3d27-4395-aebd-f9ffe7b7a0e0"),
    "e01_first_user": Recorded("u1", connection=FIRST, workspace="w1"),
    "e02_second_user_same_installation": Recorded("u2", "octo-b", workspace="w2"),
    "e03_attacker_existing_installation": Recorded("attacker", "octo-x", workspace="evil"),
    "e04_attacker_nocode_unclaimed_installation": Recorded(
        "attacker2", "octo-x", "eb63822b-b473-4be8-833f-a4ba087e0455"
    ),
    "e05_attacker_code_unclaimed_installation": Recorded("attacker3", "octo-x", "b1f2c3d5-3cef-467c-9509-b57ab01e91a6"),
    "e06_app_token_404": Recorded("u1", connection="6ab72b29-dd99-4c16-b990-b9c1e0910120"),
    "e07_same_user_update": Recorded("u2", "octo-b", workspace="w2"),
    "f01_pending_flow": Recorded("up", "octo-p", PENDING, workspace="wp"),
    "f07_pending_no_code": Recorded("up", "octo-p", "d87150fa-0f0f-4294-8d89-8425ff4bce73"),
    "f08_pending_upa": Recorded("upa", "octo-p", "d13869a0-3fba-42ab-b75c-261844911f43"),
    "f08_pending_upb": Recorded("upb", "octo-p", "449ba4d5-854b-4b48-80f5-2f29fe7ed0ee"),
    "f11_pending": Recorded("upc", connection="eaa5aa7a-1a9f-4098-8d0b-6a0b61cdf7de"),
    "h25_reconnect_app_flow": Recorded("u2", reconnects=FIRST),
    "k10_parallel_pa": Recorded("pa", connection="db942063-fb45-47e3-bbad-0a857513dc56"),
    "k10_parallel_pb": Recorded("pb", "octo-b", "e9ed0696-7c3f-40a6-b93d-a66802cd390f"),
    "k12_third_user_two_existing": Recorded("pc", "octo-x"),
}
