"""What became of a finding."""

from dataclasses import dataclass
from enum import StrEnum

from domain.reconcile import Finding


class Treatment(StrEnum):
    HEALED = "healed"
    LEFT = "left"
    """Nothing is to be done any more, or somebody else is at it."""
    POSTPONED = "postponed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """`error` is the bug behind a failure, for a log."""

    finding: Finding
    treatment: Treatment
    note: str
    error: Exception | None = None
