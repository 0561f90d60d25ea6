"""The names that Nango gives to what it makes."""

import secrets
import string
from datetime import datetime
from uuid import uuid1, uuid4


def new_state_value() -> str:
    """Nango's states are UUIDs of version 1; the node is made up, so that they do not tell the machine."""
    return str(uuid1(node=secrets.randbits(48) | 1 << 40))


def new_session_token() -> str:
    return f"nango_connect_session_{secrets.token_hex(32)}"


def new_connection_id() -> str:
    return str(uuid4())


def new_log_id(at: datetime) -> str:
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(8))
    return f"{int(at.timestamp() * 1000)}_{letters}"
