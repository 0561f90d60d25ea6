"""The connections of an integration, as Nango has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec

from adapters.nango.budget import Share
from adapters.nango.calls import Answer, Call, in_path
from adapters.nango.client import NangoClient
from adapters.nango.documents import Connection, ConnectionList, ListedState, StateList
from adapters.nango.refusals import meaning
from application.ports.provider_connections import ListedPage, ProviderConnections
from domain.connection import ConnectionId, ConnectionKind, EndUserId, ListedConnection, ProviderConnection
from domain.errors import ConnectionNotFound, UpstreamUnavailable
from domain.installation import InstallationId, claimed

# A person has one or two. Whoever has more than this is not worth a second page: the rest shows when these are deleted.
MOST_CONNECTIONS: Final = 1000
PAGE_SIZE: Final = 1000
END_USER_TAG: Final = "end_user_id"
INSTALLATION: Final = "installation_id"
# Stands for a setting that nobody knows, so that such a connection is objected to and never taken for one without.
UNREADABLE_INSTALLATION: Final = "installation_id, unreadable"


@dataclass(frozen=True, slots=True)
class NangoConnections(ProviderConnections):
    """Each method costs one call of the share."""

    client: NangoClient
    integration: str
    share: Share
    page_size: int = PAGE_SIZE
    kind: ConnectionKind = ConnectionKind.LOGIN

    async def of_end_user(self, end_user_id: EndUserId) -> Sequence[ConnectionId]:
        call = Call(
            method="GET",
            route="/connections",
            path="/connections",
            query={"endUserId": end_user_id, "integrationId": self.integration, "limit": str(MOST_CONNECTIONS)},
        )
        return [
            ConnectionId(listed.connection_id)
            for listed in (await self._send(call)).decode(ConnectionList).connections
            if listed.provider_config_key == self.integration
            and listed.end_user is not None
            and listed.end_user.id == end_user_id
        ]

    async def list_page(self, number: int) -> ListedPage:
        query = {"integrationId": self.integration, "limit": str(self.page_size), "page": str(number)}
        call = Call(method="GET", route="/connections", path="/connections", query=query)
        listed = (await self._send(call)).decode(StateList).connections
        return ListedPage(
            connections=[_listed(one) for one in listed if one.provider_config_key == self.integration],
            is_last=len(listed) < self.page_size,
        )

    async def read(self, connection_id: ConnectionId) -> ProviderConnection:
        document = (await self._send(self._call("GET", connection_id))).decode(Connection)
        if document.connection_id != connection_id:
            raise UpstreamUnavailable("Nango answered with another connection")
        tagged = (document.tags or {}).get(END_USER_TAG)
        claims, config_keys = _read_config(document.connection_config or {})
        return ProviderConnection(
            id=connection_id,
            integration=document.provider_config_key,
            end_user_id=EndUserId(document.end_user.id) if document.end_user else None,
            tagged_end_user_id=EndUserId(tagged) if tagged else None,
            config_keys=config_keys,
            has_client_override=document.credentials.has_client_override,
            has_app_token=document.credentials.is_of_app,
            # Every login makes a new connection, so its making is the grant.
            authorized_at=document.created_at,
            kind=self.kind,
            claims=claims,
        )

    async def assign(self, connection_id: ConnectionId, end_user_id: EndUserId) -> None:
        # Nango makes the tags anew from the end user.
        await self._send(self._call("PATCH", connection_id, {"end_user": {"id": end_user_id}}))

    async def delete(self, connection_id: ConnectionId) -> None:
        try:
            await self._send(self._call("DELETE", connection_id))
        except ConnectionNotFound:
            return

    def _call(self, method: str, connection_id: ConnectionId, body: object = None) -> Call:
        return Call(
            method=method,
            route="/connections/{id}",
            path=f"/connections/{in_path(connection_id)}",
            query={"provider_config_key": self.integration},
            body=body,
        )

    async def _send(self, call: Call) -> Answer:
        answer = await self.client.send(call, self.share)
        if answer.status != HTTPStatus.OK:
            raise meaning(answer, self.integration, self.client.now(), self.kind)
        return answer


def _read_config(config: Mapping[str, msgspec.Raw]) -> tuple[InstallationId | None, frozenset[str]]:
    """Read the installation that a connection is bound to, a text or a number, and the names of all settings."""
    try:
        given = msgspec.json.decode(config.get(INSTALLATION, b"null"), type=str | int | None)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        given = ""
    claims = None if given is None else claimed(str(given))
    is_unreadable = given is not None and claims is None
    return claims, frozenset(config) | ({UNREADABLE_INSTALLATION} if is_unreadable else frozenset[str]())


def _listed(document: ListedState) -> ListedConnection:
    return ListedConnection(
        id=ConnectionId(document.connection_id),
        end_user_id=EndUserId(document.end_user.id) if document.end_user else None,
        has_errors=document.has_auth_error,
        created_at=document.created,
    )
