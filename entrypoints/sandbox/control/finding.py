"""Finding what a control call names; what is not there is a 404."""

from litestar.exceptions import HTTPException, NotFoundException

from entrypoints.sandbox.github.model import Account, Installation, Repository, Selection, Team
from entrypoints.sandbox.sandbox import Sandbox


def person_of(sandbox: Sandbox, login_or_id: str) -> Account:
    person = sandbox.world.person(login_or_id)
    if person is None:
        raise NotFoundException(f"nobody here is called {login_or_id!r}")
    return person


def doer_of(sandbox: Sandbox, by: str | None) -> Account | None:
    """Find who does something, when somebody is named."""
    return None if by is None else person_of(sandbox, by)


def account_of(sandbox: Sandbox, login_or_id: str) -> Account:
    account = sandbox.world.account(login_or_id)
    if account is None:
        raise NotFoundException(f"no account here is called {login_or_id!r}")
    return account


def organization_of(sandbox: Sandbox, login_or_id: str) -> Account:
    account = account_of(sandbox, login_or_id)
    if account.type != "Organization":
        raise NotFoundException(f"{login_or_id!r} is no organisation")
    return account


def team_of(sandbox: Sandbox, organization: Account, slug: str) -> Team:
    team = sandbox.world.team_called(organization.id, slug)
    if team is None:
        raise NotFoundException(f"no team here is called {slug!r}")
    return team


def repository_of(sandbox: Sandbox, repository_id: int) -> Repository:
    repository = sandbox.world.repositories.get(repository_id)
    if repository is None:
        raise NotFoundException(f"no repository here has the number {repository_id}")
    return repository


def installation_of(sandbox: Sandbox, installation_id: int) -> Installation:
    installation = sandbox.world.installations.get(installation_id)
    if installation is None:
        raise NotFoundException(f"no installation here has the number {installation_id}")
    return installation


def selection_of(sandbox: Sandbox, account: Account, named: list[int | str] | str) -> Selection:
    """Read `all`, or numbers and names of repositories of the account."""
    if named == "all":
        return "all"
    mine = sandbox.world.owned_by(account.id)
    by_name = {str(key).casefold(): one.id for one in mine for key in (one.id, one.name)}
    wanted = [str(one).strip().casefold() for one in (named.split(",") if isinstance(named, str) else named)]
    missing = [one for one in wanted if one not in by_name]
    if missing or not wanted:
        raise HTTPException(f"{account.login} has no repository {', '.join(missing)!r}", status_code=422)
    return frozenset(by_name[one] for one in wanted)


def refuse_taken(sandbox: Sandbox, login: str, number: int | None = None, *, but: Account | None = None) -> None:
    """Refuse a login name that another account has, whether a person or an organisation."""
    owner = sandbox.world.account_called(login)
    if (owner is not None and owner is not but) or (number is not None and number in sandbox.world.accounts):
        raise HTTPException(f"the login {login!r} or the id is taken", status_code=409)
