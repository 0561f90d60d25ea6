"""What the benchmarks of the database share: tables that are filled fast, questions that are timed, and a table."""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, LiteralString, NoReturn, TypeAlias

from psycopg import Connection, sql

Question: TypeAlias = tuple[LiteralString, Mapping[str, object]]
FILLED: Final = """
    SELECT relname, to_char(reltuples, 'FM999,999,999'), pg_size_pretty(pg_total_relation_size(oid))
      FROM pg_class
     WHERE oid = ANY(%s::regclass[])
     ORDER BY relname
"""


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fill(
    connection: Connection, statements: Sequence[LiteralString], tables: Sequence[str], numbers: Mapping[str, int]
) -> Sequence[tuple[str, str, str]]:
    """Fill the tables without their indexes, which are made as they were before; say how many rows and bytes they have.

    Statements name numbers in braces.
    """
    taken_off = list(take_off(connection, tables))
    connection.execute("SET synchronous_commit = off")
    for statement in statements:
        connection.execute(sql.SQL(statement).format(**{name: sql.Literal(number) for name, number in numbers.items()}))
    connection.execute("SET maintenance_work_mem = '1GB'")
    for put_on in taken_off:
        connection.execute(put_on)
    connection.execute("VACUUM (ANALYZE)")
    return connection.execute(FILLED, [tables]).fetchall()


def take_off(connection: Connection, tables: Sequence[str]) -> Iterator[sql.Composed]:
    """Drop constraints and indexes of these tables; yield what makes them again, in an order that works."""
    constraints = connection.execute(
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint
         WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'f')
         ORDER BY contype = 'p'
        """,
        [tables],
    ).fetchall()
    for table, name, _ in constraints:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(sql.Identifier, (table, name))))
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [tables]
    ).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    for table, name, definition in reversed(constraints):
        add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(*map(sql.Identifier, (table, name)))
        yield add + sql.SQL(definition)
    for _, definition in indexes:
        yield sql.Composed([sql.SQL(definition)])


def milliseconds(connection: Connection, query: LiteralString, parameters: Mapping[str, object]) -> float:
    began = time.perf_counter()
    connection.execute(query, parameters).fetchall()
    return (time.perf_counter() - began) * 1000


def explain(connection: Connection, name: str, query: LiteralString, parameters: Mapping[str, object]) -> None:
    say(f"\n{name}:")
    for (line,) in connection.execute("EXPLAIN (ANALYZE, BUFFERS) " + query, parameters):
        say(f"    {line}")


def print_table(measured: Mapping[int, Mapping[str, Sequence[float]]], unit: str) -> None:
    sizes = list(measured)
    say(f"\n| p50 and p99, ms | {' | '.join(f'{size:,} {unit}' for size in sizes)} |")
    say(f"|---|{'--:|' * len(sizes)}")
    for name in measured[sizes[0]]:
        say(f"| {name} | {' | '.join(in_words(measured[size][name]) for size in sizes)} |")


def in_words(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f}, {sorted(times)[int(len(times) * 0.99)]:.2f}"


def end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)
