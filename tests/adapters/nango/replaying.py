"""The adapter's methods over recorded answers."""

from collections.abc import Awaitable

import httpx

from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import ConnectionId, EndUserId
from domain.secret import Secret
from tests.adapters.nango import recorded

RECORDED_CALLBACK = "http://127.0.0.1:3003/oauth/callback"
PENDING = PendingAuthorization(state="517ccce0-e56f-11f1-9427-9729ced426d7", cookie=None)
USER = EndUserId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0002")
# The second in which i07 was recorded.
THEN = 1795240899.0


def client_for(*answers: httpx.Response) -> NangoClient:
    waiting = iter(answers)

    async def at_once(_seconds: float) -> None:
        return

    return NangoClient(
        http=httpx.MockTransport(lambda _: next(waiting)),
        host="http://nango.test",
        secret_key=recorded.SECRET_KEY,
        budget=CallBudget(),
        sleep=at_once,
        now=lambda: THEN,
    )


def start(client: NangoClient) -> Awaitable[object]:
    return NangoAuthorizations(client, "github", RECORDED_CALLBACK, Share.START).start(EndUserId("u1"), Secret("ours"))


def finish(client: NangoClient) -> Awaitable[object]:
    port = NangoAuthorizations(client, "github", RECORDED_CALLBACK, Share.FINISH)
    return port.finish(PENDING, ProviderAnswer(code="code_5bec51c20ae1e43fe3b32aa5"))


def read(client: NangoClient, connection_id: str = "nope") -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).read(ConnectionId(connection_id))


def of_end_user(client: NangoClient, end_user_id: str = "u1") -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).of_end_user(EndUserId(end_user_id))


def assign(client: NangoClient) -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).assign(ConnectionId("nope"), USER)


def delete(client: NangoClient) -> Awaitable[object]:
    return NangoConnections(client, "github", Share.FINISH).delete(ConnectionId("nope"))


def behind(client: NangoClient) -> Awaitable[object]:
    return NangoGitHubAccounts(client, "github", Share.FINISH).behind(ConnectionId("nope"))
