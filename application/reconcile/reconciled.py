"""What became of a run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from application.reconcile.compared import Compared
from application.reconcile.treatment import Treatment
from domain.reconcile import FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    compared: Compared
    treated: Counter[Treatment]

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is left for another run."""
        return (
            self.compared.is_all_kept and not self.treated[Treatment.POSTPONED] and not self.treated[Treatment.FAILED]
        )

    def __str__(self) -> str:
        return "; ".join(filter(None, [summary_of(self.compared), in_words(self.treated)]))


def summary_of(compared: Compared) -> str:
    """Say in a line what was found."""
    found = in_words(compared.counts) or "no difference"
    return f"{compared.listed} connections in Nango, {compared.rows} here: {found}"


def in_words(counts: Mapping[FindingKind, int] | Mapping[Treatment, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
