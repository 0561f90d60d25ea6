"""What a sandbox is started with."""

from typing import Final

import msgspec

MADE_UP_SECRET_KEY: Final = "6f1c9a52-3d0e-4b7a-9c41-2f8d5e7b1a90"  # noqa: S105 - for a sandbox that starts without settings
MADE_UP_SIGNING_KEY: Final = "c2b7e5d4-8a16-4f39-b0d2-71e94c3a6f58"
MADE_UP_ENVIRONMENT_UUID: Final = "3e5f0b1c-94d7-4c62-8a1f-6b2d7e90c413"


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Values only; everything that can change while it runs is a condition of the control API."""

    public_url: str = "http://127.0.0.1:3003"
    """The sandbox's own base URL, of Nango and of GitHub alike."""
    callback_url: str | None = None
    """Where GitHub sends the browser (the callback URL of Nango's environment); the sandbox's own when not set."""
    webhook_url: str | None = None
    """Where Nango's webhooks go; nowhere when not set."""
    secondary_webhook_url: str | None = None
    """Nango's second webhook URL, served after the first."""
    secret_key: str = MADE_UP_SECRET_KEY
    signing_key: str = MADE_UP_SIGNING_KEY
    environment: str = "dev"
    environment_uuid: str = MADE_UP_ENVIRONMENT_UUID
    connect_ui_url: str = ""
    """Where Connect UI is, ending in `/`; the sandbox's own page when not set."""
    login_integration: str = "github"
    repository_integration: str = "github-app-oauth"
    rate_limit_per_minute: int | None = None
    """Nango's own value is 200; not set means that nothing is refused."""
    latency_seconds: float = 0.0
    """Added before every answer of Nango and GitHub."""
    token_lifetime_seconds: int | None = None
    """How long a login's GitHub token lives; not set means for ever, as OAuth apps have it."""
    chunked_proxy_answers: bool = True
    """Whether GitHub answers chunked, which decides whether Nango's proxy keeps GitHub's headers."""

    def __post_init__(self) -> None:
        if not self.connect_ui_url:
            msgspec.structs.force_setattr(self, "connect_ui_url", f"{self.public_url}/connect/")

    def __repr__(self) -> str:
        return f"SandboxSettings(public_url={self.public_url!r}, …)"

    @property
    def redirect_uri(self) -> str:
        return self.callback_url or f"{self.public_url}/oauth/callback"
