"""Nango's documents of connections, end users and sessions."""

from typing import Final

from entrypoints.sandbox.nango.config import shown_config, without_refresh_token
from entrypoints.sandbox.nango.state import Connection, ConnectSession, Credentials, EndUser
from entrypoints.sandbox.wire import Json, JsonObject, javascript_time, offset_time

CONNECT_UI_SETTINGS: Final[JsonObject] = {
    "showWatermark": True,
    "defaultTheme": "system",
    "theme": {"light": {"primary": "#00B2E3"}, "dark": {"primary": "#00B2E3"}},
}


def end_user_document(end_user: EndUser | None) -> JsonObject | None:
    if end_user is None:
        return None
    organization = end_user.organization
    return {
        "id": end_user.id,
        "display_name": end_user.display_name,
        "email": end_user.email,
        "tags": {**end_user.tags} if end_user.tags else None,
        "organization": organization and {"id": organization.id, "display_name": organization.display_name},
    }


def errors_of(connection: Connection) -> list[Json]:
    return [{"type": "auth", "log_id": connection.error_log_id}] if connection.error_log_id else []


def head_of(connection: Connection, provider: str) -> JsonObject:
    """Say what a connection says of itself both in the list and alone."""
    return {
        "id": connection.id,
        "connection_id": connection.connection_id,
        "provider_config_key": connection.integration,
        "provider": provider,
        "errors": errors_of(connection),
        "end_user": end_user_document(connection.end_user),
        "tags": {**connection.tags},
        "metadata": connection.metadata,
    }


def listed_connection(connection: Connection, provider: str) -> JsonObject:
    return {**head_of(connection, provider), "created": offset_time(connection.created_at)}


def credentials_document(
    credentials: Credentials, *, with_refresh_token: bool, refreshed_just_now: bool = False
) -> JsonObject:
    """Describe credentials; a token of an installation that was just made has its expiry in GitHub's own words."""
    raw = credentials.raw
    document: JsonObject = {"type": credentials.type, "access_token": credentials.access_token}
    if credentials.refresh_token and with_refresh_token:
        document["refresh_token"] = credentials.refresh_token
    if credentials.expires_at:
        verbatim = refreshed_just_now and credentials.type == "APP"
        document["expires_at"] = raw["expires_at"] if verbatim else javascript_time(credentials.expires_at)
    document["raw"] = raw if with_refresh_token else without_refresh_token(raw)
    if credentials.jwt_token is not None:
        document["jwtToken"] = credentials.jwt_token
    if credentials.config_override is not None:
        document["config_override"] = credentials.config_override
    return document


def connection_document(
    connection: Connection, provider: str, credentials: JsonObject, *, with_refresh_token: bool = False
) -> JsonObject:
    return {
        **head_of(connection, provider),
        "connection_config": shown_config(connection.connection_config, with_refresh_token=with_refresh_token),
        "webhook_url_override": connection.webhook_url_override,
        "created_at": offset_time(connection.created_at),
        "updated_at": offset_time(connection.updated_at),
        "last_fetched_at": offset_time(connection.last_fetched_at),
        "credentials": credentials,
    }


def session_document(session: ConnectSession) -> JsonObject:
    document: JsonObject = {}
    if session.shown_end_user is not None:
        document["endUser"] = end_user_document(session.shown_end_user)
    document["connectUISettings"] = CONNECT_UI_SETTINGS
    if session.allowed_integrations is not None:
        document["allowed_integrations"] = [*session.allowed_integrations]
    if session.reconnects is not None:
        document["isReconnecting"] = True
    document["websocketsPath"] = "/"
    return {"data": document}
