"""The bodies that Nango takes, and what they become."""

from typing import Final

from msgspec import UNSET

from entrypoints.sandbox.nango.schema import (
    Check,
    anything,
    checked,
    email_address,
    invalid,
    list_of,
    optional,
    record_of,
    strict_object,
    text,
    wrong_type,
)
from entrypoints.sandbox.nango.state import EndUser, Organization
from entrypoints.sandbox.nango.tags import check_tags, texts_of
from entrypoints.sandbox.wire import Json, JsonObject

END_USER: Final[Check] = strict_object(
    {
        "id": text(1, 255),
        "email": optional(email_address()),
        "display_name": optional(text(0, 255)),
        "tags": optional(record_of(text())),
    }
)
ORGANIZATION: Final[Check] = strict_object({"id": text(0, 255), "display_name": optional(text(0, 255))})
SESSION_FIELDS: Final[dict[str, Check]] = {
    "end_user": optional(END_USER),
    "organization": optional(ORGANIZATION),
    "integrations_config_defaults": optional(record_of(anything)),
    "overrides": optional(record_of(anything)),
    "webhook_url_override": optional(text(1)),
    "tags": optional(check_tags),
}
SESSION: Final = strict_object({**SESSION_FIELDS, "allowed_integrations": optional(list_of(text()))})
RECONNECT: Final = strict_object({"connection_id": text(1), "integration_id": text(1), **SESSION_FIELDS})
CONNECTION_PATCH: Final = strict_object(
    {"end_user": optional(END_USER), "tags": optional(check_tags), "webhook_url_override": optional(text(1))}
)
METADATA: Final = strict_object(
    {"connection_id": anything, "provider_config_key": text(1), "metadata": record_of(anything)}
)
IMPORT: Final = strict_object(
    {
        "provider_config_key": text(1),
        "connection_id": optional(text(1)),
        "credentials": strict_object({"type": text(1)}, others=True),
        "metadata": optional(record_of(anything)),
        "connection_config": optional(record_of(anything)),
        "end_user": optional(END_USER),
        "organization": optional(ORGANIZATION),
        "tags": optional(check_tags),
        "webhook_url_override": optional(text(1)),
    }
)


def session_body(body: Json) -> JsonObject:
    """Check the body of a new session, which names an end user unless it has tags."""
    fields = checked(SESSION, body, "invalid_body")
    if "end_user" not in fields and "tags" not in fields:
        raise invalid("invalid_body", wrong_type("object", UNSET, ("end_user",)))
    return fields


def text_in(fields: JsonObject, name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def object_in(fields: JsonObject, name: str) -> JsonObject | None:
    value = fields.get(name)
    return value if isinstance(value, dict) else None


def end_user_in(fields: JsonObject) -> EndUser | None:
    """Read the end user of a checked body, with the organisation beside it."""
    document = object_in(fields, "end_user")
    if document is None:
        return None
    return EndUser(
        id=text_in(document, "id") or "",
        email=text_in(document, "email"),
        display_name=text_in(document, "display_name"),
        tags=texts_of(document.get("tags")) or None,
        organization=organization_in(fields),
    )


def organization_in(fields: JsonObject) -> Organization | None:
    document = object_in(fields, "organization")
    if document is None:
        return None
    return Organization(text_in(document, "id") or "", text_in(document, "display_name"))
