"""Nango's syncs, told what to read and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from adapters.nango.budget import Share
from adapters.nango.calls import Answer, Call, in_header
from adapters.nango.client import NangoClient
from adapters.nango.refusals import meaning, nango_error
from application.ports.sync_control import SyncControl
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import NoSuchSyncs
from domain.repository import Repository

NOT_DEPLOYED: Final = "no_syncs_found"
DONE: Final = {HTTPStatus.OK, HTTPStatus.CREATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoSyncControl(SyncControl):
    """Each method costs one call of the share."""

    client: NangoClient
    integration: str
    share: Share = Share.SYNC

    async def tell_repositories(self, connection_id: ConnectionId, repositories: Sequence[Repository]) -> None:
        # The templates differ in what they call a name.
        named = [{"owner": one.owner, "repo": one.name, "name": one.name} for one in repositories]
        body = {**self._of(connection_id), "metadata": {"repositories": named}}
        await self._send(Call(method="PATCH", route="/connections/metadata", path="/connections/metadata", body=body))

    async def start(self, connection_id: ConnectionId, names: Sequence[str]) -> None:
        body = {**self._of(connection_id), "syncs": list(names)}
        await self._send(Call(method="POST", route="/sync/start", path="/sync/start", body=body))

    async def trigger(self, connection_id: ConnectionId, names: Sequence[str], *, anew: bool = False) -> None:
        body = {**self._of(connection_id), "syncs": list(names), **({"opts": {"reset": True}} if anew else {})}
        await self._send(Call(method="POST", route="/sync/trigger", path="/sync/trigger", body=body))

    def _of(self, connection_id: ConnectionId) -> dict[str, object]:
        return {"connection_id": in_header(connection_id), "provider_config_key": self.integration}

    async def _send(self, call: Call) -> Answer:
        answer = await self.client.send(call, self.share)
        if answer.status in DONE:
            return answer
        error = nango_error(answer)
        if error is not None and error.code == NOT_DEPLOYED:
            raise NoSuchSyncs(
                f"{call}: Nango has no such syncs of {self.integration!r}, check SYNC_NAMES, or set SYNC_SOURCE=proxy"
            )
        raise meaning(answer, self.integration, self.client.now(), ConnectionKind.REPOSITORY)
