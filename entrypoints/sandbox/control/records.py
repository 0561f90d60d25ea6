"""Records put straight into Nango's cache, as if a sync had read them."""

from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import JSONBody
from msgspec import Meta

from entrypoints.sandbox.control.connections import connections_named
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.record import Payload
from entrypoints.sandbox.nango.records.shapes import MODELS, Shape, SyncModel, shape_of
from entrypoints.sandbox.nango.records.table import Saved, Table
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import compact_json, javascript_time

ATLAS = "northwind-labs/atlas"

Count = Annotated[int, Meta(ge=0, le=2_000_000)]


class ManyRecords(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    connection_id: str
    model: str
    variant: str = BASE
    count: Count = 0
    start: Count = msgspec.field(name="from", default=0)
    repository: str = ATLAS


class NewRecords(ManyRecords, frozen=True, forbid_unknown_fields=True, kw_only=True):
    changed: bool = False
    records: list[dict[str, Any]] = []


class GoneRecords(ManyRecords, frozen=True, forbid_unknown_fields=True, kw_only=True):
    ids: list[str] = []
    keep_payload: bool = True


class PrunedRecords(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    connection_id: str
    model: str
    variant: str = BASE
    ids: list[str] | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    modified_after: str
    added: int
    updated: int
    deleted: int


class Pruned(msgspec.Struct, frozen=True):
    records: int


def table_of(sandbox: Sandbox, connection_id: str, model: str, variant: str) -> Table:
    return connections_named(sandbox, connection_id)[0].records.table(model, variant)


def generated(data: ManyRecords, revision: int = 0) -> tuple[Shape | None, range]:
    """Choose the shape of the records that are asked for by their number, when any are."""
    model: SyncModel | None = next((one for one in MODELS if one == data.model), None)
    if data.count and model is None:
        raise HTTPException(f"only records of {', '.join(MODELS)} can be made up", status_code=422)
    shape = shape_of(model, data.repository, revision) if model is not None else None
    return shape, range(data.start, data.start + data.count)


def id_in(record: dict[str, Any]) -> str:
    if not record.get("id"):
        raise HTTPException("every record has an id", status_code=422)
    return str(record["id"])


def shown(sandbox: Sandbox, saved: Saved) -> Written:
    began = javascript_time(sandbox.now())
    return Written(modified_after=began, added=saved.added, updated=saved.updated, deleted=saved.deleted)


@post("/records")
async def post_records(sandbox: NamedDependency[Sandbox], data: JSONBody[NewRecords]) -> Written:
    """Save records: those given, or `count` made-up ones numbered on `from` that number, in one batch.

    Made-up ones look like what the templates' syncs read from the `repository`, and are the same each time, unless
    they are to be `changed`. A million take some seconds, and are written when they are read.
    """
    table = table_of(sandbox, data.connection_id, data.model, data.variant)
    shape, numbers = generated(data, table.batches if data.changed else 0)
    given: list[tuple[str, Payload]] = [(id_in(one), compact_json(one)) for one in data.records]
    made = (shape.record(number) for number in numbers) if shape is not None else ()
    return shown(sandbox, table.save((one for batch in (given, made) for one in batch), sandbox.now()))


@post("/records/delete", status_code=200)
async def delete_records(sandbox: NamedDependency[Sandbox], data: JSONBody[GoneRecords]) -> Written:
    """Mark records as deleted, by their ids or as they were made up; they stay listed, and may lose their payload."""
    table = table_of(sandbox, data.connection_id, data.model, data.variant)
    shape, numbers = generated(data)
    ids = [*data.ids, *(shape.record(number)[0] for number in numbers if shape is not None)]
    batch = ((one, None if data.keep_payload else compact_json({"id": one})) for one in ids)
    return shown(sandbox, table.delete(batch, sandbox.now()))


@post("/records/prune", status_code=200)
async def prune_records(sandbox: NamedDependency[Sandbox], data: JSONBody[PrunedRecords]) -> Pruned:
    """Drop the payloads of these records, or of all of the model, as Nango does with old ones; nothing else changes."""
    table = table_of(sandbox, data.connection_id, data.model, data.variant)
    return Pruned(records=table.prune(data.ids, sandbox.now()))
