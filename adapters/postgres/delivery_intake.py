"""Webhooks that arrive together are stored by one statement; each is answered only when that is committed."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from adapters.pgqueuer.tables import enqueue
from adapters.postgres.pool import said_when_away
from application.ports.delivery_intake import DeliveryIntake
from domain.delivery import DeliveryId, ReceivedDelivery
from domain.errors import UpstreamUnavailable

MOST_AT_ONCE: Final = 200
MOST_WAITING: Final = 2000
MOST_BYTES_AT_ONCE: Final = 4 * 1024 * 1024
MOST_BYTES_WAITING: Final = 128 * 1024 * 1024
STORE_SECONDS: Final = 10.0
# Binary, as an array of texts is escaped by a regular expression, which stops everything else for seconds. By their
# hashes, so that two processes which store the same ones never wait for each other in turn.
ACCEPT: Final = """
    INSERT INTO deliveries (kind, body, body_hash, headers, received_at, due_at, received)
    SELECT kind, body, body_hash, headers, received_at, received_at, received
      FROM unnest(%b::text[], %b::jsonb[], %b::bytea[], %b::jsonb[], %b::timestamptz[], %b::int[])
        AS arrived (kind, body, body_hash, headers, received_at, received)
     ORDER BY body_hash
    ON CONFLICT (body_hash) WHERE state = 'waiting' AND tries = 0 DO UPDATE
       SET received = deliveries.received + excluded.received,
           -- What was read back before the latest of them does not answer it.
           received_at = greatest(deliveries.received_at, excluded.received_at)
    RETURNING id, body_hash, xmax = 0 AS is_new
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    delivery: ReceivedDelivery
    stored: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def is_stored(self, *, as_new: bool) -> None:
        if not self.stored.done():  # its request may have been given up
            self.stored.set_result(as_new)

    def is_refused(self, error: Exception) -> None:
        if not self.stored.done():
            self.stored.set_exception(error)


class PostgresDeliveryIntake(DeliveryIntake):
    """While one batch is being stored the next one gathers: nobody waits for company, and a lone one goes at once."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._arrivals: deque[Arrival] = deque()
        self._waiting_bytes = 0
        self._storing: asyncio.Task[None] | None = None

    async def accept(self, delivery: ReceivedDelivery) -> bool:
        if len(self._arrivals) >= MOST_WAITING or self._waiting_bytes + delivery.size > MOST_BYTES_WAITING:
            raise UpstreamUnavailable("too many deliveries at once: send it again")
        arrival = Arrival(delivery)
        self._arrivals.append(arrival)
        self._waiting_bytes += delivery.size
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())
        return await arrival.stored

    async def _store_all(self) -> None:
        try:
            while batch := self._next_batch():
                await self._store(batch)
        finally:
            self._storing = None

    def _next_batch(self) -> list[Arrival]:
        """Take the next ones that somebody still waits for, and of large ones only a few."""
        batch: list[Arrival] = []
        total_bytes = 0
        while self._arrivals and len(batch) < MOST_AT_ONCE and total_bytes < MOST_BYTES_AT_ONCE:
            arrival = self._arrivals.popleft()
            self._waiting_bytes -= arrival.delivery.size
            if not arrival.stored.done():
                batch.append(arrival)
                total_bytes += arrival.delivery.size
        return batch

    async def _store(self, batch: Sequence[Arrival]) -> None:
        try:
            with said_when_away():
                new = await self._insert([arrival.delivery for arrival in batch])
        except psycopg.DataError as error:
            await self._store_one_by_one(batch, error)
        except Exception as error:  # noqa: BLE001 - each of those who wait is told
            for arrival in batch:
                arrival.is_refused(error)
        else:
            for arrival in batch:
                # Of equal ones that came together, the first is the one that is new.
                arrival.is_stored(as_new=new.pop(arrival.delivery.body_hash, None) is not None)

    async def _insert(self, deliveries: Sequence[ReceivedDelivery]) -> dict[bytes, DeliveryId]:
        """Store them and enqueue what is new; return that by its hash."""
        # A connection that hangs would hold up every webhook of this process.
        async with asyncio.timeout(STORE_SECONDS), self._pool.connection() as connection, connection.transaction():
            rows = await connection.execute(ACCEPT, columns_of(deliveries))
            new = {bytes(body_hash): DeliveryId(number) async for number, body_hash, is_new in rows if is_new}
            if new:
                await enqueue(connection, list(new.values()))
            return new

    async def _store_one_by_one(self, batch: Sequence[Arrival], error: Exception) -> None:
        """Keep one that cannot be stored from taking the others with it."""
        if len(batch) == 1:
            batch[0].is_refused(error)
            return
        for arrival in batch:
            await self._store([arrival])


def columns_of(deliveries: Sequence[ReceivedDelivery]) -> tuple[list[object], ...]:
    distinct = {delivery.body_hash: delivery for delivery in sorted(deliveries, key=lambda one: one.received_at)}
    counts = Counter(delivery.body_hash for delivery in deliveries)
    return (
        [delivery.kind.value for delivery in distinct.values()],
        [Jsonb(delivery.body) for delivery in distinct.values()],
        list(distinct),
        [Jsonb(dict(delivery.headers)) for delivery in distinct.values()],
        [delivery.received_at for delivery in distinct.values()],
        [counts[body_hash] for body_hash in distinct],
    )
