"""A GitHub repository, and what a person may do there."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NewType

RepositoryId = NewType("RepositoryId", int)


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    INTERNAL = "internal"


class Permission(IntEnum):
    """GitHub's repository roles, in their order; https://docs.github.com/organizations (repository roles)."""

    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5

    @property
    def role(self) -> str:
        """The name that GitHub and our API use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """As GitHub showed it; only `id` identifies, as names and owners change."""

    id: RepositoryId
    owner_id: int
    owner: str
    name: str
    visibility: Visibility
    is_archived: bool
    default_branch: str
    url: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRepository:
    """A repository that GitHub listed for a person, with what they may do there."""

    repository: Repository
    permission: Permission


def may_see(visibility: Visibility, permission: Permission) -> bool:
    """Tell whether a collaborator permission, as the installation's token reads it, shows the repository to a person.

    GitHub says read of everybody about a public repository, and of every member about an internal one.
    """
    return permission > Permission.READ or visibility is Visibility.PRIVATE
