"""Limits by address, on public routes that cost calls to Nango."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from litestar import Litestar, Request
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.stores.memory import MemoryStore
from litestar.types import Middleware

IPV6_PREFIX_BITS: Final = 64
STORE: Final = "address_limits"
FORGET_SECONDS: Final = 60


def address_limits(per_minute: Mapping[str, int]) -> list[Middleware]:
    """Limit the routes that name a limit (`limit="…"`), each address by itself."""
    return [limit(name, count).middleware for name, count in per_minute.items()]


def limit(name: str, per_minute: int) -> RateLimitConfig:
    def is_limited(request: Request[Any, Any, Any]) -> bool:
        return request.scope["route_handler"].opt.get("limit") == name

    def key(request: Request[Any, Any, Any]) -> str:
        return f"{name} {network_of(request.client.host if request.client else '')}"

    return RateLimitConfig(
        rate_limit=("minute", per_minute), check_throttle_handler=is_limited, identifier_for_request=key, store=STORE
    )


def network_of(host: str) -> str:
    """Count an IPv6 subscriber, who has a whole /64, as one."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> (128 - IPV6_PREFIX_BITS) << (128 - IPV6_PREFIX_BITS)))
    return host


def forgetting(counters: MemoryStore) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Drop the counters of addresses that did not come again: the store itself keeps them for ever."""

    async def forget() -> None:
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            await counters.delete_expired()

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(forget())
            try:
                yield
            finally:
                task.cancel()

    return lifespan
