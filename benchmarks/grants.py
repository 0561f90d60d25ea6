#!/usr/bin/env python3
"""Measure what one person's repositories cost in the database, as everybody else's grow.

    .venv/bin/python benchmarks/grants.py --users 10000,100000,1000000

For each number of people: ten times as many repositories, fifty times as many grants, in a PostgreSQL of its own. Each
person has fifty grants on two installations; one in ten thousand has ten thousand, on a hundred. The statements are
those of `GET /repos`, `GET /repos/{id}` and of a proof that is recorded again, asked for people drawn at random.
"""

import argparse
import asyncio
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
from psycopg import AsyncConnection, Connection, sql

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from adapters.postgres.granted import COUNT, FIND, LIST  # noqa: E402 - found by the line above
from adapters.postgres.grants import PostgresGrants  # noqa: E402
from adapters.postgres.installations import PostgresInstallations  # noqa: E402
from adapters.postgres.migrate import migrate  # noqa: E402
from benchmarks.cluster import postgres  # noqa: E402
from benchmarks.filling import Question, end, explain, fill, milliseconds, print_table, say  # noqa: E402
from benchmarks.grants_rows import FILL, PERSON, TABLES  # noqa: E402
from domain.grant import GrantFilter, Proof, ProofRules, ProofSource  # noqa: E402
from domain.installation import InstallationId  # noqa: E402
from domain.repository import RepositoryId, SeenRepository  # noqa: E402
from domain.user import UserId  # noqa: E402

