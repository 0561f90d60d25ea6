"""Installations, imported into Nango."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from adapters.nango.app import NangoApp
from adapters.nango.budget import Share
from adapters.nango.calls import Answer, Call
from adapters.nango.client import NangoClient
from adapters.nango.documents import MadeConnection
from adapters.nango.refusals import meaning, nango_error
from application.ports.installation_imports import InstallationImports
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import ConnectionBroken, UpstreamUnavailable
from domain.installation import InstallationId, connection_of, holder_of

# Nango's own failures share a status and a code with GitHub's refusal of a token, whose words vary.
NANGOS_OWN: Final = {"Failed to create connection", "Failed to update end user"}
REFUSED_BY_GITHUB: Final = (HTTPStatus.INTERNAL_SERVER_ERROR, "server_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoInstallationImports(InstallationImports):
    """Costs one call of the share, in which Nango asks GitHub for a token."""

    client: NangoClient
    integration: str
    app: NangoApp
    share: Share

    async def make(self, installation_id: InstallationId) -> ConnectionId:
        connection_id = connection_of(installation_id)
        ids = {"app_id": str(await self.app.id(self.share)), "installation_id": str(installation_id)}
        call = Call(
            method="POST",
            route="/connections",
            path="/connections",
            body={
                "provider_config_key": self.integration,
                "connection_id": connection_id,
                "credentials": {"type": "CUSTOM", **ids},
                # Nango stores the ids only from here.
                "connection_config": ids,
                "end_user": {"id": holder_of(installation_id)},
            },
        )
        answer = await self.client.send(call, self.share)
        if _is_refused_by_github(answer):
            raise ConnectionBroken(f"{call}: GitHub gave no token for the installation")
        if answer.status != HTTPStatus.CREATED:
            raise meaning(answer, self.integration, self.client.now(), ConnectionKind.REPOSITORY)
        if answer.decode(MadeConnection).connection_id != connection_id:
            raise UpstreamUnavailable("Nango made another connection")
        return connection_id


def _is_refused_by_github(answer: Answer) -> bool:
    error = nango_error(answer)
    return (
        error is not None
        and (answer.status, error.code) == REFUSED_BY_GITHUB
        and bool(error.message)
        and error.message not in NANGOS_OWN
    )
