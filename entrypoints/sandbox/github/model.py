"""Who and what exists on the sandbox's GitHub."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

AccountType = Literal["User", "Organization"]
Permission = Literal["pull", "triage", "push", "maintain", "admin"]
Role = Literal["member", "admin"]


@dataclass(slots=True, kw_only=True)
class Account:
    """A person or an organisation; `id` never changes, `login` may, and may then go to somebody else."""

    id: int
    login: str
    created_at: datetime
    type: AccountType = "User"
    name: str | None = None
    email: str | None = None

    @property
    def node_id(self) -> str:
        return f"{self.type[0]}_{self.id}"


@dataclass(slots=True, kw_only=True)
class Repository:
    id: int
    owner_id: int
    name: str
    private: bool = False
    default_branch: str = "main"
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one GitHub App, whose client also serves sign-in."""

    id: int
    slug: str
    client_id: str
    client_secret: str
    private_key: str


@dataclass(slots=True, kw_only=True)
class Installation:
    """The App on one account, for some of its repositories."""

    id: int
    account_id: int
    repository_ids: set[int]
    repository_selection: Literal["all", "selected"] = "selected"
    permissions: dict[str, str] = field(default_factory=lambda: {"contents": "read", "metadata": "read"})
    events: tuple[str, ...] = ("push",)
    suspended_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class World:
    """Accounts, what they own, and who may do what."""

    app: App
    accounts: dict[int, Account] = field(default_factory=dict[int, Account])
    repositories: dict[int, Repository] = field(default_factory=dict[int, Repository])
    installations: dict[int, Installation] = field(default_factory=dict[int, Installation])
    memberships: dict[tuple[int, int], Role] = field(default_factory=dict[tuple[int, int], Role])
    """By organisation and person."""
    collaborations: dict[tuple[int, int], Permission] = field(default_factory=dict[tuple[int, int], Permission])
    """By repository and person."""

    def people(self) -> list[Account]:
        return [account for account in self.accounts.values() if account.type == "User"]

    def person(self, login_or_id: str) -> Account | None:
        """Find a person by login name (in any case, as on GitHub) or numeric id."""
        account = self.accounts.get(int(login_or_id)) if login_or_id.isdecimal() else None
        if account is not None and account.type == "User":
            return account
        wanted = login_or_id.casefold()
        return next((one for one in self.people() if one.login.casefold() == wanted), None)

    def add_person(
        self, login: str, at: datetime, *, name: str | None, email: str | None, number: int | None
    ) -> Account:
        """Somebody new, with an id of their own unless one is given."""
        new_id = number if number is not None else max(self.accounts, default=0) + 1
        account = Account(id=new_id, login=login, name=name, email=email, created_at=at)
        self.accounts[new_id] = account
        return account

    def permission_of(self, person_id: int, repository: Repository) -> Permission | None:
        """Take the best of owning it, administering its organisation, and collaborating on it."""
        if repository.owner_id == person_id or self.memberships.get((repository.owner_id, person_id)) == "admin":
            return "admin"
        return self.collaborations.get((repository.id, person_id))

    def installations_of(self, person_id: int) -> list[Installation]:
        """List the installations in which the person can reach something."""
        return [
            installation
            for installation in self.installations.values()
            if installation.account_id == person_id
            or any(
                self.permission_of(person_id, self.repositories[repository_id]) is not None
                for repository_id in installation.repository_ids
            )
        ]
