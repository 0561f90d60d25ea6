"""Whoever lacks a private key gets nothing signed, and a key that was taken out counts no more."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.jwt.access_tokens import JwtAccessTokens
from adapters.jwt.keys import Algorithm, Key, generate, keys_of
from domain.errors import Unauthenticated
from domain.session import Principal, SessionId
from domain.user import UserId
from tests.fakes.clock import NOON

ISSUER = "https://latchkey.test"
SECRET = "a secret of at least thirty-two characters"
ADA = Principal(user_id=UserId(uuid4()), session_id=SessionId(uuid4()))
NEW, OLD, FOREIGN = generate(Algorithm.EDDSA), generate(Algorithm.ES256), generate(Algorithm.EDDSA)
CLAIMS = {
    "iss": ISSUER,
    "aud": ISSUER,
    "sub": str(ADA.user_id),
    "sid": str(ADA.session_id),
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 600,
    "jti": "1",
}


def tokens_with(*private_keys: str) -> JwtAccessTokens:
    return JwtAccessTokens(keys_of(None, private_keys), ISSUER, lifetime_seconds=600)


def with_secret() -> JwtAccessTokens:
    return JwtAccessTokens(keys_of(SECRET, ()), ISSUER, lifetime_seconds=600)


def key(private_key: str) -> Key:
    [key] = keys_of(None, [private_key])
    return key


def signed(private_key: str, **header: object) -> str:
    """Sign the claims with a key, under whatever header; `None` leaves a part of it out."""
    used = key(private_key)
    headers = {name: value for name, value in ({"kid": used.id} | header).items() if value is not None}
    return jwt.encode(CLAIMS, used.signs_with, algorithm=used.algorithm, headers=headers)


def pasted(header: Mapping[str, object], sign: Callable[[bytes], bytes]) -> str:
    """Build a token without a library that would refuse to."""
    parts = [json.dumps(part).encode() for part in (header, CLAIMS)]
    message = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return b".".join([message, urlsafe_b64encode(sign(message)).rstrip(b"=")]).decode()


def signed_with_the_public_key(private_key: str, encoding: Encoding, layout: PublicFormat) -> str:
    public = key(private_key).verifies_with
    assert not isinstance(public, str)
    shared = public.public_bytes(encoding, layout)
    header = {"alg": "HS256", "kid": key(private_key).id}
    return pasted(header, lambda message: hmac.digest(shared, message, sha256))


def test_a_token_names_its_key() -> None:
    header = jwt.get_unverified_header(tokens_with(NEW, OLD).issue(ADA, NOON))

    assert header == {"alg": "EdDSA", "typ": "JWT", "kid": key(NEW).id}


def test_the_documented_header_and_claims_are_enough() -> None:
    assert tokens_with(NEW, OLD).verify(signed(NEW), NOON) == ADA
    assert tokens_with(NEW, OLD).verify(signed(OLD), NOON) == ADA


def test_a_key_is_rotated_without_refusing_anybody() -> None:
    before, during, after = tokens_with(OLD), tokens_with(NEW, OLD), tokens_with(NEW)
    early, late = before.issue(ADA, NOON), during.issue(ADA, NOON)

    assert during.verify(early, NOON) == ADA
    assert during.verify(late, NOON) == ADA
    assert after.verify(late, NOON) == ADA
    with pytest.raises(Unauthenticated):
        after.verify(early, NOON)


def test_a_key_that_is_listed_last_is_known_before_it_signs() -> None:
    announced = tokens_with(OLD, NEW)

    assert announced.verify(tokens_with(NEW, OLD).issue(ADA, NOON), NOON) == ADA
    assert jwt.get_unverified_header(announced.issue(ADA, NOON))["kid"] == key(OLD).id


FORGED = {
    "a foreign key under its own name": signed(FOREIGN),
    "a foreign key under our name": signed(FOREIGN, kid=key(NEW).id),
    "our key under the name of another": signed(OLD, kid=key(NEW).id),
    "the other way round": signed(NEW, kid=key(OLD).id),
    "a name nobody has": signed(NEW, kid="unknown"),
    "an empty name": signed(NEW, kid=""),
    "no name": signed(NEW, kid=None),
    "null for a name": pasted({"alg": "EdDSA", "kid": None}, lambda _: b"x" * 64),
    "a number for a name": pasted({"alg": "EdDSA", "kid": 7}, lambda _: b"x" * 64),
    "a list for a name": pasted({"alg": "EdDSA", "kid": [key(NEW).id]}, lambda _: b"x" * 64),
    "no algorithm": pasted({"alg": "none", "kid": key(NEW).id}, lambda _: b""),
    "no algorithm, spelt otherwise": pasted({"alg": "nOnE", "kid": key(NEW).id}, lambda _: b""),
    "no algorithm and no name": jwt.encode(CLAIMS, "", algorithm="none"),
    "the algorithm of another key": pasted({"alg": "ES256", "kid": key(NEW).id}, lambda _: b"x" * 64),
    "an algorithm left out": pasted({"kid": key(NEW).id}, lambda _: b"x" * 64),
    "a secret nobody set": jwt.encode(CLAIMS, SECRET, algorithm="HS256"),
    "the empty secret": pasted({"alg": "HS256"}, lambda message: hmac.digest(b"", message, sha256)),
    "no signature": signed(NEW).rpartition(".")[0] + ".",
    "a signature of something else": signed(NEW).rpartition(".")[0] + "." + signed(FOREIGN).rpartition(".")[2],
    "a key that it brings along": signed(FOREIGN, kid=None, jwk={"kty": "OKP", "crv": "Ed25519", "x": "x"}),
    "a key that it brings along under our name": signed(
        FOREIGN, kid=key(NEW).id, jwk={"kty": "OKP", "crv": "Ed25519", "x": "x"}, jku="https://attacker.test"
    ),
    **{
        f"the public key as a secret, {algorithm} as {encoding}": signed_with_the_public_key(
            private_key, written, PublicFormat.SubjectPublicKeyInfo
        )
        for algorithm, private_key in (("EdDSA", NEW), ("ES256", OLD))
        for encoding, written in (("PEM", Encoding.PEM), ("DER", Encoding.DER))
    },
    "the raw public key as a secret": signed_with_the_public_key(NEW, Encoding.Raw, PublicFormat.Raw),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(token: str) -> None:
    for tokens in (tokens_with(NEW, OLD), tokens_with(OLD, NEW)):
        with pytest.raises(Unauthenticated):
            tokens.verify(token, NOON)


@pytest.mark.parametrize(
    "token",
    [signed(NEW), signed(NEW, kid=None), jwt.encode(CLAIMS, SECRET, algorithm="HS256", headers={"kid": key(NEW).id})],
    ids=["private key", "private key without a name", "a name that secrets do not have"],
)
def test_a_secret_verifies_nothing_but_its_own_tokens(token: str) -> None:
    assert with_secret().verify(jwt.encode(CLAIMS, SECRET, algorithm="HS256"), NOON) == ADA
    with pytest.raises(Unauthenticated):
        with_secret().verify(token, NOON)


def test_tokens_do_not_survive_the_change_between_a_secret_and_keys() -> None:
    with pytest.raises(Unauthenticated):
        tokens_with(NEW).verify(with_secret().issue(ADA, NOON), NOON)
    with pytest.raises(Unauthenticated):
        with_secret().verify(tokens_with(NEW).issue(ADA, NOON), NOON)
