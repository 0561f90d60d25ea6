"""GitHub's settings pages: what is installed on an account, and who asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from entrypoints.sandbox.github.browser.forms import (
    Given,
    NothingSelected,
    found,
    given_by_form,
    given_by_url,
    person_in,
    selection_in,
)
from entrypoints.sandbox.github.changes import installations as changes
from entrypoints.sandbox.github.model import Account, Installation, InstallationRequest
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, SandboxRequest

UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Settings:
    """An owner before an account's installations."""

    sandbox: Sandbox
    given: Given
    account: Account
    person: Account
    here: str

    def page(self, status: int = 200, refusal: str | None = None) -> Template:
        world = self.sandbox.world
        installation = world.installation_on(self.account.id)
        waiting = [
            (request, world.accounts[request.requester_id])
            for request in changes.requests_of(self.sandbox, self.account)
        ]
        context = {
            "app": world.app,
            "account": self.account,
            "person": self.person,
            "here": self.here,
            "waiting": waiting,
            "installation": installation,
            "repositories": world.owned_by(self.account.id),
            "covered": {one.id for one in world.covered(installation)} if installation is not None else set[int](),
            "refusal": refusal,
        }
        return Template("settings.html", context=context, media_type=HTML_MEDIA_TYPE, status_code=status)

    def act(self) -> Response[str] | Template:
        """Do what a button says, and show the page again."""
        act = ACTIONS.get(self.given.first("action") or "")
        if act is None:
            raise NotFoundException("no such action")
        try:
            act(self)
        except NothingSelected:
            return self.page(UNPROCESSABLE, "Choose at least one repository.")
        return found(self.here, {"as": self.person.login})

    def approve(self) -> None:
        request = self._request()
        selection = selection_in(self.given, self.sandbox.world.owned_by(self.account.id))
        changes.approve(self.sandbox, request, selection, self.person)

    def decline(self) -> None:
        changes.decline(self.sandbox, self._request())

    def suspend(self) -> None:
        changes.suspend(self.sandbox, self._installation(), self.person)

    def unsuspend(self) -> None:
        changes.unsuspend(self.sandbox, self._installation(), self.person)

    def uninstall(self) -> None:
        changes.uninstall(self.sandbox, self._installation(), self.person)

    def select(self) -> None:
        installation = self._installation()
        selection = selection_in(self.given, self.sandbox.world.owned_by(self.account.id))
        changes.select_repositories(self.sandbox, installation, selection, by=self.person)

    def _request(self) -> InstallationRequest:
        wanted = self.given.first("request")
        for request in changes.requests_of(self.sandbox, self.account):
            if str(request.id) == wanted:
                return request
        raise NotFoundException("no such request")

    def _installation(self) -> Installation:
        installation = self.sandbox.world.installation_on(self.account.id)
        if installation is None:
            raise NotFoundException("the app is not installed here")
        return installation


Action: TypeAlias = Callable[[Settings], None]

ACTIONS: Final[dict[str, Action]] = {
    "approve": Settings.approve,
    "decline": Settings.decline,
    "suspend": Settings.suspend,
    "unsuspend": Settings.unsuspend,
    "uninstall": Settings.uninstall,
    "repositories": Settings.select,
}


def who_page(sandbox: Sandbox, here: str) -> Template:
    context = {"people": sandbox.world.people(), "here": here, "app": sandbox.world.app}
    return Template("who.html", context=context, media_type=HTML_MEDIA_TYPE)


def settings_of(sandbox: Sandbox, given: Given, login: str | None) -> Settings | None:
    """Open an organisation's settings for an owner, or the person's own; nothing while nobody said who they are."""
    person = person_in(sandbox, given)
    if person is None:
        return None
    account = person if login is None else sandbox.world.account_called(login)
    if account is None or person not in sandbox.world.owners(account):
        raise NotFoundException("no such settings for this person")
    return Settings(sandbox, given, account, person, address_of(login))


def address_of(login: str | None) -> str:
    return "/settings/installations" if login is None else f"/organizations/{login}/settings/installations"


def show(sandbox: Sandbox, given: Given, login: str | None) -> Response[str] | Template:
    settings = settings_of(sandbox, given, login)
    if settings is None:
        return who_page(sandbox, address_of(login))
    return settings.page() if given.first("action") is None else settings.act()


def change(sandbox: Sandbox, given: Given, login: str | None) -> Response[str] | Template:
    settings = settings_of(sandbox, given, login)
    return who_page(sandbox, address_of(login)) if settings is None else settings.act()


@get("/settings/installations")
async def get_own(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[str] | Template:
    """Show what is installed on the account of whom `as` names; an `action` does what its button does."""
    return show(sandbox, given_by_url(request), None)


@post("/settings/installations", status_code=302)
async def post_own(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[str] | Template:
    """Take the page's own forms."""
    return change(sandbox, await given_by_form(request), None)


@get("/organizations/{login:str}/settings/installations")
async def get_organization(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], login: FromPath[str]
) -> Response[str] | Template:
    """Show what is installed on an organisation, and who asked for it, to one of its owners."""
    return show(sandbox, given_by_url(request), login)


@post("/organizations/{login:str}/settings/installations", status_code=302)
async def post_organization(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], login: FromPath[str]
) -> Response[str] | Template:
    """Take the page's own forms."""
    return change(sandbox, await given_by_form(request), login)


def settings_routes() -> Router:
    return Router("/", route_handlers=[get_own, post_own, get_organization, post_organization])
