"""`/sync/…`: syncs are triggered, started and paused, and say how they are."""

from dataclasses import replace
from typing import Final

from litestar import Response, Router, get, post
from litestar.di import NamedDependency

from entrypoints.sandbox.nango.admission import by_secret_key, json_body, readable_json
from entrypoints.sandbox.nango.connections import query_of
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.schema import checked, optional, strict_object, text
from entrypoints.sandbox.nango.syncs.bodies import SCHEDULE, keys_in, trigger_body, ways_of
from entrypoints.sandbox.nango.syncs.finding import connections_meant, orders_for
from entrypoints.sandbox.nango.syncs.running import Order, run_sync
from entrypoints.sandbox.nango.syncs.state import SyncKey
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject, SandboxRequest, javascript_time, json_answer

DONE: Final[JsonObject] = {"success": True}
HEADERS: Final = {"provider_config_key": "provider-config-key", "connection_id": "connection-id"}
ALL: Final = "*"
STATUS_QUERY: Final = strict_object(
    {"syncs": text(1), "provider_config_key": text(1), "connection_id": optional(text(1))}
)
FREQUENCIES: Final = {"PullRequest": "every 5 minutes"}
USUAL_FREQUENCY: Final = "every hour"


@post("/sync/trigger", status_code=200)
async def trigger_syncs(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Have syncs run once, now, whether they are paused or not."""
    fields = trigger_body(await json_body(request))
    reset, empty_cache = ways_of(fields)
    for order in _orders(request, sandbox, fields):
        sandbox.errands.begin(run_sync(sandbox, replace(order, reset=reset, empty_cache=empty_cache)))
    return json_answer(DONE)


@post("/sync/start", status_code=200)
async def start_syncs(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Let syncs run by their schedule, which for want of one means once, now, even when they had been started."""
    fields = checked(SCHEDULE, await json_body(request), "invalid_body")
    for order in _orders(request, sandbox, fields):
        order.connection.syncs.state((order.name, order.variant)).is_paused = False
        sandbox.errands.begin(run_sync(sandbox, order))
    return json_answer(DONE)


@post("/sync/pause", status_code=200)
async def pause_syncs(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    fields = checked(SCHEDULE, await json_body(request), "invalid_body")
    for order in _orders(request, sandbox, fields):
        order.connection.syncs.state((order.name, order.variant)).is_paused = True
    return json_answer(DONE)


@get("/sync/status")
async def get_sync_status(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Tell of the syncs named, with commas between, or of all for `*`."""
    query = checked(STATUS_QUERY, query_of(request), "invalid_query_params")
    orders = orders_for(sandbox, connections_meant(sandbox, query), _keys_of(str(query["syncs"])))
    return json_answer({"syncs": [_status_of(order) for order in orders]})


def _orders(request: SandboxRequest, sandbox: Sandbox, fields: JsonObject) -> list[Order]:
    """Find what is meant; the integration and the connection may stand in headers."""
    headers: JsonObject = {name: request.headers[key] for name, key in HEADERS.items() if key in request.headers}
    return orders_for(sandbox, connections_meant(sandbox, {**headers, **fields}), keys_in(fields.get("syncs")))


def _keys_of(names: str) -> list[SyncKey]:
    return [] if names == ALL else [(name, variant or BASE) for name, _, variant in _split(names)]


def _split(names: str) -> list[tuple[str, str, str]]:
    return [one.strip().partition("::") for one in names.split(",")]


def _status_of(order: Order) -> JsonObject:
    connection, state = order.connection, order.connection.syncs.state((order.name, order.variant))
    result, finished = state.result, state.finished_at
    counts: JsonObject = {
        order.model: result and {"added": result.added, "updated": result.updated, "deleted": result.deleted}
    }
    return {
        "id": state.id,
        "connection_id": connection.connection_id,
        "name": order.name,
        "variant": order.variant,
        "status": state.status,
        "type": state.type,
        "finishedAt": finished and javascript_time(finished),
        "nextScheduledSyncAt": None,
        "frequency": FREQUENCIES.get(order.model, USUAL_FREQUENCY),
        "latestResult": counts if result is not None else {},
        "recordCount": {order.model: connection.records.table(order.model, order.variant).count()},
    }


def sync_routes() -> Router:
    return Router(
        "/",
        route_handlers=[trigger_syncs, start_syncs, pause_syncs, get_sync_status],
        guards=[readable_json, by_secret_key],
    )
