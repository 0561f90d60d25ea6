"""How a URL parser reads a path."""

from typing import Final

UP: Final = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
HERE: Final = frozenset({".", "%2e"})


def resolved(path: str) -> str:
    """Go up where the path says so: `..` and `%2e%2e` lead upwards, `.` nowhere."""
    segments: list[str] = []
    for segment in path.lstrip("/").split("/"):
        if segment.lower() in UP:
            del segments[-1:]
        elif segment.lower() not in HERE:
            segments.append(segment)
    return f"/{'/'.join(segments)}"
