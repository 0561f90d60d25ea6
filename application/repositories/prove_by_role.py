"""GitHub is asked, with an installation's token, for a person's role in each of its repositories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.unit_of_work import BeginWork, UnitOfWork
from application.side_by_side import side_by_side
from domain.connection import ConnectionId
from domain.grant import Proof, ProofRules, ProofSource
from domain.installation import InstallationId
from domain.repository import Repository, RepositoryId, SeenRepository, may_see
from domain.user import User

# Of one installation at a time; the rest is done in the background.
BATCH: Final = 200
AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveByRole:
    """The weakest proof, and the only one without a token of the person: a call for each repository.

    It goes through an installation in batches, in the order of ids. Of an installation that nobody has proven, nothing
    is stored unless the first batch shows the person something.
    """

    installation_access: InstallationAccess
    begin_work: BeginWork
    clock: Clock
    rules: ProofRules

    async def __call__(self, user: User, installation_id: InstallationId, connection_id: ConnectionId) -> bool:
        """Prove a batch; tell whether more are left to ask for. Raises what `InstallationAccess` raises."""
        async with self.begin_work(atomic=False) as work:
            previous = await work.grants.proof_of(user.id, installation_id)
        began, after = self._where(previous)
        covered = await self.installation_access.repositories(connection_id)
        ahead = [one for one in covered if one.id > after]
        batch, is_last = ahead[:BATCH], len(ahead) <= BATCH
        seen = await self._seen(user, connection_id, batch)
        if previous is None and not seen:
            return False
        proof = self._proof(user, installation_id, previous, began, None if is_last else batch[-1].id)
        about = await self.installation_access.about(connection_id, installation_id)
        async with self.begin_work() as work:
            if about is not None:
                await work.installations.remember(replace(about, checked_at=began))
            recorded = await work.grants.record_part(proof, seen, after)
            if is_last and not await self._has_part(work, user, installation_id):
                await work.grants.withdraw(user.id, installation_id, before=began + timedelta.resolution)
            elif recorded is not None and recorded.is_news:
                await work.sync_scopes.want(installation_id, self.clock.now())
        return not is_last

    async def _has_part(self, work: UnitOfWork, user: User, installation_id: InstallationId) -> bool:
        """Tell whether the pass has shown the person anything, or the account is their own."""
        for mine in await work.installations.of_user(user.id):
            if mine.installation.id == installation_id:
                return mine.repositories > 0 or mine.installation.account_id == user.account.id
        return False

    def _where(self, previous: Proof | None) -> tuple[datetime, RepositoryId]:
        """Say when the pass began, and how far it has come; one that rested for too long begins anew."""
        now = self.clock.now()
        if previous is None or previous.pass_began_at is None or now >= previous.pass_began_at + self.rules.lifetime:
            return now, RepositoryId(0)
        return previous.pass_began_at, previous.through or RepositoryId(0)

    async def _seen(
        self, user: User, connection_id: ConnectionId, batch: Sequence[Repository]
    ) -> Sequence[SeenRepository]:
        # The person may have another login name than when they signed in, and somebody else their old one.
        login = await self.installation_access.login_of(connection_id, user.account.id)
        if login is None:
            return []

        async def ask(repository: Repository) -> SeenRepository | None:
            role = await self.installation_access.permission_of(connection_id, repository.id, login)
            if role is None or role[0] != user.account.id or not may_see(repository.visibility, role[1]):
                return None
            return SeenRepository(repository=repository, permission=role[1])

        asked = await side_by_side([partial(ask, one) for one in batch], AT_ONCE)
        return [seen for seen in asked if seen is not None]

    def _proof(
        self,
        user: User,
        installation_id: InstallationId,
        previous: Proof | None,
        began: datetime,
        through: RepositoryId | None,
    ) -> Proof:
        whole = Proof.of(user.id, installation_id, ProofSource.COLLABORATOR, began, self.rules)
        if through is None:
            return whole
        # Until the pass has come to its end, what was proven before counts as long as it did.
        return replace(previous or whole, pass_began_at=began, through=through)
