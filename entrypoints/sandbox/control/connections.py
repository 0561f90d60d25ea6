"""What can happen to sessions and connections behind the app's back."""

from datetime import timedelta

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.sandbox import Sandbox


class ConnectionSummary(msgspec.Struct, frozen=True):
    connection_id: str
    integration: str
    person: str | None
    end_user_id: str | None
    token_works: bool


class SessionExpiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str | None = None


class Expired(msgspec.Struct, frozen=True):
    sessions: int


class RefreshBehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fails: bool = True
    expires_in_seconds: int | None = None


def summary_of(sandbox: Sandbox, connection: Connection) -> ConnectionSummary:
    token = sandbox.tokens.by_value.get(connection.credentials.access_token)
    person = sandbox.world.accounts.get(token.person_id or 0) if token else None
    return ConnectionSummary(
        connection_id=connection.connection_id,
        integration=connection.integration,
        person=person.login if person else None,
        end_user_id=connection.end_user.id if connection.end_user else None,
        token_works=token is not None and token.works(sandbox.now()),
    )


def connections_named(sandbox: Sandbox, connection_id: str) -> list[Connection]:
    matching = [one for one in sandbox.nango.connections.values() if one.connection_id == connection_id]
    if not matching:
        raise NotFoundException("no such connection")
    return matching


@get("/connections")
async def list_connection_summaries(sandbox: NamedDependency[Sandbox]) -> list[ConnectionSummary]:
    """All connections, newest first, with whose GitHub account is behind them."""
    return [summary_of(sandbox, connection) for connection in sandbox.nango.newest_first()]


@delete("/connections/{connection_id:str}", status_code=204)
async def drop_connection(sandbox: NamedDependency[Sandbox], connection_id: FromPath[str]) -> None:
    """Delete a connection as somebody at Nango's dashboard would: no webhook tells of it."""
    for connection in connections_named(sandbox, connection_id):
        sandbox.nango.remove_connection(connection.integration, connection.connection_id)


@post("/connections/{connection_id:str}/revoke", status_code=204)
async def revoke_connection(sandbox: NamedDependency[Sandbox], connection_id: FromPath[str]) -> None:
    """Make GitHub refuse the token of this one connection; Nango notices nothing."""
    for connection in connections_named(sandbox, connection_id):
        sandbox.tokens.revoke(connection.credentials.access_token)


@post("/connections/{connection_id:str}/refresh", status_code=204)
async def set_refresh(
    sandbox: NamedDependency[Sandbox], connection_id: FromPath[str], data: JSONBody[RefreshBehaviour]
) -> None:
    """Let every refresh of this connection's token fail, or work again; `expires_in_seconds` moves its expiry."""
    for connection in connections_named(sandbox, connection_id):
        connection.refresh_fails = data.fails
        if data.expires_in_seconds is not None:
            connection.credentials.expires_at = sandbox.now() + timedelta(seconds=data.expires_in_seconds)


@post("/connect-sessions/expire", status_code=200)
async def expire_sessions(sandbox: NamedDependency[Sandbox], data: JSONBody[SessionExpiry]) -> Expired:
    """Let a connect session expire now, or all of them when no token is given."""
    ending = [one for one in sandbox.nango.sessions.values() if data.token in (None, one.token)]
    for session in ending:
        session.expires_at = sandbox.now()
    return Expired(sessions=len(ending))
