"""GitHub's REST API; another route is a function and a row of the table."""

from dataclasses import dataclass
from typing import Final

from entrypoints.sandbox.calls import CallLog
from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.conditions import Conditions
from entrypoints.sandbox.github.exchange import UpstreamAnswer, UpstreamRequest, github_refusal
from entrypoints.sandbox.github.limits import limited
from entrypoints.sandbox.github.probes import probe
from entrypoints.sandbox.github.rest import contents, discussions, histories, installations, people, repositories
from entrypoints.sandbox.github.rest.call import Call
from entrypoints.sandbox.github.rest.repositories import both_ways
from entrypoints.sandbox.github.rest.routing import Pattern, find_route
from entrypoints.sandbox.github.tokens import Token, Tokens
from entrypoints.sandbox.github.world import World

ROUTES: Final = [
    Pattern("GET", "/user", people.user),
    Pattern("GET", "/user/installations", installations.user_installations),
    Pattern("GET", "/user/installations/{installation_id}/repositories", installations.user_installation_repositories),
    Pattern("GET", "/user/memberships/orgs/{organization}", people.own_membership),
    Pattern("GET", "/user/{account_id}", people.user_by_id),
    Pattern("GET", "/users/{login}", people.user_by_login),
    Pattern("GET", "/orgs/{organization}/memberships/{login}", people.organization_membership),
    Pattern("GET", "/installation/repositories", installations.installation_repositories),
    *both_ways("GET", "", repositories.repository),
    *both_ways("GET", "/collaborators/{login}/permission", repositories.collaborator_permission),
    *both_ways("GET", "/contents", contents.contents),
    *both_ways("GET", "/contents/{path}", contents.contents),
    *both_ways("GET", "/commits", histories.commits),
    *both_ways("GET", "/issues", histories.issues),
    *both_ways("GET", "/pulls", histories.pull_requests),
    *both_ways("GET", "/pulls/{number}", discussions.pull_request),
    *both_ways("GET", "/pulls/{number}/files", discussions.pull_request_files),
    *both_ways("POST", "/issues/{number}/comments", discussions.create_comment),
]


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
        found = find_route(ROUTES, request.method, request.path.rstrip("/"))
        path = request.path if found is None else found[0].template
        endpoint = f"github {request.method} {path}"
        self.calls.note(self.clock.now(), endpoint, "github")
        failure = self.conditions.take_failure(endpoint, f"github {request.method} {request.path}")
        if failure is not None:
            await self.clock.sleep(failure.seconds)
            return github_refusal(self.clock.now(), failure.status, "Server Error")
        probed = await probe(request, self.clock)
        if probed is not None:
            return probed
        return self._answer_authenticated(request, found)

    def _answer_authenticated(
        self, request: UpstreamRequest, found: tuple[Pattern, dict[str, str]] | None
    ) -> UpstreamAnswer:
        now = self.clock.now()
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return github_refusal(now, 401, "Requires authentication")
        token = self.tokens.find(authorization.removeprefix("Bearer ").removeprefix("token "), now)
        if token is None:
            return github_refusal(now, 401, "Bad credentials")
        refusal = self._refuse(token)
        if refusal is not None:
            return refusal
        if found is None:
            return github_refusal(now, 404, "Not Found")
        pattern, values = found
        call = Call(
            world=self.world,
            now=now,
            base_url=self.base_url,
            request=request,
            token=token,
            conditions=self.conditions,
            values=values,
        )
        return pattern.route(call)

    def _refuse(self, token: Token) -> UpstreamAnswer | None:
        """Refuse tokens of installations that are gone or suspended, and everybody while there is a limit."""
        now, limit = self.clock.now(), self.conditions.github_limit
        if token.installation_id is not None:
            installation = self.world.installations.get(token.installation_id)
            if installation is None:
                return github_refusal(now, 401, "Bad credentials")
            if installation.suspended_at is not None:
                return github_refusal(now, 403, installations.SUSPENDED)
        return limited(limit, token, now) if limit is not None and now < limit.until else None
