"""Compare what Nango lists with our rows."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork, UnitOfWork
from application.reconcile.compared import Compared
from application.reconcile.patience import Patience
from domain.attempt import Attempt, AttemptId, id_in
from domain.connection import Connection, ConnectionId, ListedConnection
from domain.errors import UpstreamUnavailable
from domain.reconcile import Comparison, Known
from domain.user import UserId

# At once, so that requests in the same process are served in between.
BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareConnections:
    """Reads only: one call for each thousand connections, and the rows by pages.

    It keeps the ids of all, and the rows that are not listed.
    """

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock
    is_bound_by_cookie: bool

    async def __call__(self, patience: Patience, go_on: Callable[[], Awaitable[None]]) -> Compared:
        """Return what differs; calls `go_on` now and then, which may raise. Raises `UpstreamUnavailable`."""
        comparison = Comparison(began_at=self.clock.now(), is_bound_by_cookie=self.is_bound_by_cookie)
        compared, seen = Compared(), set[ConnectionId]()
        async for some in self._listed(patience, seen):
            await go_on()
            for listed, known in await self._known(some):
                compared.note(comparison.judge(listed, known))
        compared.listed = len(seen)
        unlisted: list[Connection] = []
        async for rows in self._rows():
            await go_on()
            compared.rows += len(rows)
            unlisted += (row for row in rows if row.id not in seen)
        if comparison.is_of_another_environment(compared.rows, len(unlisted)):
            raise UpstreamUnavailable(
                f"Nango lists {compared.listed} connections, and not {len(unlisted)} of our {compared.rows}:"
                " nothing was changed; look whether NANGO_SECRET_KEY and NANGO_LOGIN_INTEGRATION are of the environment"
            )
        for row in unlisted:
            compared.note(comparison.judge_unlisted(row))
        return compared

    async def _listed(
        self, patience: Patience, seen: set[ConnectionId]
    ) -> AsyncGenerator[Sequence[ListedConnection], None]:
        number = 0
        while True:
            page = await patience.over(partial(self.provider_connections.list_page, number))
            # What was made meanwhile moves others to the next page.
            fresh = [one for one in page.connections if one.id not in seen]
            seen.update(one.id for one in fresh)
            for first in range(0, len(fresh), BATCH):
                yield fresh[first : first + BATCH]
            if page.is_last or not fresh:
                return
            number += 1

    async def _rows(self) -> AsyncGenerator[Sequence[Connection], None]:
        after = ConnectionId("")
        while True:
            async with self.begin_work(atomic=False) as work:
                rows = await work.connections.logins_after(after, BATCH)
            yield rows
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    async def _known(self, some: Sequence[ListedConnection]) -> Sequence[tuple[ListedConnection, Known]]:
        async with self.begin_work(atomic=False) as work:
            rows = {one.id: one for one in await work.connections.find_all([one.id for one in some])}
            strange = [one for one in some if one.id not in rows]
            known = await self._named(work, strange) if strange else dict[ConnectionId, Known]()
            # Once more, after the attempts: the row of one that is seen finished is there by now.
            rows |= {one.id: one for one in await work.connections.find_all([one.id for one in strange])}
        return [(one, Known(row=rows[one.id]) if one.id in rows else known[one.id]) for one in some]

    async def _named(self, work: UnitOfWork, strange: Sequence[ListedConnection]) -> Mapping[ConnectionId, Known]:
        """Find out whom the end users of connections without a row name."""
        named = {one.id: named for one in strange if (named := id_in(one.end_user_id))}
        attempts = {one.id: one for one in await work.attempts.find_all([*map(AttemptId, named.values())])}
        users = {one.id for one in await work.users.find_all([*map(UserId, named.values())])}
        owners = {one: owner for one in named if (owner := owner_of(named[one], attempts, users))}
        logins = {one.user_id: one for one in await work.connections.current_logins_of(set(owners.values()))}
        return {
            one.id: Known(
                attempt=attempts.get(AttemptId(named[one.id])) if one.id in named else None,
                owner=owners.get(one.id),
                current=logins.get(owners[one.id]) if one.id in owners else None,
            )
            for one in strange
        }


def owner_of(named: UUID, attempts: Mapping[AttemptId, Attempt], users: Collection[UserId]) -> UserId | None:
    """Say which user an end user stands for: itself, or the one whom the attempt signed in."""
    attempt = attempts.get(AttemptId(named))
    if attempt is not None and attempt.is_done:
        return attempt.user_id
    return UserId(named) if named in users else None