OUT: Final = HERE / "out"
BYTES_PER_PERSON: Final = 13_000
PAGE: Final = 30
RULES: Final = ProofRules(lifetime=timedelta(days=1), grace=timedelta(days=1))
NO_FILTER: Final = dict.fromkeys(("owner", "visibility", "permission", "is_archived", "installation_id", "text"))
# What a person may ask for, and what they then have to be given.
FILTERS: Final[Mapping[str, Mapping[str, object]]] = {
    "by owner": {"owner": "account-{installation}"},
    "write or more, not archived": {"permission": 3, "is_archived": False},
    "public": {"visibility": "public"},
    "by name": {"text": "repo-{repository}"},
    "of one installation": {"installation_id": "{installation}"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What somebody has, in the order of the repositories."""

    id: UserId
    repositories: Sequence[int]
    installations: Sequence[int]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--users", default="10000,100000", help="numbers of people, each in a database of its own")
    words.add_argument("--sample", type=int, default=3000, help="of how many people, drawn at random")
    words.add_argument("--explain", action="store_true", help="print the plans too, of the last number of people")
    given = words.parse_args()
    sizes = [int(word) for word in given.users.split(",")]
    free = shutil.disk_usage("/tmp").free  # noqa: S108 - where the server keeps its data
    if free < max(sizes) * BYTES_PER_PERSON * 2:
        sys.exit(f"that takes up to {max(sizes) * BYTES_PER_PERSON * 2 / 1e9:.0f} GB, and {free / 1e9:.0f} GB are free")
    OUT.mkdir(exist_ok=True)
    measured: dict[int, Mapping[str, Sequence[float]]] = {}
    with postgres(OUT / "postgres.log") as url:
        for users in sizes:
            measured[users] = measure(url, users, given.sample, explains=given.explain and users == sizes[-1])
    print_table(measured, "people")


def measure(url: str, users: int, sample: int, *, explains: bool) -> Mapping[str, Sequence[float]]:
    database = f"{url}/grants_{users}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"grants_{users}")))
    asyncio.run(migrate(database))
    with psycopg.connect(database, autocommit=True) as connection:
        began = time.perf_counter()
        rows = fill(connection, FILL, TABLES, {"users": users})
        told = ", ".join(" ".join(row) for row in rows)
        say(f"{users} people in {time.perf_counter() - began:.0f} s: {told}")
        people = drawn(users, sample)
        times: dict[str, Sequence[float]] = {
            name: [milliseconds(connection, query, parameters) for query, parameters in asked]
            for name, asked in questions(connection, people, heavy_of(users)).items()
        }
        if explains:
            for name, asked in questions(connection, people[:1], heavy_of(users)[:1]).items():
                explain(connection, name, *asked[0])
    times |= asyncio.run(prove_again(database, people[: sample // 10]))
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(f"grants_{users}")))
    return times


def drawn(users: int, sample: int) -> Sequence[int]:
    return random.Random(users).sample(range(heavy_of(users)[-1] + 1, users), sample)  # noqa: S311 - the same each time


def heavy_of(users: int) -> Sequence[int]:
    """Name those with ten thousand grants: the first ones."""
    return range(1, max(1, users // 10_000) + 1)


def person(connection: Connection, number: int) -> Person:
    ((person_id, repositories, installations),) = connection.execute(PERSON, {"number": number}).fetchall()
    return Person(id=UserId(person_id), repositories=repositories, installations=installations)


def questions(connection: Connection, people: Sequence[int], heavy: Sequence[int]) -> Mapping[str, Sequence[Question]]:
    """Say what is asked, and of whom; all is looked up before anything is timed."""
    mine = [person(connection, number) for number in people]
    many = [person(connection, number) for number in heavy] * -(-len(people) // 10 // len(heavy))
    asked: dict[str, Sequence[Question]] = {
        "first page": [(LIST, page(one)) for one in mine],
        "second page": [(LIST, page(one, after=one.repositories[PAGE - 1])) for one in mine],
    }
    for name, wanted in FILTERS.items():
        asked[f"first page, {name}"] = [(LIST, page(one, wanted=wanted)) for one in mine]
    asked |= {
        "find": [(FIND, {"user_id": one.id, "repository_id": one.repositories[7]}) for one in mine],
        "find what is not granted": [(FIND, {"user_id": one.id, "repository_id": -1}) for one in mine],
        "count": [(COUNT, {"user_id": one.id, "at": datetime.now(UTC)}) for one in mine],
        "10,000 grants: first page": [(LIST, page(one)) for one in many],
        "10,000 grants: page in the middle": [(LIST, page(one, after=one.repositories[5000])) for one in many],
        "10,000 grants: first page, by name": [(LIST, page(one, wanted=FILTERS["by name"], nth=5000)) for one in many],
        "10,000 grants: find": [(FIND, {"user_id": one.id, "repository_id": one.repositories[5000]}) for one in many],
        "10,000 grants: count": [(COUNT, {"user_id": one.id, "at": datetime.now(UTC)}) for one in many],
    }
    return asked


def page(
    asking: Person, after: int = 0, wanted: Mapping[str, object] | None = None, nth: int = 3
) -> Mapping[str, object]:
    known = {"repository": asking.repositories[nth], "installation": asking.installations[nth]}
    exact = {name: word.format(**known) if isinstance(word, str) else word for name, word in (wanted or {}).items()}
    if "installation_id" in exact:
        exact["installation_id"] = known["installation"]
    return {"user_id": asking.id, "at": datetime.now(UTC), "after": after, "limit": PAGE, **NO_FILTER, **exact}


async def prove_again(database: str, people: Sequence[int]) -> Mapping[str, Sequence[float]]:
    """Record a proof of one installation that says the same, and one where a repository was renamed."""
    same: list[float] = []
    renamed: list[float] = []
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        grants, installations = PostgresGrants(connection), PostgresInstallations(connection)
        for number in people:
            rows = await connection.execute(PERSON, {"number": number})
            ((person_id, _, (first, *_)),) = await rows.fetchall()
            one, installation_id = UserId(person_id), InstallationId(first)
            wanted = GrantFilter(installation_id=installation_id)
            held = await grants.list(one, wanted, datetime.now(UTC), RepositoryId(0), PAGE)
            seen = [SeenRepository(repository=grant.repository, permission=grant.permission) for grant in held]
            for times, shown in ((same, seen), (renamed, with_a_new_name(seen))):
                at = datetime.now(UTC)
                proof = Proof.of(one, installation_id, ProofSource.LOGIN, at, RULES)
                began = time.perf_counter()
                async with connection.transaction():
                    await installations.find(installation_id)
                    await grants.record(proof, shown)
                times.append((time.perf_counter() - began) * 1000)
    return {"prove 25 again, all the same": same, "prove 25 again, one renamed": renamed}


def with_a_new_name(seen: Sequence[SeenRepository]) -> Sequence[SeenRepository]:
    first, *others = seen
    name = f"{first.repository.name}-{time.time_ns()}"
    return [replace(first, repository=replace(first.repository, name=name)), *others]


if __name__ == "__main__":
    # Told to end, leave through every `with` block: nothing started here stays behind.
    signal.signal(signal.SIGTERM, end)
    main()
