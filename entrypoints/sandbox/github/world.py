"""Everything on the sandbox's GitHub, and how it is found."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from operator import attrgetter
from typing import Final

from entrypoints.sandbox.github.deliveries import HookDelivery
from entrypoints.sandbox.github.model import (
    Account,
    App,
    Installation,
    InstallationRequest,
    Permission,
    Repository,
    Role,
    Team,
)
from entrypoints.sandbox.github.pairs import Pairs
from entrypoints.sandbox.github.repositories import Repositories

KEPT_DELIVERIES: Final = 500
FIRST_NUMBER: Final = 80_001


@dataclass(slots=True, kw_only=True)
class World:
    """Accounts, what they own, and who belongs to what; `access.py` says who may do what."""

    app: App
    accounts: dict[int, Account] = field(default_factory=dict[int, Account])
    repositories: Repositories = field(default_factory=Repositories)
    installations: dict[int, Installation] = field(default_factory=dict[int, Installation])
    requests: dict[int, InstallationRequest] = field(default_factory=dict[int, InstallationRequest])
    teams: dict[int, Team] = field(default_factory=dict[int, Team])
    memberships: Pairs[Role] = field(default_factory=Pairs[Role])
    """By organisation and person."""
    collaborations: Pairs[Permission] = field(default_factory=Pairs[Permission])
    """By repository and person."""
    moved: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Where a repository is whose owner or name was another one."""
    deliveries: deque[HookDelivery] = field(default_factory=lambda: deque[HookDelivery](maxlen=KEPT_DELIVERIES))
    _numbers: "count[int]" = field(default_factory=lambda: count(FIRST_NUMBER))

    def number(self) -> int:
        """Give a number that nothing else has, for what no test names by its number."""
        return next(self._numbers)

    def people(self) -> list[Account]:
        return [account for account in self.accounts.values() if account.type == "User"]

    def organizations(self) -> list[Account]:
        return [account for account in self.accounts.values() if account.type == "Organization"]

    def person(self, login_or_id: str) -> Account | None:
        """Find a person by login name (in any case, as on GitHub) or numeric id."""
        account = self.account(login_or_id)
        return account if account is not None and account.type == "User" else None

    def account(self, login_or_id: str) -> Account | None:
        """Find a person or an organisation by login name or numeric id."""
        known = self.accounts.get(int(login_or_id)) if login_or_id.isdecimal() else None
        return known or self.account_called(login_or_id)

    def account_called(self, login: str) -> Account | None:
        """Find a person or an organisation by login name alone, in any case."""
        wanted = login.casefold()
        return next((one for one in self.accounts.values() if one.login.casefold() == wanted), None)

    def add_person(
        self, login: str, at: datetime, *, name: str | None, email: str | None, number: int | None
    ) -> Account:
        """Somebody new, with an id of their own unless one is given."""
        account = Account(id=self._new_account_id(number), login=login, name=name, email=email, created_at=at)
        self.accounts[account.id] = account
        return account

    def add_organization(self, login: str, at: datetime, *, name: str | None, number: int | None) -> Account:
        new_id = self._new_account_id(number)
        account = Account(id=new_id, login=login, name=name, type="Organization", created_at=at)
        self.accounts[new_id] = account
        return account

    def _new_account_id(self, number: int | None) -> int:
        return number if number is not None else max(self.accounts, default=0) + 1

    def owner_of(self, repository: Repository) -> Account:
        return self.accounts[repository.owner_id]

    def owned_by(self, account_id: int) -> list[Repository]:
        return [*self.repositories.of_owner(account_id).values()]

    def repository_named(self, owner: str, name: str) -> Repository | None:
        """Find a repository by its present owner and name, in any case."""
        account = self.account_called(owner)
        wanted = name.casefold()
        mine = self.owned_by(account.id) if account is not None else []
        return next((one for one in mine if one.name.casefold() == wanted), None)

    def note_move(self, repository: Repository) -> None:
        """Remember where the repository is found now, before it gets another address."""
        self.moved[self.owner_of(repository).login.casefold(), repository.name.casefold()] = repository.id

    def moved_repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by an owner or a name that it had."""
        return self.repositories.get(self.moved.get((owner.casefold(), name.casefold()), 0))

    def installation_on(self, account_id: int) -> Installation | None:
        return next((one for one in self.installations.values() if one.account_id == account_id), None)

    def installation_covering(self, repository: Repository) -> Installation | None:
        return next((one for one in self.installations.values() if one.covers(repository)), None)

    def covered(self, installation: Installation) -> list[Repository]:
        """List the installation's repositories in the order of their ids."""
        if installation.repository_selection == "all":
            mine: Iterable[Repository] = self.owned_by(installation.account_id)
        else:
            mine = (self.repositories[one] for one in installation.repository_ids if one in self.repositories)
        return sorted(mine, key=attrgetter("id"))

    def owners(self, account: Account) -> list[Account]:
        """List who may decide for an account: the person, or the organisation's administrators."""
        if account.type == "User":
            return [account]
        members = self.memberships.of_thing(account.id)
        return [self.accounts[person_id] for person_id, role in members.items() if role == "admin"]

    def organizations_of(self, person_id: int) -> list[Account]:
        return [self.accounts[one] for one in sorted(self.memberships.of_person(person_id))]

    def teams_of(self, organization_id: int) -> list[Team]:
        return [team for team in self.teams.values() if team.organization_id == organization_id]

    def team_called(self, organization_id: int, slug: str) -> Team | None:
        return next((team for team in self.teams_of(organization_id) if team.slug == slug), None)
