"""What exists on the sandbox's GitHub; `world.py` holds it together."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from entrypoints.sandbox.github.history import Commit, Label

AccountType = Literal["User", "Organization"]
Permission = Literal["pull", "triage", "push", "maintain", "admin"]
BasePermission = Literal["none", "pull", "push", "admin"]
Visibility = Literal["public", "private", "internal"]
Role = Literal["member", "admin"]
Selection: TypeAlias = frozenset[int] | Literal["all"]
"""The repositories of an installation: these, or whatever its account owns."""

RANKS: Final[tuple[Permission, ...]] = ("pull", "triage", "push", "maintain", "admin")


@dataclass(slots=True, kw_only=True)
class Account:
    """A person or an organisation; `id` never changes, `login` may, and may then go to somebody else."""

    id: int
    login: str
    created_at: datetime
    type: AccountType = "User"
    name: str | None = None
    email: str | None = None
    base_permission: BasePermission = "none"
    """What an organisation's members may do with each of its private repositories."""

    @property
    def node_id(self) -> str:
        return f"{self.type[0]}_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One file of a pull request."""

    path: str
    status: Literal["added", "modified", "removed", "renamed"] = "modified"
    additions: int = 1
    deletions: int = 0
    patch: str = "@@ -0,0 +1 @@\n+made up"


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue, or the conversation of a pull request: both are numbered together."""

    number: int
    title: str
    author_id: int
    created_at: datetime
    updated_at: datetime | None = None
    """When somebody last changed it, if anybody did."""
    body: str | None = None
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    locked: bool = False
    labels: tuple[Label, ...] = ()
    assignee_ids: tuple[int, ...] = ()
    milestone: str | None = None

    @property
    def last_changed_at(self) -> datetime:
        return self.updated_at or self.created_at


@dataclass(slots=True, kw_only=True)
class PullRequest(Issue):
    """Hashes that are not given are made up from the branches."""

    draft: bool = False
    merged: bool = False
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None
    branch: str = "topic"
    base: str | None = None
    """The default branch when none is named."""
    head_sha: str | None = None
    base_sha: str | None = None
    reviewer_ids: tuple[int, ...] = ()
    files: tuple[ChangedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said on an issue; the App itself when there is no author."""

    id: int
    number: int
    body: str
    author_id: int | None
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Repository:
    id: int
    owner_id: int
    name: str
    private: bool = False
    internal: bool = False
    """Private, but not for the organisation's members."""
    default_branch: str = "main"
    archived: bool = False
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    issues: dict[int, Issue] = field(default_factory=dict[int, Issue])
    comments: list[Comment] = field(default_factory=list[Comment])
    branches: dict[str, list[Commit]] = field(default_factory=dict[str, list[Commit]])
    """The commits of each branch, the newest last."""
    highest_deleted: int = 0
    """The highest number that an issue had which is gone."""

    def next_number(self) -> int:
        """Give the number of the next issue or pull request: none is given twice."""
        return max(next(reversed(self.issues), 0), self.highest_deleted) + 1

    def delete_issue(self, number: int) -> None:
        del self.issues[number]
        self.highest_deleted = max(self.highest_deleted, number)

    @property
    def visibility(self) -> Visibility:
        if self.internal:
            return "internal"
        return "private" if self.private else "public"

    @visibility.setter
    def visibility(self, visibility: Visibility) -> None:
        self.private, self.internal = visibility != "public", visibility == "internal"


@dataclass(slots=True, kw_only=True)
class Team:
    id: int
    organization_id: int
    slug: str
    name: str
    members: set[int] = field(default_factory=set[int])
    repositories: dict[int, Permission] = field(default_factory=dict[int, Permission])


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one GitHub App, whose client also serves sign-in."""

    id: int
    slug: str
    client_id: str
    client_secret: str
    private_key: str


def usual_permissions() -> dict[str, str]:
    return {"contents": "read", "issues": "write", "members": "read", "metadata": "read", "pull_requests": "read"}


@dataclass(slots=True, kw_only=True)
class Installation:
    """The App on one account; `repository_ids` says nothing when all of its repositories are selected."""

    id: int
    account_id: int
    repository_ids: set[int]
    repository_selection: Literal["all", "selected"] = "selected"
    permissions: dict[str, str] = field(default_factory=usual_permissions)
    events: tuple[str, ...] = ("push",)
    """What the document says; the sandbox sends every kind of event."""
    created_at: datetime | None = None
    """When somebody installed it here; not known of those that were there from the beginning."""
    suspended_at: datetime | None = None
    suspended_by: int | None = None

    def covers(self, repository: Repository) -> bool:
        if repository.owner_id != self.account_id:
            return False
        return self.repository_selection == "all" or repository.id in self.repository_ids

    def select(self, selection: Selection) -> None:
        self.repository_selection = "all" if selection == "all" else "selected"
        self.repository_ids = set() if selection == "all" else {*selection}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRequest:
    """A member asked an owner to install the App."""

    id: int
    account_id: int
    requester_id: int
    requested_at: datetime
