"""What every `PublicKeys` does."""

from uuid import uuid4

import jwt
import pytest

from adapters.jwt.access_tokens import JwtAccessTokens
from adapters.jwt.keys import Algorithm, generate, keys_of
from adapters.jwt.public_keys import JwtPublicKeys
from application.ports.public_keys import PublicKeys
from domain.session import Principal, SessionId
from domain.user import UserId
from tests.fakes.clock import NOON
from tests.fakes.public_keys import FakePublicKeys

KEYS = keys_of(None, [generate(algorithm) for algorithm in Algorithm])
ADA = Principal(user_id=UserId(uuid4()), session_id=SessionId(uuid4()))


@pytest.fixture(params=["fake", "jwt"])
def public_keys(request: pytest.FixtureRequest) -> PublicKeys:
    return FakePublicKeys("first", "second") if request.param == "fake" else JwtPublicKeys(KEYS)


def test_every_key_is_listed_under_an_id_of_its_own(public_keys: PublicKeys) -> None:
    keys = public_keys.list()

    assert len({key.id for key in keys}) == len(keys) == 2
    assert {key.algorithm for key in keys} <= set(Algorithm)


def test_the_key_that_signs_comes_first() -> None:
    token = JwtAccessTokens(KEYS, "https://latchkey.test", lifetime_seconds=600).issue(ADA, NOON)

    assert jwt.get_unverified_header(token)["kid"] == JwtPublicKeys(KEYS).list()[0].id


@pytest.mark.parametrize("public_keys", [FakePublicKeys(), JwtPublicKeys(keys_of("x" * 32, ()))], ids=["fake", "jwt"])
def test_a_shared_secret_is_never_listed(public_keys: PublicKeys) -> None:
    assert list(public_keys.list()) == []
