"""Ordinary things, with only what matters to a test said in it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from domain.attempt import Attempt, AttemptId, PendingAuthorization
from domain.connection import Connection, ConnectionId, ConnectionKind, ConnectionState, EndUserId
from domain.delivery import Json, ReceivedDelivery
from domain.return_to import ReturnTo
from domain.secret import Secret
from domain.session import Session, SessionId, SignInCode
from domain.user import GitHubAccount, GitHubId, User, UserId
from tests.fakes.clock import NOON

ADA = GitHubAccount(
    id=GitHubId(1815), login="ada", name="Ada Rivera", email="ada@example.test", avatar_url="https://img.test/ada"
)
GRACE = GitHubAccount(id=GitHubId(1906), login="grace", name=None, email=None, avatar_url=None)


def a_user(account: GitHubAccount = ADA, at: datetime = NOON) -> User:
    return User.join(UserId(uuid4()), account, at)


def an_attempt(
    attempt_id: UUID | None = None,
    *,
    at: datetime = NOON,
    return_to: ReturnTo = ReturnTo("/"),  # noqa: B008 - frozen
) -> Attempt:
    attempt = AttemptId(attempt_id or uuid4())
    return Attempt.open(
        attempt,
        secret=Secret(f"secret of {attempt}"),
        state=Secret(f"state of {attempt}"),
        authorization=PendingAuthorization(state=f"nango {attempt}", cookie="1"),
        return_to=return_to,
        at=at,
    )


def a_connection(user: User, name: str = "connection-1", at: datetime = NOON) -> Connection:
    return Connection(
        id=ConnectionId(name),
        kind=ConnectionKind.LOGIN,
        user_id=user.id,
        end_user_id=EndUserId(str(user.id)),
        state=ConnectionState.LIVE,
        authorized_at=at,
        checked_at=at,
    )


def a_session(user: User, *, secret: Secret | None = None, at: datetime = NOON) -> Session:
    return Session.begin(SessionId(uuid4()), user.id, secret=secret, at=at, lifetime=timedelta(days=30))


def a_code(user: User, text: str = "code", at: datetime = NOON) -> SignInCode:
    return SignInCode(
        hash=Secret(text).hash, user_id=user.id, code_challenge="challenge", expires_at=at + timedelta(seconds=60)
    )


def a_delivery(body: Json = None, at: datetime = NOON) -> ReceivedDelivery:
    raw = repr(body).encode()
    return ReceivedDelivery.receive(raw, body or {"type": "auth"}, {"X-GitHub-Event": "ping"}, at)
