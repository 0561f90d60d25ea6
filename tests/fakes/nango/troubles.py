"""Calls that are counted, and fail when a test plans it."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain.errors import DomainError, UpstreamUnavailable

MethodT = TypeVar("MethodT", bound=str)


@dataclass(slots=True, kw_only=True)
class Failure:
    error: DomainError
    times: int
    after_effect: bool


@dataclass(slots=True, kw_only=True)
class Troubles(Generic[MethodT]):
    """`calls` counts every call of a port's method, failed ones too."""

    calls: Counter[MethodT] = field(default_factory=Counter[MethodT])
    _failures: dict[MethodT, Failure] = field(default_factory=dict[MethodT, Failure])

    def fail(
        self, method: MethodT, error: DomainError | None = None, *, times: int = 1, after_effect: bool = False
    ) -> None:
        """Let the next calls of a method raise (`UpstreamUnavailable` unless told), before or after their effect."""
        planned = error or UpstreamUnavailable(f"{method} fails, as the test wants")
        self._failures[method] = Failure(error=planned, times=times, after_effect=after_effect)

    @contextmanager
    def called(self, method: MethodT) -> Generator[None, None, None]:
        """Count a call, and fail it before or after its effect if that is planned."""
        self.calls[method] += 1
        failure = self._failures.get(method)
        if failure is not None:
            failure.times -= 1
            if failure.times == 0:
                del self._failures[method]
            if not failure.after_effect:
                raise failure.error
        yield
        if failure is not None:
            raise failure.error
