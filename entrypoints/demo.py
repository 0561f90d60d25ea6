"""Everything on one machine, with no accounts: database, sandbox of Nango and GitHub, service, worker, page."""

import socket
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from entrypoints.addresses import is_loopback
from entrypoints.database import data_dir_of
from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.github.seed import CLIENT_ID
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.server import Site
from entrypoints.settings import Place, Settings, WrongSetting

# Its own folder: made-up people must never meet real ones.
DEMO_FOLDER: Final = "demo"


def demo_settings(place: Place, sandbox: SandboxSettings) -> Settings:
    """Describe a service whose Nango is the sandbox; raises `WrongSetting`."""
    if not is_loopback(place.origin):
        raise WrongSetting("HOST must be on loopback, or 0.0.0.0, for the demo: it has no https")
    return Settings(
        host=place.host,
        port=place.port,
        public_url=place.origin,
        latchkey_data_dir=str(demo_data_dir(place)),
        log_level=place.log_level,
        nango_host=sandbox.public_url,
        nango_connect_ui_url=f"{sandbox.public_url}/connect/",
        nango_secret_key=sandbox.secret_key,
        nango_webhook_signing_keys=(sandbox.signing_key,),
        github_app_client_id=CLIENT_ID,
        jwt_secret=token_urlsafe(32),
        # Everybody in a demo comes from one address.
        login_starts_per_minute=20,
    )


def demo_data_dir(place: Place) -> Path:
    return data_dir_of(place) / DEMO_FOLDER


def demo_sandbox(place: Place, listener: socket.socket) -> SandboxSettings:
    """Describe a sandbox whose webhooks and people go to the demo's service."""
    service = place.origin
    return SandboxSettings(
        public_url=origin_of(place, listener),
        callback_url=f"{service}/oauth/callback",
        webhook_url=f"{service}/api/webhooks/nango",
    )


def sandbox_site(settings: SandboxSettings, listener: socket.socket) -> Site:
    return Site(app=create_sandbox(settings), listener=listener)


def origin_of(place: Place, listener: socket.socket) -> str:
    """Say where a browser on this machine finds the listener."""
    return place.origin_at(listener.getsockname()[1])
