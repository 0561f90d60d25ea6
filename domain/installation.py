"""The GitHub App, installed on an account."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from domain.connection import MOVES, ConnectionId, ConnectionState, EndUserId

InstallationId = NewType("InstallationId", int)

# What a callback or a webhook may claim; GitHub's numbers fit 64 bits.
CLAIM: Final = re.compile(r"[1-9][0-9]{0,18}")
LARGEST: Final = 2**63 - 1


class InstallationState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class AccountType(StrEnum):
    USER = "User"
    ORGANIZATION = "Organization"


class RepositorySelection(StrEnum):
    ALL = "all"
    SELECTED = "selected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """`checked_at` is when GitHub last said so; what was read earlier never overwrites it."""

    id: InstallationId
    account_id: int
    account: str
    account_type: AccountType
    selection: RepositorySelection
    state: InstallationState
    checked_at: datetime

    @property
    def is_active(self) -> bool:
        return self.state is InstallationState.ACTIVE

    def active(self, at: datetime) -> "Installation":
        return replace(self, state=InstallationState.ACTIVE, checked_at=at)

    def deleted(self, at: datetime) -> "Installation":
        return replace(self, state=InstallationState.DELETED, checked_at=at)

    def suspended(self, at: datetime) -> "Installation":
        return replace(self, state=InstallationState.SUSPENDED, checked_at=at)


def connection_of(installation_id: InstallationId) -> ConnectionId:
    """Name the one Nango connection of an installation that we make: a fixed id, so that two makers make one."""
    return ConnectionId(f"latchkey-installation-{installation_id}")


def holder_of(installation_id: InstallationId) -> EndUserId:
    """Name the end user that Nango is told of an installation's connection: it is nobody's own."""
    return EndUserId(f"latchkey-installation-{installation_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationConnection:
    """Our row for the Nango connection of an installation; `end_user_id` is who Nango believes it belongs to."""

    id: ConnectionId
    installation_id: InstallationId
    end_user_id: EndUserId
    state: ConnectionState
    last_error: str | None = None
    checked_at: datetime

    def verified(self, end_user_id: EndUserId, at: datetime) -> "InstallationConnection":
        """Take what was just read back: it works."""
        return replace(self._moved(ConnectionState.LIVE, None), end_user_id=end_user_id, checked_at=at)

    def broken(self, error: str, at: datetime) -> "InstallationConnection":
        return replace(self._moved(ConnectionState.BROKEN, error), checked_at=at)

    def retired(self, reason: str) -> "InstallationConnection":
        return self._moved(ConnectionState.RETIRED, reason)

    @property
    def is_settled(self) -> bool:
        """Tell whether Nango agrees with this row."""
        return self.state is not ConnectionState.RETIRED and self.end_user_id == holder_of(self.installation_id)

    def _moved(self, state: ConnectionState, error: str | None) -> "InstallationConnection":
        if state is not self.state and state not in MOVES[self.state]:
            return self
        return replace(self, state=state, last_error=error)


def claimed(text: str | None) -> InstallationId | None:
    """Read an installation's id as a stranger wrote it; None if it is none."""
    if text is None or not CLAIM.fullmatch(text) or int(text) > LARGEST:
        return None
    return InstallationId(int(text))
