"""What GitHub's refusals mean to a person's token, and to an installation's."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeAlias

from adapters.nango.calls import Answer
from adapters.nango.refusals import github_words
from domain.errors import (
    AccessNotReadable,
    ConnectionBroken,
    DomainError,
    InstallationGone,
    InstallationSuspended,
    UpstreamUnavailable,
)

SUSPENDED: Final = "suspended"
NOT_FOR_APPS: Final = "Resource not accessible by integration"
NOT_OF_AN_APP: Final = "authorized to a GitHub App"
NOT_AN_INSTALLATIONS: Final = "You must authenticate with an installation access token"


Reading: TypeAlias = Callable[[Answer, DomainError], DomainError]
"""Takes a refusal with what it means to any token, and says what it means to this one."""


def as_it_is(answer: Answer, general: DomainError) -> DomainError:
    """Leave it at what it means to any token."""
    del answer
    return general


def to_person(answer: Answer, general: DomainError) -> DomainError:
    """Read it as a person's token has to."""
    words = forbidden_words(answer, general)
    if NOT_OF_AN_APP in words or NOT_FOR_APPS in words:
        return AccessNotReadable(f"{answer.call}: the token is not a person's own one of the GitHub App")
    # A person's account can be suspended too, which says nothing of an installation.
    return (_suspended(answer, words) if "installation" in words else None) or general


def to_installation(answer: Answer, general: DomainError) -> DomainError:
    """Read it as an installation's token has to."""
    if answer.status == HTTPStatus.UNAUTHORIZED and github_words(answer):
        return InstallationGone(f"{answer.call}: GitHub refuses the installation's token")
    words = forbidden_words(answer, general)
    if NOT_AN_INSTALLATIONS in words:
        return ConnectionBroken(f"{answer.call}: the connection has no token of an installation")
    return _suspended(answer, words) or general


def forbidden_words(answer: Answer, general: DomainError) -> str:
    """Read what GitHub says of a 403; empty for a rate limit, which says nothing about access."""
    is_pause = isinstance(general, UpstreamUnavailable) and general.retry_after is not None
    return github_words(answer) if answer.status == HTTPStatus.FORBIDDEN and not is_pause else ""


def _suspended(answer: Answer, words: str) -> InstallationSuspended | None:
    if SUSPENDED not in words.lower():
        return None
    return InstallationSuspended(f"{answer.call}: the installation is suspended")
