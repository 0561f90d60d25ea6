"""A callback of the GitHub App: with a code, an installation, both, or neither.

Nango believes the browser: an installation that a connection already has moves to the session at hand, and one that
none has yet is given to whoever names it.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from entrypoints.sandbox.nango.app_tokens import AppTokenRefused, app_credentials
from entrypoints.sandbox.nango.connecting import announce_connected, end_user_of, operation_on, store
from entrypoints.sandbox.nango.documents import credentials_document
from entrypoints.sandbox.nango.events import Operation
from entrypoints.sandbox.nango.exchange import UNKNOWN_ERROR, USER_TOKEN_SECONDS, ConnectFailed, code_in, exchange
from entrypoints.sandbox.nango.ids import new_log_id
from entrypoints.sandbox.nango.state import Connection, Credentials, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject

USER_ENDPOINT: Final = "github GET /user"


class NoAppCredentials(ConnectFailed):
    """GitHub made no token of the installation; only the browser hears of it."""

    def __init__(self) -> None:
        super().__init__("unknown", "failed to create credentials", f"{UNKNOWN_ERROR} failed to create credentials")


@dataclass(frozen=True, slots=True)
class AppConnect:
    sandbox: Sandbox
    state: OAuthState
    query: dict[str, str]

    async def connect(self) -> Connection:
        """Go the way that the query asks for: its parameters are all that decides."""
        installation_id = self.query.get("installation_id", "")
        known = self.sandbox.nango.of_installation(self.state.integration, installation_id)
        if known:
            return self._connect_without_code(known[0].connection_id, installation_id)
        if installation_id and "code" not in self.query and self.query.get("setup_action") == "update":
            return self._connect_without_code(self.state.connection_id, installation_id)
        code = code_in(self.query)
        # While GitHub answers, a callback with the same installation may come this far as well.
        await asyncio.sleep(0)
        lifetime = self.sandbox.conditions.token_lifetime_seconds
        lifetime = USER_TOKEN_SECONDS if lifetime is None else lifetime
        user = exchange(self.sandbox, self.state, code, lifetime)
        return self._connect_user_and_app(user, installation_id) if installation_id else self._connect_pending(user)

    def _connect_without_code(self, connection_id: str, installation_id: str) -> Connection:
        """Take the installation as it is named; nothing is known about the person."""
        credentials = self._app_credentials(installation_id)
        operation = operation_on(self.sandbox, self.state.integration, connection_id)
        connection = store(self.sandbox, self.state, connection_id, credentials)
        config = {"app_id": self._app_id, **self._installed(installation_id), "jwtToken": credentials.jwt_token}
        self.sandbox.nango.configure(connection, config)
        announce_connected(self.sandbox, connection, operation, end_user_of(self.state), by_app=True)
        return connection

    def _connect_pending(self, user: Credentials) -> Connection:
        """Keep the person's token until somebody with the right to it approves what they asked for."""
        operation = self._operation()
        connection = store(self.sandbox, self.state, self.state.connection_id, user)
        pending: JsonObject = {
            "app_id": self._app_id,
            "appPublicLink": self.sandbox.integrations[self.state.integration].app_link,
            "pending": True,
            "pendingLog": new_log_id(self.sandbox.now()),
        }
        self.sandbox.nango.configure(connection, {**pending, **self._user_config(user)})
        self._announce(connection, operation)
        return connection

    def _connect_user_and_app(self, user: Credentials, installation_id: str) -> Connection:
        """Store the person's token, then the installation's over it: two writes and two webhooks that race.

        Whoever writes the config last wins: the installation's write does not know of the person.
        """
        nango, installed, person = self.sandbox.nango, self._installed(installation_id), self._user_config(user)
        operation = self._operation()
        connection = store(self.sandbox, self.state, self.state.connection_id, user)
        nango.configure(connection, {**installed, **person})
        try:
            credentials = self._app_credentials(installation_id)
        except NoAppCredentials:
            self._announce(connection, operation)
            raise
        connection.credentials = credentials
        installed = {**installed, "jwtToken": credentials.jwt_token}
        operations: list[Operation] = ["override", operation]
        if self.sandbox.conditions.lose_user_credentials:
            nango.configure(connection, installed)
            operations.reverse()
        else:
            nango.configure(connection, {**installed, **person})
        for one in operations:
            self._announce(connection, one)
        return connection

    def _app_credentials(self, installation_id: str) -> Credentials:
        try:
            return app_credentials(self.sandbox, installation_id)
        except AppTokenRefused as refusal:
            raise NoAppCredentials from refusal

    def _user_config(self, user: Credentials) -> JsonObject:
        """Do as Nango's script after a connect: ask GitHub for the person's login, and keep their credentials."""
        sandbox = self.sandbox
        sandbox.calls.note(sandbox.now(), USER_ENDPOINT, "github")
        token = sandbox.tokens.by_value[user.access_token]
        person = sandbox.world.accounts.get(token.person_id or 0)
        if sandbox.conditions.take_failure(USER_ENDPOINT) or person is None:
            return {}
        return {"handle": person.login, "userCredentials": credentials_document(user, with_refresh_token=True)}

    def _operation(self) -> Operation:
        return operation_on(self.sandbox, self.state.integration, self.state.connection_id)

    def _announce(self, connection: Connection, operation: Operation) -> None:
        announce_connected(self.sandbox, connection, operation, end_user_of(self.state))

    def _installed(self, installation_id: str) -> JsonObject:
        return {
            "appPublicLink": self.sandbox.integrations[self.state.integration].app_link,
            "installation_id": installation_id,
        }

    @property
    def _app_id(self) -> str:
        return str(self.sandbox.world.app.id)
