"""Refreshing a connection's token: fifteen minutes early, and not again within half a minute of a failure."""

import base64
import secrets
from datetime import timedelta
from typing import Final

from entrypoints.sandbox.nango.app_tokens import AppTokenRefused, app_credentials
from entrypoints.sandbox.nango.bodies import object_in, text_in
from entrypoints.sandbox.nango.config import as_stored
from entrypoints.sandbox.nango.documents import credentials_document
from entrypoints.sandbox.nango.events import not_refreshed, refresh_failure
from entrypoints.sandbox.nango.exchange import USER_TOKEN_SECONDS, credentials_of
from entrypoints.sandbox.nango.ids import new_log_id
from entrypoints.sandbox.nango.state import Connection, Credentials
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject, compact_json, javascript_time

MARGIN: Final = timedelta(minutes=15)
COOLDOWN: Final = timedelta(seconds=30)
BACKING_OFF: Final = "A recent refresh attempt failed. Backing off before retrying."


class RefreshFailed(Exception):
    """A refresh was tried and did not work; the message holds the whole connection, as Nango's does."""


class RefreshBackingOff(Exception):
    """A refresh failed less than half a minute ago, so that none is tried."""

    def __init__(self) -> None:
        super().__init__(BACKING_OFF)


def ensure_fresh(sandbox: Sandbox, connection: Connection, *, force: bool) -> bool:
    """Have a token that lasts, and say whether it is new; a failing refresh blocks even a token that still works."""
    now, credentials = sandbox.now(), connection.credentials
    connection.last_fetched_at = now
    if credentials.expires_at is None:
        return False
    failed_at = connection.refresh_failed_at
    due = force or failed_at is not None or now >= credentials.expires_at - MARGIN
    if not due:
        return False
    if failed_at is not None and not force and now < failed_at + COOLDOWN:
        raise RefreshBackingOff
    renewed = None if connection.refresh_fails else _renewed(sandbox, connection)
    if renewed is None:
        raise _noted_failure(sandbox, connection)
    connection.credentials = renewed
    connection.updated_at = connection.last_refresh_success = now
    connection.refresh_failed_at = connection.error_log_id = None
    connection.refresh_attempts = 0
    return True


def _renewed(sandbox: Sandbox, connection: Connection) -> Credentials | None:
    """Get new credentials of the same kind.

    With an installation's token comes a new one of the person whose credentials are kept beside it. GitHub takes the
    old one back at once, so that it is lost when the installation's token is then refused.
    """
    credentials, config = connection.credentials, connection.connection_config
    if credentials.type == "OAUTH2":
        return _renewed_user(sandbox, credentials.access_token) if credentials.refresh_token else None
    user = object_in(config, "userCredentials")
    renewed_user = _renewed_user(sandbox, text_in(user, "access_token") or "") if user else None
    try:
        renewed = app_credentials(sandbox, config.get("installation_id"))
    except AppTokenRefused:
        return None
    if renewed_user is not None:
        document = credentials_document(renewed_user, with_refresh_token=True)
        sandbox.nango.configure(connection, {**config, "userCredentials": document})
    return renewed


def _renewed_user(sandbox: Sandbox, access_token: str) -> Credentials | None:
    """Exchange a person's refresh token; not when it was revoked, or used already."""
    old = sandbox.tokens.by_value.get(access_token)
    if old is None or old.revoked or old.person_id is None or old.refresh_token is None:
        return None
    lifetime = sandbox.conditions.token_lifetime_seconds
    lifetime = USER_TOKEN_SECONDS if lifetime is None else lifetime
    sandbox.tokens.revoke(old.value)
    return credentials_of(sandbox.tokens.issue_for_person(old.person_id, old.scope, sandbox.now(), lifetime), lifetime)


def _noted_failure(sandbox: Sandbox, connection: Connection) -> RefreshFailed:
    """Tell the app; what is raised shows the connection as it was before."""
    failure, now = RefreshFailed(failure_message(connection)), sandbox.now()
    connection.error_log_id = new_log_id(now)
    connection.refresh_failed_at = connection.updated_at = now
    connection.last_refresh_success = None
    connection.refresh_attempts += 1
    event = not_refreshed(connection, sandbox.provider_of(connection), sandbox.settings.environment)
    sandbox.announce(event, connection.webhook_url_override)
    return failure


def failure_message(connection: Connection) -> str:
    """Nango prints its database row of the connection into the message."""
    success, failure = connection.last_refresh_success, connection.refresh_failed_at
    expires_at = connection.credentials.expires_at
    row: JsonObject = {
        "id": connection.id,
        "created_at": javascript_time(connection.created_at),
        "updated_at": javascript_time(connection.updated_at),
        "provider_config_key": connection.integration,
        "connection_id": connection.connection_id,
        "connection_config": as_stored(connection.connection_config),
        "metadata": as_stored(connection.metadata),
        "credentials_iv": base64.b64encode(secrets.token_bytes(12)).decode(),
        "credentials_tag": base64.b64encode(secrets.token_bytes(16)).decode(),
        "environment_id": 2,
        "deleted": False,
        "deleted_at": None,
        "last_fetched_at": javascript_time(connection.last_fetched_at),
        "config_id": 1,
        "end_user_id": connection.id,
        "credentials_expires_at": expires_at and javascript_time(expires_at),
        "last_refresh_success": success and javascript_time(success),
        "last_refresh_failure": failure and javascript_time(failure),
        "refresh_attempts": connection.refresh_attempts or None,
        "refresh_exhausted": False,
        "last_execution_at": None,
        "tags": as_stored({**connection.tags}),
        "webhook_url_override": connection.webhook_url_override,
    }
    payload = compact_json({"connection": row}).decode()
    kind = refresh_failure(connection)["type"]
    return f"An unhandled error of type '{kind}' with payload '{payload}' has occurred"
