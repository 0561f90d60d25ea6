"""Addresses that an operator sets: what may be one, and where it leads."""

import re
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

ORIGIN: Final = re.compile(
    r"https?://(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)(?P<port>:\d{1,5})?"
)
CONNECT_UI: Final = re.compile(rf"{ORIGIN.pattern}(/[A-Za-z0-9._~-]*)*")
LARGEST_PORT: Final = 65535


def check_origin(name: str, value: str) -> None:
    origin = ORIGIN.fullmatch(value.removesuffix("/") if name == "NANGO_HOST" else value)
    if not origin or (origin["port"] and not 0 < int(origin["port"][1:]) <= LARGEST_PORT) or is_standard(origin):
        raise ValueError(
            f"{name} must be scheme, host and port in lower case, with no path, such as https://app.example.com"
        )


def is_standard(origin: re.Match[str]) -> bool:
    """Tell whether the port is the one that a browser leaves out of an Origin."""
    return origin["port"] == (":443" if origin[0].startswith("https") else ":80")


def check_network(proxy: str) -> None:
    try:
        is_everybody = ip_network(proxy).prefixlen == 0
    except ValueError:
        is_everybody = True
    if is_everybody:
        raise ValueError("TRUSTED_PROXIES must be addresses or networks of your own, such as 10.0.0.0/8")


def is_safe(origin: str) -> bool:
    """Tell whether what is sent there cannot be read on the way."""
    return origin.startswith("https://") or is_loopback(origin)


def is_loopback(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
