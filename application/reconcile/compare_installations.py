"""Compare what Nango lists of the repository integration with our rows, and look for what has grown old."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork, UnitOfWork
from application.reconcile.compared import Compared
from application.reconcile.patience import Patience
from domain.attempt import AttemptId, id_in
from domain.connection import ConnectionId, EndUserId, ListedConnection
from domain.errors import UpstreamUnavailable
from domain.installation import Installation, InstallationConnection, InstallationId, claimed, holder_of
from domain.reconcile import Comparison
from domain.reconcile_installations import InstallationComparison, KnownInstallation
from domain.user import UserId

# At once, so that requests in the same process are served in between.
BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareInstallations:
    """Reads only: one call for each thousand connections, and the rows by pages."""

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock
    is_bound_by_cookie: bool

    async def __call__(self, patience: Patience, go_on: Callable[[], Awaitable[None]], compared: Compared) -> None:
        """Note what differs; calls `go_on` now and then, which may raise. Raises `UpstreamUnavailable`."""
        comparison = InstallationComparison(began_at=self.clock.now(), is_bound_by_cookie=self.is_bound_by_cookie)
        seen, rows, unlisted = set[ConnectionId](), 0, list[InstallationConnection]()
        async for some in self._listed(patience, seen):
            await go_on()
            for listed, known in await self._known(some):
                compared.note(comparison.judge(listed, known))
        async for some_rows in self._rows():
            await go_on()
            rows += len(some_rows)
            unlisted += (row for row in some_rows if row.id not in seen)
        everything = Comparison(began_at=comparison.began_at, is_bound_by_cookie=self.is_bound_by_cookie)
        if everything.is_of_another_environment(rows, len(unlisted)):
            raise UpstreamUnavailable(
                f"Nango lists {len(seen)} installations' connections, and not {len(unlisted)} of our {rows}:"
                " nothing was changed; look whether NANGO_SECRET_KEY and NANGO_REPOSITORY_INTEGRATION are right"
            )
        for row in unlisted:
            compared.note(comparison.judge_unlisted(row))
        compared.listed += len(seen)
        compared.rows += rows
        await self._note_old(comparison, compared, go_on)

    async def _note_old(
        self, comparison: InstallationComparison, compared: Compared, go_on: Callable[[], Awaitable[None]]
    ) -> None:
        async for installations, read_at in self._installations():
            await go_on()
            for one in installations:
                compared.note(comparison.judge_installation(one, read_at.get(one.id)))
        last, people = None, set[UserId]()
        while True:
            async with self.begin_work(atomic=False) as work:
                waiting = await work.approval_requests.waiting_after(last, BATCH)
            for request in waiting:
                # Looking once answers all of one person's.
                if request.user_id not in people:
                    people.add(request.user_id)
                    compared.note(comparison.judge_request(request))
            if len(waiting) < BATCH:
                return
            last = waiting[-1]

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

    async def _rows(self) -> AsyncGenerator[Sequence[InstallationConnection], None]:
        after = ConnectionId("")
        while True:
            async with self.begin_work(atomic=False) as work:
                rows = await work.installation_connections.after(after, BATCH)
            yield rows
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    async def _installations(
        self,
    ) -> AsyncGenerator[tuple[Sequence[Installation], Mapping[InstallationId, datetime]], None]:
        after = InstallationId(0)
        while True:
            async with self.begin_work(atomic=False) as work:
                installations = await work.installations.after(after, BATCH)
                current = [await work.installation_connections.current_of(one.id) for one in installations]
            yield installations, {one.installation_id: one.checked_at for one in current if one is not None}
            if len(installations) < BATCH:
                return
            after = installations[-1].id

    async def _known(self, some: Sequence[ListedConnection]) -> Sequence[tuple[ListedConnection, KnownInstallation]]:
        async with self.begin_work(atomic=False) as work:
            ids = [one.id for one in some]
            named = {one.id: AttemptId(attempt_id) for one in some if (attempt_id := id_in(one.end_user_id))}
            attempts = {one.id: one for one in await work.attempts.find_all([*named.values()])}
            # After the attempts: the row of one that is seen finished is there by now.
            rows = {one.id: one for one in await work.installation_connections.find_all(ids)}
            return [
                (
                    one,
                    KnownInstallation(
                        row=rows[one.id],
                        is_relied_on=await work.grants.has_proofs_on(rows[one.id].installation_id),
                    )
                    if one.id in rows
                    else KnownInstallation(
                        attempt=attempts.get(named[one.id]) if one.id in named else None,
                        request=await work.approval_requests.find_by_connection(one.id),
                        held_for=await held_for(work, one.end_user_id),
                    ),
                )
                for one in some
            ]


async def held_for(work: UnitOfWork, end_user_id: EndUserId | None) -> Installation | None:
    """Find the installation that an end user stands for, if somebody has a proof there."""
    named = claimed((end_user_id or "").rpartition("-")[2])
    if named is None or end_user_id != holder_of(named) or not await work.grants.has_proofs_on(named):
        return None
    return await work.installations.find(named)
