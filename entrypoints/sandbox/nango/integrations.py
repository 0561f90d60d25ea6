"""The two integrations of the environment."""

from dataclasses import dataclass
from typing import Literal

from entrypoints.sandbox.github.model import App
from entrypoints.sandbox.github.seed import BEGINNING
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.wire import JsonObject, javascript_time

Provider = Literal["github", "github-app-oauth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    key: str
    provider: Provider
    display_name: str
    client_id: str
    client_secret: str
    scope: str
    app: App | None = None
    app_link: str | None = None
    """Of an App only, where it presents itself."""

    def document(self, base_url: str, more: JsonObject | None = None) -> JsonObject:
        """Describe the integration; what is asked for in addition stands in the middle."""
        created = javascript_time(BEGINNING)
        return {
            "unique_key": self.key,
            "provider": self.provider,
            "display_name": self.display_name,
            "logo": f"{base_url}/images/template-logos/{self.provider}.svg",
            **(more or {}),
            "forward_webhooks": True,
            "created_at": created,
            "updated_at": created,
        }

    def credentials(self) -> JsonObject:
        """Say everything, the secrets too, as Nango does to whoever has its secret key."""
        client: JsonObject = {"client_id": self.client_id, "client_secret": self.client_secret}
        if self.app is None:
            return {"type": "OAUTH2", **client, "scopes": self.scope.replace(" ", ","), "webhook_secret": None}
        app: JsonObject = {"app_id": str(self.app.id), "app_link": self.app_link, "private_key": self.app.private_key}
        return {"type": "CUSTOM", **client, **app}


def integrations_of(settings: SandboxSettings, app: App) -> dict[str, Integration]:
    login = Integration(
        key=settings.login_integration,
        provider="github",
        display_name="GitHub login",
        client_id=app.client_id,
        client_secret=app.client_secret,
        scope="read:user user:email",
    )
    repositories = Integration(
        key=settings.repository_integration,
        provider="github-app-oauth",
        display_name="GitHub (App OAuth)",
        client_id=app.client_id,
        client_secret=app.client_secret,
        scope="",
        app=app,
        app_link=f"{settings.public_url}/apps/{app.slug}",
    )
    return {integration.key: integration for integration in (login, repositories)}
