"""Checks of a body, a query or headers, with the messages of Zod, which Nango uses."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from msgspec import UNSET, UnsetType

from entrypoints.sandbox.nango.refusals import NangoRefusal
from entrypoints.sandbox.wire import Json, JsonObject

Path: TypeAlias = tuple[str, ...]
Issue: TypeAlias = JsonObject
Check: TypeAlias = Callable[[Json | UnsetType, Path], list[Issue]]

EMAIL: Final = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}")
SHORTEST_EMAIL: Final = 5


def issue(code: str, message: str, path: Path) -> Issue:
    return {"code": code, "message": message, "path": [*path]}


def type_name(value: Json | UnsetType) -> str:
    """Name the type as JavaScript does."""
    names: list[tuple[type, str]] = [
        (UnsetType, "undefined"),
        (bool, "boolean"),
        (int, "number"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ]
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def wrong_type(expected: str, value: Json | UnsetType, path: Path) -> list[Issue]:
    return [issue("invalid_type", f"Invalid input: expected {expected}, received {type_name(value)}", path)]


def text(at_least: int = 0, at_most: int | None = None, *, email: bool = False) -> Check:
    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        if not isinstance(value, str):
            return wrong_type("string", value, path)
        found: list[Issue] = []
        if email and not EMAIL.fullmatch(value):
            found.append(issue("invalid_format", "Invalid email address", path))
        if len(value) < at_least:
            found.append(issue("too_small", f"Too small: expected string to have >={at_least} characters", path))
        if at_most is not None and len(value) > at_most:
            found.append(issue("too_big", f"Too big: expected string to have <={at_most} characters", path))
        return found

    return check


def email_address() -> Check:
    return text(SHORTEST_EMAIL, 255, email=True)


def number(at_least: int, at_most: int | None = None) -> Check:
    """Expect a number that arrives as text, as in a query."""

    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        digits = value if isinstance(value, str) else ""
        if not re.fullmatch(r"-?\d{1,15}", digits):
            return [issue("invalid_type", "Invalid input: expected number, received NaN", path)]
        if int(digits) < at_least:
            return [issue("too_small", f"Too small: expected number to be >={at_least}", path)]
        if at_most is not None and int(digits) > at_most:
            return [issue("too_big", f"Too big: expected number to be <={at_most}", path)]
        return []

    return check


def anything(value: Json | UnsetType, path: Path) -> list[Issue]:
    return wrong_type("nonoptional", value, path) if value is UNSET else []


def optional(check: Check) -> Check:
    return lambda value, path: [] if value is UNSET else check(value, path)


def list_of(item: Check) -> Check:
    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        if not isinstance(value, list):
            return wrong_type("array", value, path)
        return [found for index, element in enumerate(value) for found in item(element, (*path, str(index)))]

    return check


def record_of(item: Check) -> Check:
    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        if not isinstance(value, dict):
            return wrong_type("object" if value is UNSET else "record", value, path)
        return [found for key, element in value.items() for found in item(element, (*path, key))]

    return check


def strict_object(fields: Mapping[str, Check], *, others: bool = False) -> Check:
    """Expect an object with these fields and, unless `others` are welcome, no further ones."""

    def check(value: Json | UnsetType, path: Path) -> list[Issue]:
        if not isinstance(value, dict):
            return wrong_type("object", value, path)
        found = [one for name, field in fields.items() for one in field(value.get(name, UNSET), (*path, name))]
        unknown = [name for name in value if name not in fields]
        if unknown and not others:
            names = ", ".join(f'"{name}"' for name in unknown)
            found.append(issue("unrecognized_keys", f"Unrecognized key{'s' * (len(unknown) > 1)}: {names}", path))
        return found

    return check


def invalid(code: str, issues: list[Issue]) -> NangoRefusal:
    return NangoRefusal(400, {"error": {"code": code, "errors": [*issues]}})


def checked(check: Check, value: Json, code: str) -> JsonObject:
    """Give back the value as an object that passed the check, or refuse with Nango's 400 of that code."""
    issues = check(value, ())
    if issues or not isinstance(value, dict):
        raise invalid(code, issues)
    return value
