"""Refreshing a connection's token: fifteen minutes early, and not again within half a minute of a failure."""

import base64
import secrets
import string
from datetime import timedelta
from typing import Final

from entrypoints.sandbox.nango.callback import credentials_of
from entrypoints.sandbox.nango.events import not_refreshed
from entrypoints.sandbox.nango.state import Connection
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


def ensure_fresh(sandbox: Sandbox, connection: Connection, *, force: bool) -> None:
    """Have a token that lasts; a failing refresh blocks the connection even while its token still works."""
    now, credentials = sandbox.now(), connection.credentials
    connection.last_fetched_at = now
    if credentials.expires_at is None:
        return
    failed_at = connection.refresh_failed_at
    due = force or failed_at is not None or now >= credentials.expires_at - MARGIN
    if not due:
        return
    if failed_at is not None and now < failed_at + COOLDOWN:
        raise RefreshBackingOff
    if connection.refresh_fails or not _refresh(sandbox, connection):
        _note_failure(sandbox, connection)


def _refresh(sandbox: Sandbox, connection: Connection) -> bool:
    """Get a new token of the same kind; not for a person whose token was revoked."""
    now, credentials = sandbox.now(), connection.credentials
    if credentials.installation_id is not None:
        token = sandbox.tokens.issue_for_installation(credentials.installation_id, now)
        credentials.access_token, credentials.expires_at = token.value, token.expires_at
    else:
        lifetime = sandbox.conditions.token_lifetime_seconds
        old = sandbox.tokens.by_value.get(credentials.access_token)
        if old is None or old.revoked or old.person_id is None or credentials.refresh_token is None:
            return False
        sandbox.tokens.revoke(old.value)
        token = sandbox.tokens.issue_for_person(old.person_id, old.scope, now, lifetime)
        connection.credentials = credentials_of(token, lifetime)
    connection.updated_at = connection.last_refresh_success = now
    connection.refresh_failed_at = connection.error_log_id = None
    connection.refresh_attempts = 0
    return True


def _note_failure(sandbox: Sandbox, connection: Connection) -> None:
    message = failure_message(connection)
    now = sandbox.now()
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(8))
    connection.error_log_id = f"{int(now.timestamp() * 1000)}_{letters}"
    connection.refresh_failed_at = connection.updated_at = now
    connection.refresh_attempts += 1
    event = not_refreshed(connection, sandbox.provider_of(connection), sandbox.settings.environment)
    sandbox.announce(event, connection.webhook_url_override)
    raise RefreshFailed(message)


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
        "connection_config": connection.connection_config,
        "metadata": connection.metadata,
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
        "tags": {**connection.tags},
        "webhook_url_override": connection.webhook_url_override,
    }
    payload = compact_json({"connection": row}).decode()
    return f"An unhandled error of type 'unhandled_refresh_token_parsing_error' with payload '{payload}' has occurred"
