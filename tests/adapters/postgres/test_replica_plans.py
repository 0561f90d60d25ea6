"""Every list of the replica finds its rows by an index, in their order, whatever is asked of whichever repository."""

import psycopg
import pytest

from benchmarks.filling import fill
from benchmarks.replica_questions import faults_of, questions
from benchmarks.replica_rows import FILL, ORDINARY, TABLES, numbers_for

pytestmark = pytest.mark.postgres

# The fewest with which no plan is better off reading whole tables.
PULLS = 20_000


def test_no_list_reads_or_sorts_a_whole_table(database_url: str) -> None:
    numbers = numbers_for(PULLS)
    with psycopg.connect(database_url, autocommit=True) as connection:
        rows = fill(connection, FILL, TABLES, numbers)
        plans = {
            f"{name}, repository {repository}": faults_of(connection, query, parameters)
            for repository, size in ((1, numbers["large"]), (2, ORDINARY))
            for name, [(query, parameters)] in questions(connection, [repository], size).items()
        }

    assert {name: faults for name, faults in plans.items() if faults} == {}
    assert [table for table, _, _ in rows] == sorted(TABLES)
