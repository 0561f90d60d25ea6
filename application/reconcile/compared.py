"""What a comparison found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.reconcile import Finding, FindingKind

# More than these are counted, and healed by the next run.
MOST_OF_A_KIND: Final = 10_000
# Most of them were revoked at GitHub for good: those looked at longest ago come first, and none is forgotten.
MOST_REVISITS: Final = 100
HEALED_AT_ONCE: Final = frozenset(FindingKind) - {FindingKind.REVISIT, FindingKind.FOREIGN}


@dataclass(slots=True, kw_only=True)
class Compared:
    """`counts` has those too that are not among the findings because they are too many."""

    counts: Counter[FindingKind] = field(default_factory=Counter[FindingKind])
    listed: int = 0
    rows: int = 0
    _findings: dict[FindingKind, list[Finding]] = field(default_factory=dict[FindingKind, list[Finding]])

    def note(self, finding: Finding | None) -> None:
        if finding is None:
            return
        self.counts[finding.kind] += 1
        kept = self._findings.setdefault(finding.kind, [])
        if len(kept) < MOST_OF_A_KIND:
            kept.append(finding)

    @property
    def is_all_kept(self) -> bool:
        """Tell whether everything that one run can heal is among the findings."""
        return all(self.counts[kind] == len(kept) for kind, kept in self._findings.items() if kind in HEALED_AT_ONCE)

    @property
    def findings(self) -> Sequence[Finding]:
        """List them in the order of healing."""
        return [finding for kind in FindingKind for finding in self._oldest_first(kind)]

    def _oldest_first(self, kind: FindingKind) -> Sequence[Finding]:
        found = sorted(self._findings.get(kind, ()), key=lambda finding: finding.checked_at or finding.seen_at)
        return found[:MOST_REVISITS] if kind is FindingKind.REVISIT else found
