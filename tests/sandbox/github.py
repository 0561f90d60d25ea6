"""Asking the sandbox's GitHub directly, with a token of somebody's."""

import json
from dataclasses import dataclass
from typing import Any

from entrypoints.sandbox.github.exchange import UpstreamAnswer, UpstreamRequest
from tests.sandbox.stage import Stage


@dataclass(frozen=True)
class Caller:
    """Whoever has the token."""

    stage: Stage
    token: str

    async def ask(
        self, method: str, target: str, body: object = None, headers: dict[str, str] | None = None
    ) -> UpstreamAnswer:
        return await self.stage.sandbox.github.answer(
            UpstreamRequest(
                method=method,
                target=target,
                headers={"authorization": f"Bearer {self.token}"} | (headers or {}),
                body=b"" if body is None else json.dumps(body).encode(),
            )
        )

    async def read(self, target: str) -> Any:  # noqa: ANN401 - any JSON
        answer = await self.ask("GET", target)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    async def refusal(self, target: str, method: str = "GET", body: object = None) -> tuple[int, str]:
        answer = await self.ask(method, target, body)
        return answer.status, json.loads(answer.body)["message"]

    async def repositories(self, installation_id: int = 5001) -> list[str]:
        document = await self.read(f"/user/installations/{installation_id}/repositories?per_page=100")
        return [repository["full_name"] for repository in document["repositories"]]


def person(stage: Stage, login: str) -> Caller:
    """Somebody with a token that they gave to the App."""
    account = stage.sandbox.world.person(login)
    assert account is not None
    return Caller(stage, stage.sandbox.tokens.issue_for_person(account.id, "", stage.clock.now(), 28_800).value)


def oauth_person(stage: Stage, login: str) -> Caller:
    """Somebody with a token that they gave to an OAuth app."""
    account = stage.sandbox.world.person(login)
    assert account is not None
    return Caller(stage, stage.sandbox.tokens.issue_for_person(account.id, "read:user", stage.clock.now(), None).value)


def installed_app(stage: Stage, installation_id: int = 5001) -> Caller:
    """Give the App with a token of one of its installations."""
    return Caller(stage, stage.sandbox.tokens.issue_for_installation(installation_id, stage.clock.now()).value)
