"""What Nango keeps in a connection's config, and how it reads it."""

from entrypoints.sandbox.wire import Json, JsonObject


def installation_in(config: JsonObject) -> str | None:
    """Ids are compared as texts: after an approval they are numbers, and texts otherwise."""
    installation_id = config.get("installation_id")
    return None if installation_id is None else str(installation_id)


def pending_handle_in(config: JsonObject) -> str | None:
    """Whose request for an installation waits; the mark stays when it has been approved."""
    handle = config.get("handle")
    return handle if isinstance(handle, str) and config.get("pending") is True else None


def shown_config(config: JsonObject, *, with_refresh_token: bool) -> JsonObject:
    """Hide the user's refresh token, which is there twice."""
    user = config.get("userCredentials")
    if with_refresh_token or not isinstance(user, dict):
        return config
    raw = user.get("raw")
    shown = without_refresh_token({**user, "raw": without_refresh_token(raw) if isinstance(raw, dict) else raw})
    return {**config, "userCredentials": shown}


def without_refresh_token(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "refresh_token"}


def as_stored(value: Json) -> Json:
    """Put keys in the order in which PostgreSQL's `jsonb` gives them back: the shortest first."""
    if isinstance(value, list):
        return [as_stored(one) for one in value]
    if isinstance(value, dict):
        return {key: as_stored(value[key]) for key in sorted(value, key=lambda key: (len(key.encode()), key))}
    return value
