"""Proofs and their grants in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from application.ports.grants import Grants, Recorded
from domain.grant import Grant, GrantFilter, Proof, ProofRules
from domain.installation import InstallationId
from domain.repository import RepositoryId, SeenRepository
from domain.user import UserId
from tests.fakes.repositories import InMemoryRepositories
from tests.fakes.tables import StoredGrant, Tables


class InMemoryGrants(Grants):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._proofs = tables.proofs
        self._grants = tables.grants
        self._left = tables.left
        self._repositories = InMemoryRepositories(tables)

    async def record(self, proof: Proof, seen: Sequence[SeenRepository]) -> Recorded | None:
        return await self._record(proof, seen, RepositoryId(0), None)

    async def record_part(self, proof: Proof, seen: Sequence[SeenRepository], after: RepositoryId) -> Recorded | None:
        return await self._record(proof, seen, after, proof.through)

    async def _record(
        self, proof: Proof, seen: Sequence[SeenRepository], after: RepositoryId, through: RepositoryId | None
    ) -> Recorded | None:
        key = (proof.user_id, proof.installation_id)
        if proof.user_id not in self._tables.users or self._is_late(proof):
            return None
        if proof.installation_id not in self._tables.installations:
            raise AssertionError("an installation is remembered before anything is proven of it")
        self._proofs[key] = proof
        before = self._grants_of(proof.user_id)
        for one in seen:
            await self._repositories.save(proof.installation_id, one.repository, began(proof))
        for repository_id in list(self._ids_of(*key)):
            if after < repository_id and (through is None or repository_id <= through):
                del self._grants[proof.user_id, repository_id]
        for one in seen:
            if self._tables.repositories[one.repository.id].installation_id == proof.installation_id:
                self._grants[proof.user_id, one.repository.id] = StoredGrant(
                    installation_id=proof.installation_id, permission=one.permission
                )
        return Recorded(is_news=self._grants_of(proof.user_id) != before)

    def _grants_of(self, user_id: UserId) -> dict[RepositoryId, StoredGrant]:
        return {granted: grant for (holder, granted), grant in self._grants.items() if holder == user_id}

    def _is_late(self, proof: Proof) -> bool:
        key = (proof.user_id, proof.installation_id)
        stored, left_at = self._proofs.get(key), self._left.get(key)
        return (stored is not None and began(stored) > began(proof)) or (
            left_at is not None and left_at >= began(proof)
        )

    async def withdraw(self, user_id: UserId, installation_id: InstallationId, before: datetime) -> bool:
        stored = self._proofs.get((user_id, installation_id))
        if stored is None or began(stored) >= before:
            return False
        self._remove(user_id, installation_id)
        return True

    async def withdraw_all(self, installation_id: InstallationId, before: datetime) -> int:
        gone = [
            user_id
            for (user_id, proven), proof in self._proofs.items()
            if proven == installation_id and (proof.pass_began_at or proof.proved_at) < before
        ]
        for user_id in gone:
            self._remove(user_id, installation_id)
        return len(gone)

    async def leave(self, user_id: UserId, installation_id: InstallationId, at: datetime) -> bool:
        if (user_id, installation_id) not in self._proofs:
            return False
        self._remove(user_id, installation_id)
        self._left[user_id, installation_id] = at
        return True

    async def left_by(self, user_id: UserId) -> Sequence[InstallationId]:
        return sorted(installation_id for leaver, installation_id in self._left if leaver == user_id)

    async def rejoin(self, user_id: UserId, installation_id: InstallationId | None) -> None:
        for key in list(self._left):
            if key[0] == user_id and installation_id in {None, key[1]}:
                del self._left[key]

    async def proofs_of(self, user_id: UserId) -> Sequence[Proof]:
        found = [proof for (prover, _), proof in self._proofs.items() if prover == user_id]
        return sorted(found, key=lambda proof: proof.installation_id)

    async def proof_of(self, user_id: UserId, installation_id: InstallationId) -> Proof | None:
        return self._proofs.get((user_id, installation_id))

    async def has_proofs_on(self, installation_id: InstallationId) -> bool:
        return any(proven == installation_id for _, proven in self._proofs)

    async def witnesses(self, installation_id: InstallationId, limit: int) -> Sequence[UserId]:
        found = [proof for (_, proven), proof in self._proofs.items() if proven == installation_id]
        found.sort(key=lambda proof: proof.proved_at, reverse=True)
        return [proof.user_id for proof in found[:limit]]

    async def extend(self, user_id: UserId, rules: ProofRules, installation_id: InstallationId | None = None) -> None:
        for key, proof in self._proofs.items():
            if key[0] == user_id and installation_id in {None, key[1]}:
                self._proofs[key] = proof.in_grace(rules)

    async def find(self, user_id: UserId, repository_id: RepositoryId) -> Grant | None:
        stored = self._grants.get((user_id, repository_id))
        return self._grant(user_id, repository_id, stored) if stored else None

    async def list(
        self, user_id: UserId, wanted: GrantFilter, at: datetime, after: RepositoryId, limit: int
    ) -> Sequence[Grant]:
        found = [one for one in self._open_grants(user_id, at) if one.repository.id > after and is_wanted(one, wanted)]
        return sorted(found, key=lambda grant: grant.repository.id)[:limit]

    async def count(self, user_id: UserId, at: datetime) -> int:
        return len(list(self._open_grants(user_id, at)))

    def _open_grants(self, user_id: UserId, at: datetime) -> Iterator[Grant]:
        for (holder, repository_id), stored in self._grants.items():
            if holder == user_id:
                grant = self._grant(user_id, repository_id, stored)
                if grant.refusal(at) is None:
                    yield grant

    def _grant(self, user_id: UserId, repository_id: RepositoryId, stored: StoredGrant) -> Grant:
        return Grant(
            repository=self._tables.repositories[repository_id].repository,
            permission=stored.permission,
            proof=self._proofs[user_id, stored.installation_id],
            installation=self._tables.installations[stored.installation_id],
        )

    def _ids_of(self, user_id: UserId, installation_id: InstallationId) -> Iterator[RepositoryId]:
        for (holder, repository_id), stored in self._grants.items():
            if holder == user_id and stored.installation_id == installation_id:
                yield repository_id

    def _remove(self, user_id: UserId, installation_id: InstallationId) -> None:
        del self._proofs[user_id, installation_id]
        for repository_id in list(self._ids_of(user_id, installation_id)):
            del self._grants[user_id, repository_id]


def began(proof: Proof) -> datetime:
    return max(proof.proved_at, proof.pass_began_at or proof.proved_at)


def is_wanted(grant: Grant, wanted: GrantFilter) -> bool:
    repository = grant.repository
    return (
        (wanted.owner is None or wanted.owner.lower() == repository.owner.lower())
        and wanted.visibility in {None, repository.visibility}
        and (wanted.permission is None or grant.permission >= wanted.permission)
        and wanted.is_archived in {None, repository.is_archived}
        and wanted.installation_id in {None, grant.installation.id}
        and (wanted.text is None or wanted.text.lower() in repository.full_name.lower())
    )
