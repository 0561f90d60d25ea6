"""GitHub as a browser sees it: the authorize page, pictures of people, and the pages in `browser`."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from entrypoints.sandbox.github.browser.forms import found
from entrypoints.sandbox.github.browser.install import install_routes
from entrypoints.sandbox.github.browser.settings import settings_routes
from entrypoints.sandbox.github.model import Account
from entrypoints.sandbox.github.tokens import AuthorizationRequest
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, SandboxRequest

AUTOMATION: Final = frozenset({"as", "deny", "login"})
TROUBLESHOOTING: Final = (
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/"
)
DENIED: Final = {
    "error": "access_denied",
    "error_description": "The user has denied your application access.",
    "error_uri": f"{TROUBLESHOOTING}#access-denied",
}
MISMATCH: Final = {
    "error": "redirect_uri_mismatch",
    "error_description": "The redirect_uri MUST match the registered callback URL for this application.",
    "error_uri": f"{TROUBLESHOOTING}#redirect-uri-mismatch2",
}


@dataclass(frozen=True, slots=True)
class Authorization:
    """One visit to the authorize page."""

    sandbox: Sandbox
    query: dict[str, str]

    @property
    def client_id(self) -> str:
        return self.query.get("client_id", "")

    def mismatch(self) -> Response[str] | None:
        """Our own client is registered with one callback URL; any other client with whatever it says."""
        registered = self.sandbox.settings.redirect_uri
        if self.client_id != self.sandbox.world.app.client_id or self._redirect_uri == registered:
            return None
        return found(registered, {**MISMATCH, **self._state})

    def grant(self, person: Account) -> Response[str]:
        asked = AuthorizationRequest(
            client_id=self.client_id,
            redirect_uri=self._redirect_uri,
            scope=self.query.get("scope", ""),
            code_challenge=self.query.get("code_challenge"),
        )
        code = self.sandbox.tokens.issue_code(person.id, asked, self.sandbox.now())
        return found(self._redirect_uri, {"code": code, **self._state})

    def deny(self) -> Response[str]:
        return found(self._redirect_uri, {**DENIED, **self._state})

    def page(self) -> Template:
        people = self.sandbox.world.people()
        hinted = self.sandbox.world.person(self.query.get("login", ""))
        context = {
            "people": people,
            "chosen": (hinted or people[0]).id if people else None,
            "query": {name: value for name, value in self.query.items() if name not in AUTOMATION},
            "scopes": self.query.get("scope", "").split(),
        }
        return Template("authorize.html", context=context, media_type=HTML_MEDIA_TYPE)

    @property
    def _redirect_uri(self) -> str:
        return self.query.get("redirect_uri") or self.sandbox.settings.redirect_uri

    @property
    def _state(self) -> dict[str, str]:
        return {"state": self.query["state"]} if "state" in self.query else {}


@get("/login/oauth/authorize")
async def get_authorize(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Template | Response[str]:
    """Ask who to be; `as=<login or id>` answers that at once, and `deny=1` refuses at once."""
    authorization = Authorization(sandbox, {**request.query_params})
    mismatch = authorization.mismatch()
    if mismatch is not None:
        return mismatch
    if authorization.query.get("deny") == "1":
        return authorization.deny()
    if "as" in authorization.query:
        return authorization.grant(_person(sandbox, authorization.query["as"]))
    return authorization.page()


@post("/login/oauth/authorize", status_code=302)
async def post_authorize(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[str]:
    """Take the page's own form."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    authorization = Authorization(sandbox, form)
    mismatch = authorization.mismatch()
    if mismatch is not None:
        return mismatch
    if form.get("decision") != "authorize":
        return authorization.deny()
    return authorization.grant(_person(sandbox, form.get("as", "")))


def _person(sandbox: Sandbox, login_or_id: str) -> Account:
    person = sandbox.world.person(login_or_id)
    if person is None:
        raise NotFoundException(f"nobody here is called {login_or_id!r}")
    return person


@get("/avatars/{file:str}")
async def get_avatar(sandbox: NamedDependency[Sandbox], file: FromPath[str]) -> Response[str]:
    """Draw a coloured tile with the first letter of the login name."""
    number = file.removesuffix(".svg")
    account = sandbox.world.accounts.get(int(number)) if number.isdecimal() else None
    if account is None:
        raise NotFoundException("no such account")
    hue = int(sha256(number.encode()).hexdigest(), 16) % 360
    letter = account.login[0].upper() if account.login[:1].isalnum() else "?"
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="hsl({hue} 45% 45%)"/>'
        '<text x="48" y="64" font-family="sans-serif" font-size="48" fill="#fff" text-anchor="middle">'
        f"{letter}</text></svg>"
    )
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


def github_pages() -> Router:
    return Router("/", route_handlers=[get_authorize, post_authorize, get_avatar, install_routes(), settings_routes()])
