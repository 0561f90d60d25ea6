"""Prove again what somebody may see, by the strongest source there is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.personal_access import Viewpoint
from application.ports.unit_of_work import BeginWork
from application.repositories.answer_approvals import AnswerApprovals
from application.repositories.prove_access import AnotherPerson, ProveAccess
from application.repositories.prove_by_role import ProveByRole
from application.repositories.prove_waiting import ProveWaiting
from application.repositories.reread_installation import RereadInstallation
from domain.connection import Connection, ConnectionState
from domain.errors import (
    AccessNotReadable,
    ConnectionBroken,
    ConnectionNotFound,
    InstallationGone,
    InstallationSuspended,
    UpstreamUnavailable,
)
from domain.grant import ProofRules, ProofSource
from domain.installation import Installation
from domain.user import User, UserId

# Where one source has no token, the next one is tried.
NO_TOKEN: Final = (AccessNotReadable, ConnectionBroken, ConnectionNotFound, AnotherPerson)
# For a pass over many repositories to go on, others first.
NEXT_BATCH_IN: Final = timedelta(seconds=5)
# A person with a waiting request may have been approved without anybody saying so.
LOOK_FOR_APPROVAL_IN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAccess:
    """Idempotent, and in any order: sign-in, background, hint and reconcile all run this."""

    prove_access: ProveAccess
    prove_by_role: ProveByRole
    reread_installation: RereadInstallation
    prove_waiting: ProveWaiting
    answer_approvals: AnswerApprovals
    begin_work: BeginWork
    clock: Clock
    rules: ProofRules

    async def __call__(self, user_id: UserId) -> datetime | None:
        """Prove, and return when that should be done again; None if there is nothing to prove.

        Raises `UpstreamUnavailable` after letting the aged proofs count for the grace too.
        """
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(user_id)
            login = await work.connections.current_login_of(user_id)
        if user is None:
            return None
        try:
            if await self._by_person(user, await self._viewpoints(user, login)):
                return await self._next(user_id)
            next_due_at = await self._by_role(user)
        except UpstreamUnavailable:
            async with self.begin_work(atomic=False) as work:
                await work.grants.extend(user_id, self.rules)
            raise
        async with self.begin_work(atomic=False) as work:
            # GitHub could be asked: what nobody could prove does not count any longer for that.
            await work.grants.extend(user_id, replace(self.rules, grace=timedelta(0)))
        return next_due_at

    async def _viewpoints(self, user: User, login: Connection | None) -> Sequence[Viewpoint]:
        """List the connections with a token of the person, the strongest source first."""
        async with self.begin_work(atomic=False) as work:
            waiting = await work.approval_requests.waiting_of(user.id)
        viewpoints = [
            viewpoint
            for request in waiting
            # Whether an owner has approved meanwhile is not known: then Nango put the installation's token there.
            for viewpoint in (
                Viewpoint(connection_id=request.connection_id, source=ProofSource.LINK),
                Viewpoint(connection_id=request.connection_id, source=ProofSource.LINK, is_installation=True),
            )
        ]
        if login is None or login.state is not ConnectionState.LIVE or not login.reads_access:
            return viewpoints
        return [Viewpoint(connection_id=login.id, source=ProofSource.LOGIN), *viewpoints]

    async def _by_person(self, user: User, viewpoints: Sequence[Viewpoint]) -> bool:
        for viewpoint in viewpoints:
            try:
                proven = await self.prove_access(user, viewpoint)
            except NO_TOKEN:
                continue
            await self.answer_approvals(user, proven)
            return True
        return False

    async def _by_role(self, user: User) -> datetime | None:
        has_more = False
        await self.prove_waiting(user)
        async with self.begin_work(atomic=False) as work:
            mine = await work.installations.of_user(user.id)
        await self.answer_approvals(user, [one.installation for one in mine if one.repositories])
        for one in mine:
            if one.installation.is_active:
                has_more = await self._by_role_in(user, one.installation) or has_more
        return self.clock.now() + NEXT_BATCH_IN if has_more else await self._next(user.id)

    async def _by_role_in(self, user: User, installation: Installation) -> bool:
        async with self.begin_work(atomic=False) as work:
            connection = await work.installation_connections.current_of(installation.id)
        if connection is None or connection.state is not ConnectionState.LIVE:
            return False
        try:
            return await self.prove_by_role(user, installation.id, connection.id)
        except InstallationSuspended:
            async with self.begin_work(atomic=False) as work:
                await work.installations.remember(installation.suspended(self.clock.now()))
        except InstallationGone:
            await self.reread_installation(installation.id)
        except (ConnectionBroken, ConnectionNotFound) as error:
            async with self.begin_work(atomic=False) as work:
                await work.installation_connections.save(connection.broken(str(error), self.clock.now()))
        return False

    async def _next(self, user_id: UserId) -> datetime | None:
        async with self.begin_work(atomic=False) as work:
            mine = await work.installations.of_user(user_id)
            waiting = await work.approval_requests.waiting_of(user_id)
        # One that is suspended can be proven again only when it is not any more, and then it is.
        times = [one.proof.proved_at + self.rules.renewed_after for one in mine if one.installation.is_active]
        if waiting:
            times.append(self.clock.now() + LOOK_FOR_APPROVAL_IN)
        # Proofs that could not be renewed must not make it run at once, again and again.
        soonest = self.clock.now() + LOOK_FOR_APPROVAL_IN
        return max(min(times), soonest) if times else None
