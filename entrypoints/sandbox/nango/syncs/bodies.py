"""The bodies that Nango takes about syncs."""

from typing import Final

from msgspec import UNSET, UnsetType

from entrypoints.sandbox.nango.bodies import object_in
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import (
    Check,
    Issue,
    Path,
    checked,
    issue,
    list_of,
    optional,
    strict_object,
    text,
    wrong_type,
)
from entrypoints.sandbox.nango.syncs.state import SyncKey
from entrypoints.sandbox.wire import Json, JsonObject

MODES: Final = ("incremental", "full_refresh", "full_refresh_and_clear_cache")
NAMED: Final = strict_object({"name": text(1), "variant": text(1)})


def flag(value: Json | UnsetType, path: Path) -> list[Issue]:
    return [] if isinstance(value, bool) else wrong_type("boolean", value, path)


def sync_name(value: Json | UnsetType, path: Path) -> list[Issue]:
    """Expect a name, or a name with a variant."""
    return NAMED(value, path) if isinstance(value, dict) else text(1)(value, path)


def mode(value: Json | UnsetType, path: Path) -> list[Issue]:
    options = "|".join(f'"{one}"' for one in MODES)
    message = f"Invalid option: expected one of {options}"
    return [] if value in MODES else [issue("invalid_value", message, path)]


COMMON: Final[dict[str, Check]] = {
    "syncs": list_of(sync_name),
    "provider_config_key": optional(text(1)),
    "connection_id": optional(text(1)),
}
SCHEDULE: Final = strict_object(COMMON)
TRIGGER: Final = strict_object(
    {
        **COMMON,
        "sync_mode": optional(mode),
        "full_resync": optional(flag),
        "opts": optional(strict_object({"reset": optional(flag), "emptyCache": optional(flag)})),
    }
)


def trigger_body(body: Json) -> JsonObject:
    fields = checked(TRIGGER, body, "invalid_body")
    if "opts" in fields and fields.keys() & {"sync_mode", "full_resync"}:
        message = "Cannot use opts with deprecated sync_mode/full_resync parameters"
        raise refused(400, "invalid_body", message)
    return fields


def ways_of(fields: JsonObject) -> tuple[bool, bool]:
    """Tell whether to read everything again, and whether to forget all records before, by either way to say so."""
    options, named = object_in(fields, "opts") or {}, str(fields.get("sync_mode", "incremental"))
    reset = options.get("reset") is True or named != "incremental" or fields.get("full_resync") is True
    return reset, options.get("emptyCache") is True or named == "full_refresh_and_clear_cache"


def keys_in(named: Json | UnsetType) -> list[SyncKey]:
    """Read names, and names with variants."""
    listed = named if isinstance(named, list) else []
    return [
        (str(one["name"]), str(one["variant"])) if isinstance(one, dict) else (str(one), BASE)
        for one in listed
        if one is not UNSET
    ]
