"""One authenticated call of the REST API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar
from urllib.parse import urlencode

from entrypoints.sandbox.conditions import Conditions
from entrypoints.sandbox.github.exchange import (
    DOCUMENTATION,
    UpstreamAnswer,
    UpstreamRequest,
    github_answer,
    github_refusal,
)
from entrypoints.sandbox.github.model import Account, Installation
from entrypoints.sandbox.github.tokens import Token
from entrypoints.sandbox.github.world import World
from entrypoints.sandbox.wire import Json

LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 30
NOT_FOR_APPS: Final = "Resource not accessible by integration"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; GitHub counts from 1 and gives at most 100 at once."""

    number: int
    size: int

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        return items[(self.number - 1) * self.size : self.number * self.size]

    def links(self, url: str, total: int) -> dict[str, str]:
        """Link to the other pages, by a URL whose query only lacks which."""
        last = max(-(-total // self.size), 1)
        pages = {"prev": self.number - 1, "next": self.number + 1, "last": last, "first": 1}
        useless = {"prev", "first"} if self.number == 1 else set[str]()
        useless |= {"next", "last"} if self.number >= last else set[str]()
        links = [
            f'<{url}per_page={self.size}&page={number}>; rel="{name}"'
            for name, number in pages.items()
            if name not in useless
        ]
        return {"link": ", ".join(links)} if links else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`values` are the variable parts of the path, decoded."""

    world: World
    now: datetime
    base_url: str
    request: UpstreamRequest
    token: Token
    conditions: Conditions
    values: dict[str, str]

    @property
    def person(self) -> Account | None:
        """Whose token it is; nobody's when it is an installation's."""
        return self.world.accounts.get(self.token.person_id or 0)

    @property
    def installation(self) -> Installation | None:
        return self.world.installations.get(self.token.installation_id or 0)

    @property
    def page(self) -> Page:
        size = min(max(self.request.number("per_page", USUAL_PAGE), 1), LARGEST_PAGE)
        return Page(max(self.request.number("page", 1), 1), size)

    def links(self, total: int) -> dict[str, str]:
        """Link to the other pages of the same list."""
        kept = [(name, value) for name, value in self.request.parameters if name not in {"page", "per_page"}]
        query = f"{urlencode(kept)}&" if kept else ""
        return self.page.links(f"{self.base_url}{self.request.path}?{query}", total)

    def may(self, installation: Installation, permission: str, level: str = "read") -> bool:
        """Tell whether the App was granted the permission in this installation."""
        granted = (
            None if permission in self.conditions.withheld_permissions else installation.permissions.get(permission)
        )
        return granted == "write" or (granted == "read" and level == "read")

    def lists(self, installation: Installation) -> bool:
        """Tell whether GitHub's lists have got so far as to name the installation."""
        made = installation.created_at
        return made is None or self.now >= made + timedelta(seconds=self.conditions.installation_delay_seconds)

    def answer(self, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> UpstreamAnswer:
        return github_answer(self.now, body, status, headers)

    def refuse(self, status: int, message: str, documentation: str = DOCUMENTATION) -> UpstreamAnswer:
        return github_refusal(self.now, status, message, documentation)

    def not_found(self, documentation: str = DOCUMENTATION) -> UpstreamAnswer:
        return self.refuse(404, "Not Found", documentation)


Route: TypeAlias = Callable[[Call], UpstreamAnswer]
