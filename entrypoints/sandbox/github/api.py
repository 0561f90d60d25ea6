"""GitHub's REST routes; another one is a method and a row of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from entrypoints.sandbox.calls import CallLog
from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.conditions import Conditions
from entrypoints.sandbox.github.documents import installation_document, repository_document, user_document
from entrypoints.sandbox.github.exchange import UpstreamAnswer, UpstreamRequest, github_answer, github_refusal
from entrypoints.sandbox.github.model import World
from entrypoints.sandbox.github.probes import probe
from entrypoints.sandbox.github.tokens import Token, Tokens
from entrypoints.sandbox.wire import Json

USER_DOCUMENTATION: Final = "https://docs.github.com/rest/users/users#get-the-authenticated-user"
INSTALLATIONS_DOCUMENTATION: Final = (
    "https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token"
)
NOT_OF_AN_APP: Final = (
    "You must authenticate with an access token authorized to a GitHub App in order to list installations"
)
NOT_FOR_APPS: Final = "Resource not accessible by integration"
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 30


@dataclass(slots=True)
class GitHubApi:
    """Answers in process what Nango's proxy asks of api.github.com."""

    world: World
    tokens: Tokens
    clock: SandboxClock
    conditions: Conditions
    calls: CallLog
    base_url: str

    async def answer(self, request: UpstreamRequest) -> UpstreamAnswer:
        endpoint = f"github {request.method} {request.path}"
        self.calls.note(self.clock.now(), endpoint, "github")
        failure = self.conditions.take_failure(endpoint)
        if failure is not None:
            await self.clock.sleep(failure.seconds)
            return github_refusal(self.clock.now(), failure.status, "Server Error")
        probed = await probe(request, self.clock)
        if probed is not None:
            return probed
        return self._answer_authenticated(request)

    def _answer_authenticated(self, request: UpstreamRequest) -> UpstreamAnswer:
        now = self.clock.now()
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return github_refusal(now, 401, "Requires authentication")
        token = self.tokens.find(authorization.removeprefix("Bearer ").removeprefix("token "), now)
        if token is None:
            return github_refusal(now, 401, "Bad credentials")
        route = ROUTES.get((request.method, request.path.rstrip("/")))
        if route is None:
            return github_refusal(now, 404, "Not Found")
        return route(self, request, token)

    def user(self, _: UpstreamRequest, token: Token) -> UpstreamAnswer:
        now = self.clock.now()
        if token.person_id is None:
            return github_refusal(now, 403, NOT_FOR_APPS, USER_DOCUMENTATION)
        scopes = {"x-oauth-scopes": token.scope.replace(" ", ", "), "x-accepted-oauth-scopes": ""}
        return github_answer(now, user_document(self.world.accounts[token.person_id], self.base_url), headers=scopes)

    def user_installations(self, _: UpstreamRequest, token: Token) -> UpstreamAnswer:
        now = self.clock.now()
        if token.person_id is None or not token.value.startswith("ghu_"):
            return github_refusal(now, 403, NOT_OF_AN_APP, INSTALLATIONS_DOCUMENTATION)
        documents: list[Json] = [
            installation_document(self.world, installation, self.base_url)
            for installation in self.world.installations_of(token.person_id)
        ]
        return github_answer(now, {"total_count": len(documents), "installations": documents})

    def installation_repositories(self, request: UpstreamRequest, token: Token) -> UpstreamAnswer:
        now = self.clock.now()
        installation = self.world.installations.get(token.installation_id or 0)
        if installation is None:
            return github_refusal(now, 403, NOT_FOR_APPS)
        documents: list[Json] = [
            repository_document(self.world, self.world.repositories[repository_id], "push", self.base_url)
            for repository_id in sorted(installation.repository_ids)
        ]
        size = min(max(request.number("per_page", USUAL_PAGE), 1), LARGEST_PAGE)
        page = max(request.number("page", 1), 1)
        body: Json = {
            "total_count": len(documents),
            "repository_selection": installation.repository_selection,
            "repositories": documents[(page - 1) * size : page * size],
        }
        return github_answer(now, body, headers=self._links(request.path, page, size, len(documents)))

    def _links(self, path: str, page: int, size: int, total: int) -> dict[str, str]:
        last = max(-(-total // size), 1)
        pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        useless = {"prev", "first"} if page == 1 else set[str]()
        useless |= {"next", "last"} if page >= last else set[str]()
        links = [
            f'<{self.base_url}{path}?per_page={size}&page={number}>; rel="{name}"'
            for name, number in pages.items()
            if name not in useless
        ]
        return {"link": ", ".join(links)} if links else {}


Route: TypeAlias = Callable[[GitHubApi, UpstreamRequest, Token], UpstreamAnswer]

ROUTES: Final[dict[tuple[str, str], Route]] = {
    ("GET", "/user"): GitHubApi.user,
    ("GET", "/user/installations"): GitHubApi.user_installations,
    ("GET", "/installation/repositories"): GitHubApi.installation_repositories,
}
