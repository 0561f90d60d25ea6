"""How it is said over HTTP that data was asked for, or may not be."""

from collections.abc import AsyncGenerator
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.testing import AsyncTestClient
from litestar.types import ASGIApp

from application.replica.sync_now import SyncNow
from domain.errors import DomainError
from domain.installation import InstallationId
from domain.repository import Permission, RepositoryId
from domain.session import Principal, SessionId
from domain.sync import SyncSource
from domain.sync_plan import SyncPlan
from domain.user import UserId
from entrypoints.http.problems import from_domain
from entrypoints.http.sync_now import post_sync
from tests.application.house import House
from tests.builders import ADA
from tests.fakes.sync_control import FakeSyncControl

ACME: Final = InstallationId(5001)
MODELS: Final = {"pull_requests": "PullRequest", "issues": "Issue"}


class As(AbstractAuthenticationMiddleware):
    def __init__(self, app: ASGIApp, *, user_id: UserId) -> None:
        super().__init__(app)
        self._principal = Principal(user_id=user_id, session_id=SessionId(UUID(int=1)))

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        del connection
        return AuthenticationResult(user=self._principal, auth="bearer")


@pytest.fixture
def plan() -> SyncPlan:
    return SyncPlan(models=MODELS)


@pytest.fixture
async def client(plan: SyncPlan) -> AsyncGenerator[AsyncTestClient[Litestar]]:
    house = House()
    house.github.install(ACME, "acme")
    house.github.create(RepositoryId(9001), ACME)
    house.github.give(ADA, Permission.READ, RepositoryId(9001))
    ada = (await house.sign_in(ADA)).user_id
    await house.link(ada, ADA)
    sync_now = SyncNow(sync_control=FakeSyncControl(), begin_work=house.begin_work, clock=house.clock, plan=plan)
    app = Litestar(
        route_handlers=[post_sync],
        dependencies={"sync_now": Provide(lambda: sync_now, sync_to_thread=False)},
        middleware=[DefineMiddleware(As, user_id=ada)],
        exception_handlers={DomainError: from_domain},
    )
    async with AsyncTestClient(app) as client:
        yield client


def refusal_in(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_what_was_asked_for_is_accepted_and_named(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.post("/repos/9001/sync")

    assert (answer.status_code, answer.json()) == (202, {"asked": ["pulls", "issues"]})


async def test_too_often_says_when_it_may_be_asked_again(client: AsyncTestClient[Litestar]) -> None:
    await client.post("/repos/9001/sync")

    answer = await client.post("/repos/9001/sync")

    assert refusal_in(answer) == (429, "too_often")
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("number", ["0", "4711"])
async def test_a_repository_that_is_not_theirs_is_not_found(client: AsyncTestClient[Litestar], number: str) -> None:
    assert refusal_in(await client.post(f"/repos/{number}/sync")) == (404, "repository_not_found")


@pytest.mark.parametrize("plan", [SyncPlan(models={}), SyncPlan(source=SyncSource.PROXY, models=MODELS)])
async def test_what_the_operator_did_not_choose_is_not_synced(client: AsyncTestClient[Litestar]) -> None:
    assert refusal_in(await client.post("/repos/9001/sync")) == (403, "not_synced")
