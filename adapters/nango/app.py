"""Which GitHub App is ours."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from adapters.nango.budget import Share
from adapters.nango.calls import Call
from adapters.nango.client import NangoClient
from adapters.nango.github_documents import IntegrationAnswer
from adapters.nango.refusals import SETTINGS, meaning
from domain.connection import ConnectionKind
from domain.errors import UpstreamMisconfigured

KEPT_SECONDS: Final = 3600.0
REPOSITORY: Final = ConnectionKind.REPOSITORY


@dataclass(slots=True, kw_only=True)
class NangoApp:
    """The App of the repository integration; its id is read once an hour, unless `app_id` is given."""

    client: NangoClient
    integration: str
    app_id: int | None = None
    clock: Callable[[], float] = time.monotonic
    _known: int | None = field(init=False, default=None)
    _known_until: float = field(init=False, default=float("-inf"))

    async def id(self, share: Share) -> int:
        """Tell its id; raises `UpstreamMisconfigured` if the integration is not a GitHub App's."""
        if self.app_id is not None:
            return self.app_id
        if self._known is None or self.clock() >= self._known_until:
            self._known = await self._read(share)
            self._known_until = self.clock() + KEPT_SECONDS
        return self._known

    async def _read(self, share: Share) -> int:
        call = Call(
            method="GET",
            route="/integrations/{key}",
            path=f"/integrations/{quote(self.integration, safe='')}",
            query={"include": "credentials"},
        )
        answer = await self.client.send(call, share)
        if answer.status != HTTPStatus.OK:
            raise meaning(answer, self.integration, self.client.now(), REPOSITORY)
        credentials = answer.decode(IntegrationAnswer).data.credentials
        text = str(credentials.app_id) if credentials and credentials.app_id is not None else ""
        if not text.isdecimal():
            raise UpstreamMisconfigured(
                f"Nango's integration {self.integration!r} is not one of a GitHub App, check {SETTINGS[REPOSITORY]}"
            )
        return int(text)
