"""Installations in memory."""

from collections.abc import Sequence

from application.ports.installations import InstallationOfUser, Installations
from domain.installation import Installation, InstallationId, InstallationState
from domain.user import UserId
from tests.fakes.tables import Tables


class InMemoryInstallations(Installations):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.installations
        self._tables = tables

    async def remember(self, installation: Installation) -> Installation:
        known = self._rows.get(installation.id)
        if known is not None and known.checked_at > installation.checked_at:
            return known
        self._rows[installation.id] = installation
        return installation

    async def find(self, installation_id: InstallationId) -> Installation | None:
        return self._rows.get(installation_id)

    async def of_user(self, user_id: UserId) -> Sequence[InstallationOfUser]:
        found = [
            InstallationOfUser(
                installation=self._rows[installation_id],
                proof=proof,
                repositories=sum(
                    holder == user_id and grant.installation_id == installation_id
                    for (holder, _), grant in self._tables.grants.items()
                ),
            )
            for (prover, installation_id), proof in self._tables.proofs.items()
            if prover == user_id
        ]
        return sorted(found, key=lambda one: (one.installation.account.lower(), one.installation.id))

    async def after(self, installation_id: InstallationId, limit: int) -> Sequence[Installation]:
        found = [
            one
            for one in self._rows.values()
            if one.state is not InstallationState.DELETED
            and one.id > installation_id
            and any(proven == one.id for _, proven in self._tables.proofs)
        ]
        return sorted(found, key=lambda one: one.id)[:limit]
