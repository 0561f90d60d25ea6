"""What an answer that is no success means: Nango's own refusals, and GitHub's passed through."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from adapters.nango.calls import Answer, Bucket
from adapters.nango.documents import NangoError, Refusal
from domain.connection import ConnectionKind
from domain.errors import ConnectionBroken, ConnectionNotFound, DomainError, UpstreamMisconfigured, UpstreamUnavailable

PRINTABLE_CODE: Final = re.compile(r"[a-z_]{1,64}")
RATE_LIMITED: Final = "too_many_request"
NOT_THERE: Final = {
    (HTTPStatus.NOT_FOUND, "not_found"),
    (HTTPStatus.NOT_FOUND, "unknown_connection"),
    (HTTPStatus.BAD_REQUEST, "unknown_connection"),
}
NOT_THERE_FOR_THE_PROXY: Final = "Failed to get connection"
BROKEN_FOR_THE_PROXY: Final = "Failed to get connection credentials"
UNKNOWN_INTEGRATION: Final = re.compile(r'Integration (".*" )?does not exist')
SETTINGS: Final = {
    ConnectionKind.LOGIN: "NANGO_LOGIN_INTEGRATION",
    ConnectionKind.REPOSITORY: "NANGO_REPOSITORY_INTEGRATION",
}
RATE_STATUSES: Final = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
# GitHub's advice for a limit that does not say when it ends.
GITHUB_PAUSE_SECONDS: Final = 60.0
LONGEST_PAUSE_SECONDS: Final = 3600.0


def nango_error(answer: Answer) -> NangoError | None:
    """Read Nango's own error; None if the refusal is not Nango's."""
    return _refusal(answer).error


def github_words(answer: Answer) -> str:
    """Read what GitHub says of a refusal; empty if the refusal is not GitHub's."""
    refusal = _refusal(answer)
    return "" if refusal.error is not None else refusal.message or ""


def is_absent(answer: Answer) -> bool:
    """Tell whether GitHub says that something is not there, and not something on the way to it."""
    if answer.status != HTTPStatus.NOT_FOUND:
        return False
    refusal = _refusal(answer)
    return refusal.error is None and refusal.message is not None and refusal.documentation_url is not None


def meaning(answer: Answer, integration: str, now: float, kind: ConnectionKind = ConnectionKind.LOGIN) -> DomainError:
    """Say what a refusal means; `now` is the epoch second, `kind` says which setting names the integration."""
    refusal = _refusal(answer)
    if refusal.error is not None:
        return _meaning_of_nango(answer, refusal.error, integration, SETTINGS[kind])
    if answer.call.bucket is Bucket.PROXY and refusal.message is not None:
        return _meaning_of_github(answer, refusal.message, now)
    return UpstreamUnavailable(f"{answer.call}: unexpected status {answer.status}")


def _refusal(answer: Answer) -> Refusal:
    try:
        return msgspec.json.decode(answer.body, type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Refusal()


def _meaning_of_nango(answer: Answer, error: NangoError, integration: str, setting: str) -> DomainError:
    code = error.code if PRINTABLE_CODE.fullmatch(error.code) else "without a code"
    said = f"{answer.call}: Nango refused with {answer.status} ({code})"
    if answer.call.bucket is not Bucket.BROWSER and answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return UpstreamMisconfigured(f"{said}: check NANGO_SECRET_KEY")
    if code == "unknown_provider_config" or _names_no_integration(error):
        return UpstreamMisconfigured(f"{said}: Nango has no integration {integration!r}, check {setting}")
    if _is_not_there(answer, error):
        return ConnectionNotFound("there is no such connection in Nango")
    if _is_broken(answer, error):
        return ConnectionBroken(f"{said}: the connection's credentials cannot be refreshed")
    return UpstreamUnavailable(said)


def _names_no_integration(error: NangoError) -> bool:
    return any(UNKNOWN_INTEGRATION.fullmatch(said) for said in (error.message, *(one.message for one in error.errors)))


def _is_not_there(answer: Answer, error: NangoError) -> bool:
    if answer.call.bucket is Bucket.PROXY:
        return answer.status == HTTPStatus.BAD_REQUEST and error.message == NOT_THERE_FOR_THE_PROXY
    return answer.call.bucket is Bucket.API and (answer.status, error.code) in NOT_THERE


def _is_broken(answer: Answer, error: NangoError) -> bool:
    if answer.status == HTTPStatus.FAILED_DEPENDENCY:
        return True
    return answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and (
        error.code == "invalid_credentials" or error.message.startswith(BROKEN_FOR_THE_PROXY)
    )


def _meaning_of_github(answer: Answer, message: str, now: float) -> DomainError:
    said = f"{answer.call}: GitHub refused with {answer.status}"
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return ConnectionBroken(f"{said}: the connection's token is not valid")
    if answer.status in RATE_STATUSES:
        pause = _github_pause(answer, message, now)
        return UpstreamUnavailable(said, None if pause is None else timedelta(seconds=pause))
    return UpstreamUnavailable(said)


def _github_pause(answer: Answer, message: str, now: float) -> float | None:
    """Tell for how many seconds GitHub wants no calls; None for a 403 that is about something else."""
    pause: float | None = answer.number("retry-after")
    if pause is None and answer.number("x-ratelimit-remaining") == 0:
        pause = answer.seconds_until("x-ratelimit-reset", now)
    if pause is None and (answer.status == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in message):
        pause = GITHUB_PAUSE_SECONDS
    return None if pause is None else min(max(pause, 0.0), LONGEST_PAUSE_SECONDS)
