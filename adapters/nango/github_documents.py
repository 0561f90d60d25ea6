"""What we read of GitHub's documents of installations and repositories; lists of ten thousand are read this way."""

from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

Id = Annotated[int, Meta(gt=0)]
Name = Annotated[str, Meta(min_length=1)]


class Numbered(msgspec.Struct, frozen=True, gc=False):
    id: Id


ItemT = TypeVar("ItemT", bound=Numbered)


class Page(msgspec.Struct, Generic[ItemT], frozen=True):
    """One page of a list that says how long all of it is."""

    total_count: Annotated[int, Meta(ge=0)]

    @property
    def items(self) -> list[ItemT]:
        raise NotImplementedError


class Owner(Numbered, frozen=True, gc=False):
    login: Name


class Permissions(msgspec.Struct, frozen=True, gc=False):
    """Each is said of everything that it includes."""

    admin: bool = False
    maintain: bool = False
    push: bool = False
    triage: bool = False
    pull: bool = False


class Repository(Numbered, frozen=True, gc=False):
    name: Name
    owner: Owner
    private: bool
    html_url: str
    default_branch: str | None = None
    visibility: str | None = None
    archived: bool = False


class SeenRepository(Repository, frozen=True, gc=False):
    """A repository with what the token's owner may do there; a custom role is named as its organisation wants."""

    permissions: Permissions | None = None
    role_name: str | None = None


class RepositoryPage(Page[Repository], frozen=True):
    """The answer of `GET /installation/repositories`."""

    repositories: list[Repository]

    @property
    def items(self) -> list[Repository]:
        return self.repositories


class SeenRepositoryPage(Page[SeenRepository], frozen=True):
    """The answer of `GET /user/installations/{id}/repositories`."""

    repositories: list[SeenRepository]

    @property
    def items(self) -> list[SeenRepository]:
        return self.repositories


class InstalledOn(Numbered, frozen=True, gc=False):
    """An account; an enterprise has neither a login name nor one of the two types."""

    login: str | None = None
    type: str | None = None


class Installation(Numbered, frozen=True):
    app_id: int
    account: InstalledOn | None
    repository_selection: str
    suspended_at: str | None = None


class Covered(msgspec.Struct, frozen=True):
    owner: InstalledOn


class CoveredPage(msgspec.Struct, frozen=True):
    """What the first page of `GET /installation/repositories` says of the installation."""

    repository_selection: str
    repositories: list[Covered]


class InstallationPage(Page[Installation], frozen=True):
    """The answer of `GET /user/installations`."""

    installations: list[Installation]

    @property
    def items(self) -> list[Installation]:
        return self.installations


class Collaborator(Numbered, frozen=True):
    permissions: Permissions | None = None


class CollaboratorPermission(msgspec.Struct, frozen=True):
    """The answer of `GET /repositories/{id}/collaborators/{login}/permission`."""

    permission: str
    user: Collaborator | None
    role_name: str | None = None


class Membership(msgspec.Struct, frozen=True):
    """The answer of `GET /orgs/{organisation}/memberships/{login}`."""

    state: str
    role: str


class UserCredentials(msgspec.Struct, frozen=True):
    access_token: str

    def __repr__(self) -> str:
        return "UserCredentials(…)"


class PersonConfig(msgspec.Struct, frozen=True, rename="camel"):
    user_credentials: UserCredentials | None = None


class PersonBehind(msgspec.Struct, frozen=True):
    """The answer of `GET /connections/{id}`, of which only the person's own token is wanted."""

    connection_id: str
    connection_config: PersonConfig | None = None


class AppCredentials(msgspec.Struct, frozen=True):
    app_id: str | int | None = None

    def __repr__(self) -> str:
        return "AppCredentials(…)"


class IntegrationData(msgspec.Struct, frozen=True):
    credentials: AppCredentials | None = None


class IntegrationAnswer(msgspec.Struct, frozen=True):
    """The answer of `GET /integrations/{key}?include=credentials`."""

    data: IntegrationData
