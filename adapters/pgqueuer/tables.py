"""PgQueuer's own tables, beside ours."""

from collections.abc import Sequence
from typing import Final

from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver
from pgqueuer.queries import Queries
from psycopg import AsyncConnection

from domain.delivery import DeliveryId

DELIVERY: Final = "delivery"
# All of it spelled out, as what is left out it reads from the environment, under names as common as FUNCTION.
# What became of a delivery is in a row of ours: the queue's own log may be lost with the power.
SETTINGS: Final = DBSettings(
    prefix="",
    db_schema=None,
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.balanced,
    widen_id=False,
)


def queries_over(driver: Driver) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


async def install(connection: AsyncConnection) -> None:
    """Make the tables, or bring them to the library's version; several processes may do so at once."""
    queries = queries_over(PsycopgDriver(connection))
    async with queries.schema_lock():
        if await queries.schema_is_installed():
            await queries.apply_upgrade()
        else:
            await queries.install()


async def enqueue(connection: AsyncConnection, delivery_ids: Sequence[DeliveryId]) -> None:
    """Have these worked on, as soon as the transaction that the connection is in commits."""
    count = len(delivery_ids)
    payloads: list[bytes | None] = [str(delivery_id).encode() for delivery_id in delivery_ids]
    await queries_over(PsycopgDriver(connection)).enqueue([DELIVERY] * count, payloads, [0] * count)
