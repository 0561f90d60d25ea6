"""What every `AccessTokens` does."""

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest

from adapters.jwt.access_tokens import JwtAccessTokens
from adapters.jwt.keys import Algorithm, generate, keys_of
from application.ports.access_tokens import AccessTokens
from domain.errors import Unauthenticated
from domain.session import Principal, SessionId
from domain.user import UserId
from tests.fakes.access_tokens import FakeAccessTokens
from tests.fakes.clock import NOON

SECRET = "a secret of at least thirty-two characters"
ISSUER = "https://latchkey.test"
LIFETIME = timedelta(seconds=600)
ADA = Principal(user_id=UserId(uuid4()), session_id=SessionId(uuid4()))


@pytest.fixture(params=["fake", "HS256", *Algorithm])
def access_tokens(request: pytest.FixtureRequest) -> AccessTokens:
    if request.param == "fake":
        return FakeAccessTokens(lifetime_seconds=600)
    if request.param == "HS256":
        return JwtAccessTokens(keys_of(SECRET, ()), ISSUER, lifetime_seconds=600)
    return JwtAccessTokens(keys_of(None, [generate(request.param)]), ISSUER, lifetime_seconds=600)


def test_a_token_says_whose_it_is_until_it_expires(access_tokens: AccessTokens) -> None:
    token = access_tokens.issue(ADA, NOON)

    assert access_tokens.lifetime_seconds == 600
    assert access_tokens.verify(token, NOON) == ADA
    assert access_tokens.verify(token, NOON + LIFETIME - timedelta(microseconds=1)) == ADA
    with pytest.raises(Unauthenticated, match="expired"):
        access_tokens.verify(token, NOON + LIFETIME)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_not_a_token_of_ours_is_refused(access_tokens: AccessTokens, token: str) -> None:
    with pytest.raises(Unauthenticated):
        access_tokens.verify(token, NOON)


CLAIMS = {
    "iss": ISSUER,
    "aud": ISSUER,
    "sub": str(ADA.user_id),
    "sid": str(ADA.session_id),
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 600,
    "jti": "1",
}


def verify(token: str) -> Principal:
    return JwtAccessTokens(keys_of(SECRET, ()), ISSUER, lifetime_seconds=600).verify(token, NOON)


def test_the_claims_are_the_documented_ones() -> None:
    assert verify(jwt.encode(CLAIMS, SECRET, algorithm="HS256")) == ADA


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.test"},
        {"aud": "https://other.test"},
        {"sub": "not an id"},
        {"sid": 7},
        {"sub": None},
        {"exp": "later"},
        *({name: None} for name in CLAIMS),
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(change: dict[str, object]) -> None:
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}

    with pytest.raises(Unauthenticated):
        verify(jwt.encode(claims, SECRET, algorithm="HS256"))


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(CLAIMS, "another secret of at least thirty-two characters", algorithm="HS256"),
        jwt.encode(CLAIMS, SECRET * 2, algorithm="HS512"),
        jwt.encode(CLAIMS, "", algorithm="none"),
    ],
    ids=["other key", "other algorithm", "no algorithm"],
)
def test_a_token_signed_otherwise_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(token)
