"""GitHub's REST API behind Nango's proxy."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from adapters.nango.budget import Share
from adapters.nango.calls import LARGEST_BODY_BYTES, Answer, Bucket, Call, in_header
from adapters.nango.client import NangoClient
from adapters.nango.github_refusals import Reading, as_it_is
from adapters.nango.refusals import meaning
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import DomainError
from domain.secret import Secret

HEADERS: Final = {
    # Nango's own retries sleep until GitHub's rate limit resets.
    "Retries": "0",
    "Nango-Proxy-Accept": "application/vnd.github+json",
    "Nango-Proxy-X-GitHub-Api-Version": "2022-11-28",
}
# A hundred texts of GitHub's greatest length.
LARGE_BODY_BYTES: Final = 32 * 1024 * 1024
LARGE_SECONDS: Final = 30.0
RAW: Final = {"Nango-Proxy-Accept": "application/vnd.github.raw+json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedGitHub:
    """Calls with the token of one connection, or with `token` in its place; each costs one call of the share.

    `route` is the path without anybody's ids and names, `path` is ready to be sent: whatever came from elsewhere is
    checked and quoted before, as Nango's proxy resolves dots.
    """

    client: NangoClient
    share: Share
    integration: str
    kind: ConnectionKind
    connection_id: ConnectionId
    token: Secret | None = None
    reads: Reading = as_it_is
    """What a refusal means to this kind of token."""

    async def get(
        self,
        route: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        raw: bool = False,
        is_large: bool = False,
    ) -> Answer:
        """Read; `raw` asks for the bytes of a file, `is_large` allows for a page of long texts."""
        call = Call(
            method="GET",
            route=f"/proxy{route}",
            path=f"/proxy{path}",
            bucket=Bucket.PROXY,
            query=query or {},
            headers={**self._headers(), **(RAW if raw else {})},
            seconds=LARGE_SECONDS if is_large else None,
            largest_body=LARGE_BODY_BYTES if is_large else LARGEST_BODY_BYTES,
        )
        return await self.client.send(call, self.share)

    async def post(self, route: str, path: str, body: object) -> Answer:
        """Write, and never send it a second time unless nobody took the first."""
        call = Call(
            method="POST",
            route=f"/proxy{route}",
            path=f"/proxy{path}",
            bucket=Bucket.PROXY,
            headers=self._headers(),
            body=body,
            repeatable=False,
        )
        return await self.client.send(call, self.share)

    def room(self) -> int:
        """Tell how many calls are left now."""
        return self.client.budget.left(self.share)

    @property
    def is_patient(self) -> bool:
        """Tell whether nobody waits for what is read: then it may take several windows."""
        return self.share is Share.RECONCILE

    async def next_window(self) -> None:
        await self.client.sleep(self.client.budget.seconds_to_next_window())

    def ok(self, answer: Answer) -> Answer:
        """Return an answer that is a success; raises what any other means."""
        if answer.status != HTTPStatus.OK:
            raise self.meaning(answer)
        return answer

    def meaning(self, answer: Answer) -> DomainError:
        return self.reads(answer, self.general_meaning(answer))

    def general_meaning(self, answer: Answer) -> DomainError:
        """Say what a refusal means to any token."""
        return meaning(answer, self.integration, self.client.now(), self.kind)

    def _headers(self) -> dict[str, str]:
        headers = {
            "Connection-Id": in_header(self.connection_id),
            "Provider-Config-Key": self.integration,
            **HEADERS,
        }
        if self.token is not None:
            headers["Nango-Proxy-Authorization"] = f"Bearer {self.token.text}"
        return headers
