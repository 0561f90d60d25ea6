"""GitHub's page that installs the App, or asks an owner to."""

from dataclasses import dataclass
from typing import Final

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
from entrypoints.sandbox.github.changes.installations import install, request_installation, select_repositories
from entrypoints.sandbox.github.model import Account
from entrypoints.sandbox.github.tokens import AuthorizationRequest
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, SandboxRequest

FORBIDDEN: Final = 403
UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to the page, which asks for what is not said yet: the person, the account, the repositories."""

    sandbox: Sandbox
    given: Given

    def next_page(self) -> Template:
        person = person_in(self.sandbox, self.given)
        account = self._account(person) if person is not None else None
        return self._page(person, account)

    def act(self) -> Response[str] | Template:
        """Do what a button or the URL says; without an action, whatever the person may do."""
        person = person_in(self.sandbox, self.given)
        account = self._account(person) if person is not None else None
        action = self.given.first("action")
        if action == "cancel":
            return Response("", status_code=302, headers={"Location": f"/apps/{self.sandbox.world.app.slug}"})
        if person is None or account is None:
            return self._page(person, account)
        is_owner = person in self.sandbox.world.owners(account)
        if action == "request" or (action is None and not is_owner):
            request_installation(self.sandbox, account, person)
            return self._leave(person, "request")
        if not is_owner:
            return self._page(person, account, FORBIDDEN, "Only an owner may install it here. You may ask for it.")
        return self._install(person, account)

    def _install(self, person: Account, account: Account) -> Response[str] | Template:
        world = self.sandbox.world
        try:
            selection = selection_in(self.given, world.owned_by(account.id))
        except NothingSelected:
            return self._page(person, account, UNPROCESSABLE, "Choose at least one repository.")
        installation = world.installation_on(account.id)
        if installation is None:
            installation = install(self.sandbox, account, selection, by=person)
            return self._leave(person, "install", installation.id)
        select_repositories(self.sandbox, installation, selection, by=person)
        return self._leave(person, "update", installation.id)

    def _leave(self, person: Account, setup_action: str, installation_id: int | None = None) -> Response[str]:
        """Go to the App's callback URL: the App asks for authorization during installation."""
        sandbox, callback = self.sandbox, self.sandbox.settings.redirect_uri
        asked = AuthorizationRequest(
            client_id=sandbox.world.app.client_id, redirect_uri=callback, scope="", code_challenge=None
        )
        query = {"code": sandbox.tokens.issue_code(person.id, asked, sandbox.now())}
        if installation_id is not None:
            query["installation_id"] = str(installation_id)
        query["setup_action"] = setup_action
        state = self.given.first("state")
        return found(callback, query if state is None else {**query, "state": state})

    def _account(self, person: Account) -> Account | None:
        """Find the account that was chosen, among those that the person may choose."""
        named = self.given.first("account")
        account = self.sandbox.world.account(named) if named is not None else None
        if account in self._accounts(person):
            return account
        if named is not None:
            raise NotFoundException(f"{person.login} has nothing to do with {named!r}")
        return None

    def _accounts(self, person: Account) -> list[Account]:
        return [person, *self.sandbox.world.organizations_of(person.id)]

    def _page(
        self, person: Account | None, account: Account | None, status: int = 200, refusal: str | None = None
    ) -> Template:
        world = self.sandbox.world
        installation = world.installation_on(account.id) if account is not None else None
        covered = world.covered(installation) if installation is not None else []
        context = {
            "app": world.app,
            "here": f"/apps/{world.app.slug}/installations/new",
            "kept": {"state": self.given.first("state")} if self.given.first("state") is not None else {},
            "people": world.people(),
            "person": person,
            "accounts": self._accounts(person) if person is not None else [],
            "account": account,
            "is_owner": person is not None and account is not None and person in world.owners(account),
            "repositories": world.owned_by(account.id) if account is not None else [],
            "installation": installation,
            "covered": {repository.id for repository in covered},
            "refusal": refusal,
        }
        return Template("install.html", context=context, media_type=HTML_MEDIA_TYPE, status_code=status)


def refuse_other_apps(sandbox: Sandbox, slug: str) -> None:
    if slug != sandbox.world.app.slug:
        raise NotFoundException("no such app")


@get("/apps/{slug:str}")
async def get_app(sandbox: NamedDependency[Sandbox], slug: FromPath[str]) -> Template:
    """Show the App's public page."""
    refuse_other_apps(sandbox, slug)
    return Template("app.html", context={"app": sandbox.world.app}, media_type=HTML_MEDIA_TYPE)


@get("/apps/{slug:str}/installations/new")
async def get_install(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], slug: FromPath[str]
) -> Template | Response[str]:
    """Ask step by step; `as`, `account` and `repositories` or `action` together answer at once."""
    refuse_other_apps(sandbox, slug)
    given = given_by_url(request)
    visit = Visit(sandbox, given)
    decided = given.first("action") is not None or given.first("selection") is not None or given.all("repositories")
    return visit.act() if decided else visit.next_page()


@post("/apps/{slug:str}/installations/new", status_code=302)
async def post_install(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], slug: FromPath[str]
) -> Response[str] | Template:
    """Take the page's own form."""
    refuse_other_apps(sandbox, slug)
    return Visit(sandbox, await given_by_form(request)).act()


def install_routes() -> Router:
    return Router("/", route_handlers=[get_app, get_install, post_install])
