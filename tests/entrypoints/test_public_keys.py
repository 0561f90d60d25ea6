"""The address where others find the public keys, and the command that makes private ones."""

import os
import subprocess
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
import pytest
from litestar.testing import TestClient

from adapters.jwt.keys import Algorithm, generate
from domain.session import Principal, SessionId
from domain.user import UserId
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.settings import Settings, WrongSetting
from tests.journeys.programs import LATCHKEY

ENOUGH = {"NANGO_SECRET_KEY": "key"}
PRIVATE_MEMBERS = {"d", "k", "p", "q", "dp", "dq", "qi", "oth"}


def container_with(settings: Settings) -> Container:
    container = Container(settings=settings, conninfo="dbname=nowhere")
    # No database is needed to publish keys.
    container.pool.override(nullcontext())  # pyright: ignore[reportUnknownMemberType]
    return container


def published(settings: Settings) -> tuple[dict[str, Any], str]:
    with TestClient(create_app(container_with(settings))) as client:
        answer = client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    return answer.json(), answer.headers["cache-control"]


def test_others_can_check_our_tokens_with_what_is_published() -> None:
    settings = Settings(nango_secret_key="key", jwt_private_keys=(generate(Algorithm.EDDSA), generate(Algorithm.ES256)))
    document, caching = published(settings)
    ada, now = Principal(user_id=UserId(uuid4()), session_id=SessionId(uuid4())), datetime.now(UTC)
    token = container_with(settings).access_tokens().issue(ada, now)

    key = jwt.PyJWKSet.from_dict(document)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer=settings.origin, audience=settings.origin)

    assert claims["sub"] == str(ada.user_id)
    assert set(caching.replace(" ", "").split(",")) == {"public", "max-age=300"}


def test_only_the_public_half_is_published() -> None:
    private_keys = generate(Algorithm.EDDSA), generate(Algorithm.ES256)
    document, _ = published(Settings(nango_secret_key="key", jwt_private_keys=private_keys))

    assert [set(key) for key in document["keys"]] == [
        {"kid", "alg", "use", "kty", "crv", "x"},
        {"kid", "alg", "use", "kty", "crv", "x", "y"},
    ]
    assert [(key["kty"], key["crv"], key["alg"], key["use"]) for key in document["keys"]] == [
        ("OKP", "Ed25519", "EdDSA", "sig"),
        ("EC", "P-256", "ES256", "sig"),
    ]
    assert PRIVATE_MEMBERS.isdisjoint(name for key in document["keys"] for name in key)


def test_a_shared_secret_publishes_no_key() -> None:
    document, _ = published(Settings(nango_secret_key="key", jwt_secret="x" * 32))

    assert document == {"keys": []}


@pytest.mark.parametrize(
    ("arguments", "algorithm"),
    [([], "EdDSA"), (["--algorithm", "EdDSA"], "EdDSA"), (["--algorithm", "ES256"], "ES256")],
)
def test_a_generated_line_is_ready_for_the_environment(arguments: list[str], algorithm: str) -> None:
    said = subprocess.run(  # noqa: S603 - our own program
        [LATCHKEY, "keys", "generate", *arguments],
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    [line] = said.stdout.splitlines()
    name, _, value = line.partition("=")
    settings = Settings.from_environment({**ENOUGH, name: value})
    [key] = container_with(settings).public_keys().list()
    assert (name, key.algorithm, said.stderr) == ("JWT_PRIVATE_KEYS", algorithm, "")


def test_several_keys_are_separated_by_commas() -> None:
    first, second = generate(Algorithm.EDDSA), generate(Algorithm.ES256)
    settings = Settings.from_environment({**ENOUGH, "JWT_PRIVATE_KEYS": f"{first}, {second},"})

    assert settings.jwt_private_keys == (first, second)


@pytest.mark.parametrize("spoilt", ["{:.58}", "{0},{0}", "'{}'", "{} {}"])
def test_a_bad_key_is_named_in_one_line_and_not_shown(spoilt: str) -> None:
    private_key = generate(Algorithm.EDDSA)

    with pytest.raises(WrongSetting, match=r"^JWT_PRIVATE_KEYS: key \d ") as wrong:
        Settings.from_environment({**ENOUGH, "JWT_PRIVATE_KEYS": spoilt.format(private_key, private_key)})

    assert "\n" not in str(wrong.value)
    assert private_key[20:40] not in str(wrong.value)


@pytest.mark.parametrize("given", [{}, {"JWT_SECRET": "x" * 32, "JWT_PRIVATE_KEYS": generate(Algorithm.EDDSA)}])
def test_tokens_are_signed_with_a_secret_or_with_keys(given: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match=r"^JWT_SECRET or JWT_PRIVATE_KEYS is required, and only one of them$"):
        Settings.from_environment({**ENOUGH, **given})
