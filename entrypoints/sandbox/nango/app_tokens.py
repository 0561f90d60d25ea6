"""The GitHub App's side of Nango: tokens of installations, and the JWT that asks for them."""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Final

from entrypoints.sandbox.github.model import App, Installation
from entrypoints.sandbox.nango.paths import resolved
from entrypoints.sandbox.nango.state import Credentials
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject

TOKEN_ENDPOINT: Final = "github POST /app/installations/{installation_id}/access_tokens"  # noqa: S105 - an endpoint's name
TOKEN_PATH: Final = re.compile(r"/app/installations/(\d{1,18})/access_tokens/?")
JWT_LIFETIME: Final = timedelta(minutes=10)
SIGNATURE_BYTES: Final = 256


class AppTokenRefused(Exception):
    """GitHub makes no token of this installation: it is unknown, deleted or suspended."""


def app_credentials(sandbox: Sandbox, installation_id: Json) -> Credentials:
    """Have GitHub make an installation's token."""
    now = sandbox.now()
    sandbox.calls.note(now, TOKEN_ENDPOINT, "github")
    installation = _installation_at(sandbox, f"/app/installations/{installation_id}/access_tokens")
    if sandbox.conditions.take_failure(TOKEN_ENDPOINT) or installation is None or installation.suspended_at:
        raise AppTokenRefused
    token = sandbox.tokens.issue_for_installation(installation.id, now)
    expires_at = (token.expires_at or now).replace(microsecond=0)
    permissions: JsonObject = {**installation.permissions}
    return Credentials(
        type="APP",
        access_token=token.value,
        raw={
            "token": token.value,
            "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
            "permissions": permissions,
            "repository_selection": installation.repository_selection,
        },
        expires_at=expires_at,
        jwt_token=app_jwt(sandbox.world.app, now),
    )


def _installation_at(sandbox: Sandbox, target: str) -> Installation | None:
    """Read the id out of the URL as GitHub does, into which Nango puts whatever the browser said."""
    path = resolved(target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
    found = TOKEN_PATH.fullmatch(path)
    return sandbox.world.installations.get(int(found[1])) if found else None


def app_jwt(app: App, at: datetime) -> str:
    """Write the App's JWT; its signature is made up like the private key, and nobody checks it."""
    claims = {"iat": int(at.timestamp()), "exp": int((at + JWT_LIFETIME).timestamp()), "iss": str(app.id)}
    signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = hashlib.shake_256(f"{app.private_key}{signed}".encode()).digest(SIGNATURE_BYTES)
    return f"{signed}.{_base64(signature)}"


def _encoded(part: object) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
