"""JSON and answers as they travel."""

import json
from datetime import datetime
from typing import Final, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
JsonObject: TypeAlias = dict[str, Json]
SandboxRequest: TypeAlias = Request[None, None, State]

JSON_MEDIA_TYPE: Final = "application/json; charset=utf-8"
HTML_MEDIA_TYPE: Final = "text/html"

# What V8 says where Python's parser says something else.
V8_WORDING: Final = {
    "Expecting property name enclosed in double quotes": "Expected property name or '}' in JSON at position",
    "Expecting ',' delimiter": "Expected ',' or '}' after property value in JSON at position",
    "Expecting ':' delimiter": "Expected ':' after property name in JSON at position",
}


class UnreadableJson(ValueError):
    """The text is not JSON; the message is the one of Node.js, for the commonest mistakes."""


def read_json(text: bytes) -> Json:
    try:
        value: Json = json.loads(text)
    except json.JSONDecodeError as error:
        wording = V8_WORDING.get(error.msg, "Unexpected token in JSON at position")
        message = f"{wording} {error.pos} (line {error.lineno} column {error.colno})"
        raise UnreadableJson(message) from error
    except UnicodeDecodeError as error:
        raise UnreadableJson("Unexpected token in JSON at position 0 (line 1 column 1)") from error
    return value


def compact_json(value: Json) -> bytes:
    return msgspec.json.encode(value)


def stable_json(value: Json) -> bytes:
    """As Nango writes webhooks: keys sorted at every level, no spaces, UTF-8 left as it is."""
    return msgspec.json.encode(value, order="sorted")


def json_answer(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(compact_json(body), status_code=status, headers=headers, media_type=JSON_MEDIA_TYPE)


def empty_answer(status: int) -> Response[None]:
    return Response(None, status_code=status)


def javascript_time(moment: datetime) -> str:
    """`2026-11-21T06:18:49.756Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def offset_time(moment: datetime) -> str:
    """`2026-11-21T06:18:49.756+00:00`, as Nango's connection documents have it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+00:00"
