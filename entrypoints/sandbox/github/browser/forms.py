"""What the pages read from URLs and forms, and where they lead."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from litestar import Response
from litestar.exceptions import NotFoundException

from entrypoints.sandbox.github.model import Account, Repository, Selection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import SandboxRequest

EVERYTHING: Final = "all"


class NothingSelected(Exception):
    """Neither everything nor any repository of the account was chosen."""


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of a URL or a form; a field may come several times."""

    fields: list[tuple[str, str]]

    def first(self, name: str) -> str | None:
        return next((value for field, value in self.fields if field == name), None)

    def all(self, name: str) -> list[str]:
        """Read every value, and commas as separators."""
        values = [part for field, value in self.fields if field == name for part in value.split(",")]
        return [value.strip() for value in values if value.strip()]


def given_by_url(request: SandboxRequest) -> Given:
    return Given([(name, str(value)) for name, value in request.query_params.multi_items()])


async def given_by_form(request: SandboxRequest) -> Given:
    form = await request.form()
    return Given([(name, str(value)) for name, value in form.multi_items()])


def person_in(sandbox: Sandbox, given: Given) -> Account | None:
    """Find who `as` names; nobody when it is not there."""
    named = given.first("as")
    if named is None:
        return None
    person = sandbox.world.person(named)
    if person is None:
        raise NotFoundException(f"nobody here is called {named!r}")
    return person


def selection_in(given: Given, repositories: Iterable[Repository]) -> Selection:
    """Read `selection=all`, or `repositories` by number or name, where `all` means everything too."""
    named = {one.casefold() for one in given.all("repositories")}
    selection = given.first("selection")
    if selection == EVERYTHING or (selection is None and EVERYTHING in named):
        return EVERYTHING
    chosen = frozenset(one.id for one in repositories if str(one.id) in named or one.name.casefold() in named)
    if not chosen:
        raise NothingSelected
    return chosen


def found(url: str, query: dict[str, str]) -> Response[str]:
    joint = "&" if "?" in url else "?"
    return Response("", status_code=302, headers={"Location": f"{url}{joint}{urlencode(query)}"})
