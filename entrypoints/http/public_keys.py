"""For whoever checks access tokens by themselves."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency

from application.ports.public_keys import PublicKeys

# How long others may go on with what they fetched.
CACHED_SECONDS: Final = 300


class JsonWebKey(msgspec.Struct, frozen=True, omit_defaults=True):
    kid: str
    alg: str
    use: Literal["sig"]
    kty: str
    crv: str
    x: str
    y: str | msgspec.UnsetType = msgspec.UNSET


class PublicKeysResponse(msgspec.Struct, frozen=True):
    keys: Sequence[JsonWebKey]


@get(
    "/.well-known/jwks.json",
    operation_id="publicKeys",
    cache_control=CacheControlHeader(public=True, max_age=CACHED_SECONDS),
    security=[{}],
    public=True,
)
async def get_public_keys(public_keys: NamedDependency[PublicKeys]) -> PublicKeysResponse:
    """Publish the keys that access tokens are verified with (RFC 7517); none where a shared secret signs them."""
    return PublicKeysResponse(
        keys=[
            JsonWebKey(
                kid=key.id, alg=key.algorithm, use="sig", kty=key.type, crv=key.curve, x=key.x, y=key.y or msgspec.UNSET
            )
            for key in public_keys.list()
        ]
    )
