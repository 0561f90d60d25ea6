"""The bodies of Nango's auth webhooks."""

from typing import Final, Literal

from entrypoints.sandbox.nango.state import Connection, EndUser
from entrypoints.sandbox.wire import Json, JsonObject

Operation = Literal["creation", "override"]

AUTH_MODES: Final = {"github": "OAUTH2", "github-app-oauth": "CUSTOM"}

APP_REFRESH_FAILURE: Final[JsonObject] = {
    "type": "unhandled_github_app_token_fetch_error",
    "description": "An unhandled error of type 'github_app_token_fetch_error' with payload '{}' has occurred",
}
REFRESH_FAILURE: Final[JsonObject] = {
    "type": "unhandled_refresh_token_parsing_error",
    "description": (
        'An unhandled error of type \'refresh_token_parsing_error\' with payload \'{"cause":{"message":"An unhandled '
        "error of type 'incomplete_raw_credentials' with payload '{}' has occurred\",\"type\":"
        '"unhandled_incomplete_raw_credentials","status":500,"payload":{}}}\' has occurred'
    ),
}


def end_user_in_event(end_user: EndUser) -> JsonObject:
    """There is no display name in it, and the e-mail is an explicit null when there is none."""
    document: JsonObject = {"endUserEmail": end_user.email, "endUserId": end_user.id}
    if end_user.organization is not None:
        document["organizationId"] = end_user.organization.id
    document["tags"] = {**(end_user.tags or {})}
    return document


def _event(connection_id: str, integration: str, provider: str, environment: str) -> JsonObject:
    return {
        "from": "nango",
        "type": "auth",
        "connectionId": connection_id,
        "providerConfigKey": integration,
        "provider": provider,
        "authMode": AUTH_MODES[provider],
        "environment": environment,
    }


def connected(
    connection: Connection, provider: str, environment: str, *, operation: Operation, end_user: EndUser | None
) -> JsonObject:
    """Tell of a connect that worked; a session without an end user (or since deleted) leaves that key out."""
    tags: Json = {**connection.tags}
    event: JsonObject = {
        **_event(connection.connection_id, connection.integration, provider, environment),
        "operation": operation,
        "success": True,
        "tags": tags,
    }
    if end_user is not None:
        event["endUser"] = end_user_in_event(end_user)
    return event


def not_connected(
    connection_id: str, integration: str, provider: str, environment: str, *, error: JsonObject
) -> JsonObject:
    """Tell of a connect that failed: always a `creation`, with nothing that tells whose it was."""
    return {
        **_event(connection_id, integration, provider, environment),
        "operation": "creation",
        "success": False,
        "error": error,
    }


def refresh_failure(connection: Connection) -> JsonObject:
    return APP_REFRESH_FAILURE if connection.credentials.type == "APP" else REFRESH_FAILURE


def not_refreshed(connection: Connection, provider: str, environment: str) -> JsonObject:
    """Tell of a refresh that failed, with tags but without an end user."""
    tags: Json = {**connection.tags}
    return {
        **_event(connection.connection_id, connection.integration, provider, environment),
        "operation": "refresh",
        "success": False,
        "error": refresh_failure(connection),
        "tags": tags,
    }
