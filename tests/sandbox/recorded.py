"""Recorded traffic, and when an answer of the sandbox counts as the same."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from entrypoints.sandbox.wire import Json

HERE: Final = Path(__file__).parent
FOLDERS: Final = (HERE.parent / "fixtures" / "nango", HERE / "recorded")

# What differs from one run to the next; the word that stands for it keeps the kind.
MASKS: Final = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "JWT"),
    (re.compile(r"nango_connect_session_[0-9a-f]{64}"), "SESSION"),
    (re.compile(r"(gh[ours]_|code_|bad_)[0-9a-f]{24}"), r"\1TOKEN"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "SECONDS"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "DATE"),
    (re.compile(r"\d{13}_\w{8}"), "LOG"),
    (re.compile(r'(\\?"(?:id|end_user_id|config_id|environment_id)\\?":)\d+(?=,)'), r"\g<1>0"),
    (re.compile(r'(\\"credentials_(?:iv|tag)\\":\\")[^\\]+'), r"\1SEALED"),
    (re.compile(r"code_challenge=[\w-]{43}"), "code_challenge=CHALLENGE"),
    (re.compile(r"client_id=[\w.]+"), "client_id=CLIENT"),
    (re.compile(r"http://127\.0\.0\.1:\d+/images"), "LOGOS"),
    (re.compile(r"/apps/[\w-]+"), "/apps/APP"),
    (re.compile(r"http://127\.0\.0\.1:3999"), "http://127.0.0.1:3003"),
)


@dataclass(frozen=True)
class Call:
    """One recorded request with its answer."""

    method: str
    target: str
    headers: dict[str, str]
    body: str | None
    status: int
    answer_headers: dict[str, str]
    answer: str


@dataclass(frozen=True)
class Delivered:
    """One recorded webhook delivery."""

    at: str
    method: str
    path: str
    headers: dict[str, str]
    body: str


def load(name: str) -> Any:  # noqa: ANN401 - recorded documents have any shape
    path = next(folder / f"{name}.json" for folder in FOLDERS if (folder / f"{name}.json").exists())
    return json.loads(path.read_text())


def call_of(document: dict[str, Any]) -> Call:
    request, response = document["request"], document["response"]
    method, target = request["line"].split(" ")[:2]
    return Call(
        method=method,
        target=target,
        headers=request["headers"],
        body=request.get("body"),
        status=response["status"],
        answer_headers={name.lower(): value for name, value in response["headers"]},
        answer=response["body"] or "",
    )


def recorded_call(name: str) -> Call:
    """Read a request/response file, or the first hop of a flow."""
    document = load(name)
    return call_of(document["hops"][0] if "hops" in document else document)


def recorded_hops(name: str) -> list[Call]:
    return [call_of(hop) for hop in load(name)["hops"]]


def recorded_deliveries(name: str) -> list[Delivered]:
    return [
        Delivered(
            at=one["received_at"],
            method=one["method"],
            path=one["url"],
            headers=one["headers"],
            body=one["raw_body"],
        )
        for one in deliveries_in(load(name))
    ]


def deliveries_in(document: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open the envelope that some recordings have."""
    return document["deliveries"] if isinstance(document, dict) else document


def masked(text: str) -> str:
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def meaning_of_page(page: str) -> tuple[bool, str]:
    """Whether a callback page tells of success, and the error that it tells."""
    details = re.search(r'id="errorDetails"[^>]*>(.*?)</div>', page, re.DOTALL)
    return "Successful connection" in page, masked(html.unescape(details.group(1))) if details else ""


def assert_contains(expected: Json, actual: Json, where: str = "") -> None:
    """Assert that every recorded key is there with the same kind of value: GitHub's real documents have more keys."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), where
        for key, value in expected.items():
            assert key in actual, f"{where}.{key}"
            assert_contains(value, actual[key], f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), where
        assert len(actual) == len(expected), where
        for index, value in enumerate(expected):
            assert_contains(value, actual[index], f"{where}[{index}]")
    else:
        assert type(actual) is type(expected), where
