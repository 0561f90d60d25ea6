"""Which route a path belongs to."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from entrypoints.sandbox.github.rest.call import Route

NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """`{name}` is one part of a path, `{name_id}` and `{number}` a numeric one, `{path}` all the rest."""

    method: str
    template: str
    route: Route

    def values(self, method: str, path: str) -> dict[str, str] | None:
        """Give the variable parts of a path, decoded; nothing when the path is another one."""
        if method != self.method:
            return None
        wanted, given = self.template.split("/"), path.split("/")
        if wanted[-1] == "{path}":
            given = [*given[: len(wanted) - 1], "/".join(given[len(wanted) - 1 :])]
        if len(wanted) != len(given):
            return None
        values: dict[str, str] = {}
        for name, part in zip(wanted, given, strict=True):
            if not name.startswith("{"):
                if name != part:
                    return None
                continue
            if name.endswith(("_id}", "number}")) and not NUMBER.fullmatch(part):
                return None
            values[name[1:-1]] = unquote(part)
        return values


def find_route(patterns: list[Pattern], method: str, path: str) -> tuple[Pattern, dict[str, str]] | None:
    """Find the first pattern that fits."""
    for pattern in patterns:
        values = pattern.values(method, path)
        if values is not None:
            return pattern, values
    return None
