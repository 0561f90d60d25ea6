"""All records of one connection."""

from dataclasses import dataclass, field
from typing import Final

from entrypoints.sandbox.nango.records.names import namer
from entrypoints.sandbox.nango.records.table import Table

BASE: Final = "base"


@dataclass(slots=True)
class Records:
    connection: int
    tables: dict[str, Table] = field(default_factory=dict[str, Table])

    def table(self, model: str, variant: str = BASE) -> Table:
        """Give a model's records, none if there never were any; variants are models of their own."""
        key = model if variant == BASE else f"{model}::{variant}"
        table = self.tables.get(key)
        if table is None:
            table = Table(namer(self.connection, key))
            self.tables[key] = table
        return table
