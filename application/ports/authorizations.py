"""Sending a person to GitHub through Nango, and bringing them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import EndUserId
from domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedAuthorization:
    """Where to send the browser (with our state in it), and Nango's half, which stays here."""

    url: str
    pending: PendingAuthorization


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSession:
    """What Nango's Connect UI is opened with."""

    token: Secret
    connect_link: str
    expires_at: datetime


class Authorizations(Protocol):
    """OAuth authorisations of one integration, driven from the server: no browser ever meets Nango."""

    async def open_session(self, end_user_id: EndUserId) -> ConnectSession:
        """Make a connect session for an end user, to be authorised later; raises `UpstreamUnavailable`."""
        ...

    async def authorize(self, session_token: Secret, state: Secret) -> StartedAuthorization:
        """Begin an authorisation within a connect session, as `start` does; raises what `start` raises."""
        ...

    async def start(self, end_user_id: EndUserId, state: Secret, *, installs: bool = True) -> StartedAuthorization:
        """Begin one for an end user; GitHub is given our state in place of Nango's.

        Where the App would be installed, `installs=False` only has it authorised: for whoever cannot, or need not.

        Raises `UpstreamUnavailable`, and `UpstreamMisconfigured` where GitHub would send people elsewhere than to us.
        """
        ...

    async def finish(self, pending: PendingAuthorization, answer: ProviderAnswer) -> bool:
        """Pass GitHub's answer on to Nango, once; tell whether Nango made a connection of it.

        Raises `UpstreamUnavailable` if that is not known: the connection may exist all the same.
        """
        ...
