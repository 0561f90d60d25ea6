"""The keys that access tokens are signed with, each bound to one algorithm."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from application.ports.public_keys import PublicKey

PrivateHalf: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicHalf: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey

HS256: Final = "HS256"


class Algorithm(StrEnum):
    """What a private key may be made for."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A shared secret has neither an id nor a published half."""

    algorithm: str
    signs_with: PrivateHalf | str = field(repr=False)
    verifies_with: PublicHalf | str = field(repr=False)
    published: PublicKey | None = None

    @property
    def id(self) -> str | None:
        return self.published.id if self.published else None


def keys_of(secret: str | None, private_keys: Sequence[str]) -> tuple[Key, ...]:
    """Read what is configured, the key that signs first; raises `ValueError`, which shows nothing of a key."""
    if secret:
        return (Key(algorithm=HS256, signs_with=secret, verifies_with=secret),)
    keys: dict[str | None, Key] = {}
    for number, text in enumerate(private_keys, start=1):
        private = private_half_of(text)
        if private is None:
            raise ValueError(f"key {number} is not base64url of an Ed25519 or P-256 key in PKCS#8 DER")
        key = key_of(private)
        if key.id in keys:
            raise ValueError(f"key {number} is there twice")
        keys[key.id] = key
    return tuple(keys.values())


def generate(algorithm: Algorithm) -> str:
    """Make a private key, as one line: PKCS#8 DER in base64url."""
    private = Ed25519PrivateKey.generate() if algorithm is Algorithm.EDDSA else generate_private_key(SECP256R1())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return urlsafe_b64encode(der).rstrip(b"=").decode()


def private_half_of(text: str) -> PrivateHalf | None:
    try:
        der = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        private = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Neither the text nor the library's message may reach a log.
        return None
    if isinstance(private, EllipticCurvePrivateKey):
        return private if isinstance(private.curve, SECP256R1) else None
    return private if isinstance(private, Ed25519PrivateKey) else None


def key_of(private: PrivateHalf) -> Key:
    if isinstance(private, Ed25519PrivateKey):
        public, algorithm = private.public_key(), Algorithm.EDDSA
        jwk = OKPAlgorithm.to_jwk(public, as_dict=True)
    else:
        public, algorithm = private.public_key(), Algorithm.ES256
        jwk = ECAlgorithm.to_jwk(public, as_dict=True)
    published = PublicKey(
        id=thumbprint_of(jwk), algorithm=algorithm, type=jwk["kty"], curve=jwk["crv"], x=jwk["x"], y=jwk.get("y")
    )
    return Key(algorithm=algorithm, signs_with=private, verifies_with=public, published=published)


def thumbprint_of(jwk: dict[str, Any]) -> str:
    """Name a public key by what it is (RFC 7638): nobody has to hand out names."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    digest = sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
