"""`GET /records`."""

import re
from datetime import datetime, timedelta
from typing import Final

from litestar import Response, Router, get
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from entrypoints.sandbox.nango.admission import by_secret_key
from entrypoints.sandbox.nango.bodies import text_in
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.moments import Place, moment_of, place_in
from entrypoints.sandbox.nango.records.page import ALL, Selection, page_of
from entrypoints.sandbox.nango.records.record import Action
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import (
    Check,
    Issue,
    Path,
    checked,
    issue,
    number,
    optional,
    strict_object,
    text,
    wrong_type,
)
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JSON_MEDIA_TYPE, Json, JsonObject, SandboxRequest

MODEL: Final = re.compile(r"[A-Z][a-zA-Z0-9_-]+")
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z")
LOOKBACK: Final = timedelta(days=365)
FILTERS: Final = ("added", "updated", "deleted", "ADDED", "UPDATED", "DELETED")
USUAL_LIMIT: Final = 100
LARGEST_LIMIT: Final = 10_000
KEPT: Final[frozenset[Action]] = frozenset({"ADDED", "UPDATED"})
MOST_IDS: Final = 100
LONGEST_ID: Final = 256
HEADERS: Final = strict_object({"connection-id": text(1, 255), "provider-config-key": text(1, 255)}, others=True)


def model_name(value: Json | UnsetType, path: Path) -> list[Issue]:
    if not isinstance(value, str):
        return wrong_type("string", value, path)
    message = "Invalid string: must match pattern /^[A-Z][a-zA-Z0-9_-]+$/"
    return [] if MODEL.fullmatch(value) else [issue("invalid_format", message, path)]


def recent_moment(now: datetime) -> Check:
    """Expect a moment in UTC, written with `Z`, of the last twelve months or to come."""

    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        moment = _moment_in(value)
        if moment is None:
            return [issue("invalid_format", "Invalid ISO datetime", path)]
        return [] if moment >= now - LOOKBACK else [issue("custom", "must be within the last 12 months", path)]

    return check


def actions(value: Json | UnsetType, path: Path) -> list[Issue]:
    options = "|".join(f'"{one}"' for one in FILTERS)
    message, named = f"Invalid option: expected one of {options}", str(value).split(",")
    return [issue("invalid_value", message, (*path, str(at))) for at, one in enumerate(named) if one not in FILTERS]


def record_ids(value: Json | UnsetType, path: Path) -> list[Issue]:
    ids = value if isinstance(value, list) else []
    if len(ids) > MOST_IDS:
        return [issue("too_big", f"Too big: expected array to have <={MOST_IDS} items", path)]
    return [found for at, one in enumerate(ids) for found in text(1, LONGEST_ID)(one, (*path, str(at)))]


@get("/records")
async def get_records(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Everything is known to be bad before the connection is looked for, but a cursor, which fails in the database."""
    query = _query_of(request, sandbox.now())
    connection = _connection_of(request, sandbox)
    table = connection.records.table(str(query["model"]), text_in(query, "variant") or BASE)
    wanted = Selection(
        limit=int(text_in(query, "limit") or USUAL_LIMIT),
        after=_place_of(text_in(query, "cursor")),
        modified_after=_earliest(query),
        actions=_actions_of(text_in(query, "filter")),
        ids=_ids_of(query),
        most_bytes=sandbox.conditions.records_page_bytes,
    )
    return Response(page_of(table, wanted), media_type=JSON_MEDIA_TYPE)


def _query_of(request: SandboxRequest, now: datetime) -> JsonObject:
    given: JsonObject = {**request.query_params}
    if "ids" in given:
        given["ids"] = [*request.query_params.getall("ids")]
    fields: dict[str, Check] = {
        "model": model_name,
        "variant": optional(text(1, 255)),
        "delta": optional(recent_moment(now)),
        "modified_after": optional(recent_moment(now)),
        "limit": optional(number(1, LARGEST_LIMIT)),
        "filter": optional(actions),
        "cursor": optional(text(1, 1000)),
        "ids": optional(record_ids),
    }
    return checked(strict_object(fields), given, "invalid_query_params")


def _connection_of(request: SandboxRequest, sandbox: Sandbox) -> Connection:
    headers: JsonObject = {name.lower(): value for name, value in request.headers.items()}
    checked(HEADERS, headers, "invalid_headers")
    connection = sandbox.nango.find_connection(str(headers["provider-config-key"]), str(headers["connection-id"]))
    if connection is None:
        message = "Provided ConnectionId and ProviderConfigKey does not match a valid connection"
        raise refused(400, "unknown_connection", message)
    return connection


def _place_of(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    place = place_in(cursor)
    if place is None:
        raise refused(500, "server_error", "Failed to fetch records")
    return place


def _moment_in(value: Json | UnsetType) -> datetime | None:
    """Read a moment to the millisecond, which is as far as JavaScript goes."""
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _earliest(query: JsonObject) -> int:
    moment = _moment_in(query.get("delta", query.get("modified_after", UNSET)))
    return 0 if moment is None else moment_of(moment)


def _actions_of(named: str | None) -> frozenset[Action]:
    """Read the filter as Nango does: two of them lose the deleted records, and only one alone is taken at its word."""
    if named is None:
        return ALL
    wanted: frozenset[Action] = frozenset(one for one in ALL if one in named.upper().split(","))
    return wanted if len(wanted) == 1 else wanted & KEPT


def _ids_of(query: JsonObject) -> tuple[str, ...] | None:
    ids = query.get("ids")
    return tuple(str(one) for one in ids) if isinstance(ids, list) else None


def record_routes() -> Router:
    return Router("/", route_handlers=[get_records], guards=[by_secret_key])
