"""Who may see which repositories, as proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.grant import Grant, GrantFilter, Proof, ProofRules
from domain.installation import InstallationId
from domain.repository import RepositoryId, SeenRepository
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A proof that was recorded; `is_news` if the person's grants are others than before."""

    is_news: bool


class Grants(Protocol):
    """A grant is a repository in a proof: (user, installation). Removing the proof removes its grants.

    A proof began when its pass did (`pass_began_at`), or else at `proved_at`: that is what earlier and later mean, and
    the time at which its repositories were read.
    """

    async def record(self, proof: Proof, seen: Sequence[SeenRepository]) -> Recorded | None:
        """Make the person's grants on the installation exactly these, and store the repositories as they were seen.

        In one go, for any number, and without writing what is the same. None, and nothing changed, if a proof that
        began later is stored, or the person is gone, or has left the installation since this one began. No grant on
        what was read later to be in no installation, or in another one.

        The installation is remembered before. Several in one work are recorded in the order of their installations'
        ids, or two people's may wait for each other in turn.
        """
        ...

    async def record_part(self, proof: Proof, seen: Sequence[SeenRepository], after: RepositoryId) -> Recorded | None:
        """Do so for the repositories with ids above `after`, up to the proof's `through` (None: to the end)."""
        ...

    async def withdraw(self, user_id: UserId, installation_id: InstallationId, before: datetime) -> bool:
        """Remove a proof that began before the moment, and its grants; tell whether there was one."""
        ...

    async def withdraw_all(self, installation_id: InstallationId, before: datetime) -> int:
        """Remove everybody's proofs on an installation that began before the moment, and so their grants.

        Tell how many.
        """
        ...

    async def leave(self, user_id: UserId, installation_id: InstallationId, at: datetime) -> bool:
        """Withdraw the person's own proof, and keep it from coming back by itself; tell whether there was one."""
        ...

    async def left_by(self, user_id: UserId) -> Sequence[InstallationId]:
        """List the installations that the person left."""
        ...

    async def rejoin(self, user_id: UserId, installation_id: InstallationId | None) -> None:
        """Forget that the person left an installation, or any."""
        ...

    async def proofs_of(self, user_id: UserId) -> Sequence[Proof]:
        """List the person's proofs, open or not."""
        ...

    async def proof_of(self, user_id: UserId, installation_id: InstallationId) -> Proof | None: ...

    async def has_proofs_on(self, installation_id: InstallationId) -> bool: ...

    async def witnesses(self, installation_id: InstallationId, limit: int) -> Sequence[UserId]:
        """List some who have a proof on the installation, the latest proven first."""
        ...

    async def extend(self, user_id: UserId, rules: ProofRules, installation_id: InstallationId | None = None) -> None:
        """Let the person's proofs, or one of them, count for the grace too, as GitHub could not be asked."""
        ...

    async def find(self, user_id: UserId, repository_id: RepositoryId) -> Grant | None:
        """Find a grant, also one that shows nothing now."""
        ...

    async def list(
        self, user_id: UserId, wanted: GrantFilter, at: datetime, after: RepositoryId, limit: int
    ) -> Sequence[Grant]:
        """List grants that show something now, in the order of repository ids, from the one after this id on."""
        ...

    async def count(self, user_id: UserId, at: datetime) -> int:
        """Count the grants that show something now."""
        ...
