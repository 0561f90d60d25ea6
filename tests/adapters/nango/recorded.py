"""Recorded answers of a real Nango, to be given again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

FIXTURES = Path(__file__).parents[2] / "fixtures" / "nango"
SIGNING_KEY = SECRET_KEY = "dfe8a1bf-cad6-415b-a6bb-4081f9bf09e3"
# The signing key was rotated while the recordings were made.
ROTATED_KEY = "4e6b7227-28c8-44d4-a3e3-5e6bec8383aa"


def load(name: str) -> Any:  # noqa: ANN401 - as JSON is
    return json.loads((FIXTURES / f"{name}.json").read_text())


def answer(name: str, hop: int | None = None) -> httpx.Response:
    """Make the recorded answer anew: status, headers and body."""
    document = load(name)
    recorded = (document if hop is None else document["hops"][hop])["response"]
    headers = [(key, value) for key, value in recorded["headers"] if key.lower() != "transfer-encoding"]
    return httpx.Response(recorded["status"], headers=headers, text=recorded["body"] or "")


def body(name: str) -> Any:  # noqa: ANN401 - as JSON is
    return json.loads(load(name)["response"]["body"])


def deliveries() -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Yield every recorded webhook: where it is from, its headers, its bytes."""
    for file in sorted(FIXTURES.glob("*.json")):
        yield from ((file.stem, headers, raw) for headers, raw in _deliveries_in(json.loads(file.read_text())))


def _deliveries_in(document: Any) -> Iterator[tuple[dict[str, str], bytes]]:  # noqa: ANN401 - as JSON is
    match document:
        # After a 302, Nango also sends GETs with the headers of the POST and no body.
        case {"method": "POST", "headers": {"x-nango-hmac-sha256": str()} as headers, "raw_body": str(raw)}:
            yield headers, raw.encode()
        case dict():
            for value in document.values():  # pyright: ignore[reportUnknownVariableType]
                yield from _deliveries_in(value)
        case list():
            for value in document:  # pyright: ignore[reportUnknownVariableType]
                yield from _deliveries_in(value)
        case _:
            return
