#!/usr/bin/env python3
"""Measure what a page of synced data costs in the database, as everybody's data grows.

    .venv/bin/python benchmarks/replica.py --pulls 100000,1000000,10000000

For each number of pull requests a fifth as many issues and commits, in a PostgreSQL of its own. One repository is a
large one, with up to 250,000 of each; all others have a thousand. The statements are those of `GET /repos/{id}/pulls`,
`/issues` and `/commits`, and the counts of `GET /repos/{id}`, asked of repositories drawn at random; each plan has to
find its rows by an index, in order.
"""

import argparse
import asyncio
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from adapters.postgres.migrate import migrate  # noqa: E402 - found by the line above
from benchmarks.cluster import postgres  # noqa: E402
from benchmarks.filling import end, explain, fill, milliseconds, print_table, say  # noqa: E402
from benchmarks.replica_questions import faults_of, questions  # noqa: E402
from benchmarks.replica_rows import FILL, ORDINARY, TABLES, numbers_for, ordinary_of  # noqa: E402

OUT: Final = HERE / "out"
BYTES_PER_PULL: Final = 1800
# Some filters read all of the large repository.
LARGE_SAMPLE: Final = 20


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--pulls", default="100000,1000000", help="numbers of pull requests, each in its own database")
    words.add_argument("--sample", type=int, default=1000, help="of how many repositories, drawn at random")
    words.add_argument("--explain", action="store_true", help="print the plans too, of the last number")
    given = words.parse_args()
    sizes = [int(word) for word in given.pulls.split(",")]
    needed, free = max(sizes) * BYTES_PER_PULL * 2, shutil.disk_usage("/tmp").free  # noqa: S108 - the server's data
    if free < needed:
        sys.exit(f"that takes up to {needed / 1e9:.0f} GB, and {free / 1e9:.0f} GB are free")
    OUT.mkdir(exist_ok=True)
    measured: dict[int, Mapping[str, Sequence[float]]] = {}
    with postgres(OUT / "postgres.log") as url:
        for pulls in sizes:
            measured[pulls] = measure(url, pulls, given.sample, explains=given.explain and pulls == sizes[-1])
    print_table(measured, "pull requests")


def measure(url: str, pulls: int, sample: int, *, explains: bool) -> Mapping[str, Sequence[float]]:
    name = sql.Identifier(f"replica_{pulls}")
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
    database = f"{url}/replica_{pulls}"
    asyncio.run(migrate(database))
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as connection:
        numbers, began = numbers_for(pulls), time.perf_counter()
        rows = fill(connection, FILL, TABLES, numbers)
        told = ", ".join(" ".join(row) for row in rows)
        say(f"{pulls} pull requests in {time.perf_counter() - began:.0f} s: {told}")
        asked = {
            **questions(connection, drawn(pulls, sample), ORDINARY),
            **{
                f"large {question}": each
                for question, each in questions(connection, [1] * LARGE_SAMPLE, numbers["large"]).items()
            },
        }
        wrong = {question: faults for question, each in asked.items() if (faults := faults_of(connection, *each[0]))}
        times = {question: [milliseconds(connection, *one) for one in each] for question, each in asked.items()}
        for question, each in asked.items():
            if explains or question in wrong:
                explain(connection, question, *each[0])
    if wrong:
        sys.exit(f"not planned by an index, in order: {wrong}")
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {}").format(name))
    return times


def drawn(pulls: int, sample: int) -> Sequence[int]:
    ordinary = ordinary_of(pulls)
    return random.Random(pulls).sample(ordinary, min(sample, len(ordinary)))  # noqa: S311 - the same each time


if __name__ == "__main__":
    # Told to end, leave through every `with` block: nothing started here stays behind.
    signal.signal(signal.SIGTERM, end)
    main()
