"""Which repositories a person may see, and why."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.installation import Installation, InstallationId
from domain.repository import Permission, Repository, RepositoryId, Visibility
from domain.user import UserId


class ProofSource(StrEnum):
    """Who confirmed a person's access, strongest first."""

    LOGIN = "login"
    """GitHub's list for the person, by the token of their login connection, which is the App's own."""
    LINK = "link"
    """GitHub's list for the person, by the token that they gave when they connected."""
    COLLABORATOR = "collaborator"
    """GitHub's word on the person's role in each repository, by the installation's token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRules:
    """How long a proof counts, and how much longer while GitHub cannot be asked."""

    lifetime: timedelta
    grace: timedelta

    @property
    def renewed_after(self) -> timedelta:
        """Early enough that the grants of whoever GitHub still knows never lapse."""
        return self.lifetime * 3 / 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """GitHub's answer about one person and one installation; the grants of it are what it named.

    It began to be read at `proved_at`, and counts until `closes_at`. A proof by collaborator permissions asks for one
    repository after the other: a pass that goes on in the background began at `pass_began_at`, and has come `through`
    the repositories up to that id.
    """

    user_id: UserId
    installation_id: InstallationId
    source: ProofSource
    proved_at: datetime
    closes_at: datetime
    pass_began_at: datetime | None = None
    through: RepositoryId | None = None

    @classmethod
    def of(
        cls, user_id: UserId, installation_id: InstallationId, source: ProofSource, at: datetime, rules: ProofRules
    ) -> "Proof":
        return cls(
            user_id=user_id,
            installation_id=installation_id,
            source=source,
            proved_at=at,
            closes_at=at + rules.lifetime,
        )

    def in_grace(self, rules: ProofRules) -> "Proof":
        """Let it count longer, as GitHub could not be asked; any number of times with the same result."""
        return replace(self, closes_at=self.proved_at + rules.lifetime + rules.grace)

    def is_open(self, at: datetime) -> bool:
        return at < self.closes_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One repository that GitHub confirmed for one person, with its proof and its installation."""

    repository: Repository
    permission: Permission
    proof: Proof
    installation: Installation

    def refusal(self, at: datetime) -> str | None:
        """Say why it shows nothing now; None if it does. Only its own person may be told."""
        if not self.installation.is_active:
            return f"the installation of the GitHub App on {self.installation.account} is {self.installation.state}"
        if not self.proof.is_open(at):
            return "GitHub confirmed your access too long ago, and could not be asked again since"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFilter:
    """Which of a person's grants to list; `text` is a part of the full name, in any case."""

    owner: str | None = None
    visibility: Visibility | None = None
    permission: Permission | None = None
    """At least this one."""
    is_archived: bool | None = None
    installation_id: InstallationId | None = None
    text: str | None = None


NOT_CONFIRMED: Final = "GitHub did not confirm your access"
