"""The installations of the GitHub App that we know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.grant import Proof
from domain.installation import Installation, InstallationId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationOfUser:
    """One that somebody has a proof for, and how many repositories of it GitHub named to them."""

    installation: Installation
    proof: Proof
    repositories: int


class Installations(Protocol):
    async def remember(self, installation: Installation) -> Installation:
        """Store what GitHub said, unless something newer is known (by `checked_at`); return what is known then.

        One that was taken for deleted comes back when GitHub lists it later.
        """
        ...

    async def find(self, installation_id: InstallationId) -> Installation | None: ...

    async def of_user(self, user_id: UserId) -> Sequence[InstallationOfUser]:
        """List those that the person has a proof for, open or not, by account name."""
        ...

    async def after(self, installation_id: InstallationId, limit: int) -> Sequence[Installation]:
        """List those that somebody has a proof of and that are not deleted, by id, from the one after this id on."""
        ...
