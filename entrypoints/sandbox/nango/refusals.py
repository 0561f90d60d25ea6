"""Nango's errors, in its own shapes."""

from litestar import Response

from entrypoints.sandbox.wire import Json, SandboxRequest, json_answer


class NangoRefusal(Exception):
    """An answer other than the asked one; `body` is the whole document."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


def refusal_answer(_: SandboxRequest, refusal: NangoRefusal) -> Response[bytes]:
    return json_answer(refusal.body, refusal.status, refusal.headers)


def refused(status: int, code: str, message: str | None = None) -> NangoRefusal:
    error: dict[str, Json] = {"code": code}
    if message is not None:
        error["message"] = message
    return NangoRefusal(status, {"error": error})


def unauthenticated(code: str, reason: str) -> NangoRefusal:
    """Refuse with a 401, which puts the message first and carries an empty payload."""
    error: Json = {"message": f"Authentication failed. {reason}", "code": code, "payload": {}}
    return NangoRefusal(401, {"error": error})


def unknown_connection() -> NangoRefusal:
    return refused(404, "not_found", "Failed to find connection")


def unknown_integration() -> NangoRefusal:
    return refused(400, "unknown_provider_config", "Provider does not exists")
