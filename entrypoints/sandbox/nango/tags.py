"""Tags, and how an end user becomes some."""

import re
from typing import Final

from msgspec import UNSET, UnsetType

from entrypoints.sandbox.nango.schema import Issue, Path, email_address, issue, text, wrong_type
from entrypoints.sandbox.nango.state import EndUser
from entrypoints.sandbox.wire import Json, JsonObject

MOST_TAGS: Final = 10
KEY: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-./]{0,63}")
LONGEST_VALUE: Final = 255


def check_tags(value: Json | UnsetType, path: Path) -> list[Issue]:
    """At most ten, each a short name and a text; `end_user_email` is an e-mail address."""
    if not isinstance(value, dict):
        return wrong_type("object" if value is UNSET else "record", value, path)
    found: list[Issue] = []
    for key, tag in value.items():
        if KEY.fullmatch(key):
            found += text(1, LONGEST_VALUE)(tag, (*path, key))
        else:
            found.append(issue("invalid_key", "Invalid key in record", (*path, key)))
    if len(value) > MOST_TAGS:
        found.append(issue("custom", f"Tags cannot contain more than {MOST_TAGS} keys", path))
    if not found and "end_user_email" in value:
        found += email_address()(value["end_user_email"], (*path, "end_user_email"))
    return found


def texts_of(value: Json | UnsetType) -> dict[str, str]:
    """Read a checked object of texts."""
    return {key: tag for key, tag in value.items() if isinstance(tag, str)} if isinstance(value, dict) else {}


def tags_of(end_user: EndUser | None, explicit: JsonObject) -> dict[str, str]:
    """Every tag's name in lower case; the explicit ones win over those that the end user gives."""
    tags = {key.lower(): value for key, value in texts_of(explicit).items()}
    if end_user is None:
        return tags
    organization = end_user.organization
    derived: dict[str, str | None] = {
        **{key.lower(): value for key, value in (end_user.tags or {}).items()},
        "end_user_id": end_user.id,
        "end_user_email": end_user.email,
        "end_user_display_name": end_user.display_name,
        "organization_id": organization.id if organization else None,
        "organization_display_name": organization.display_name if organization else None,
    }
    return {**{key: value for key, value in derived.items() if value is not None}, **tags}
