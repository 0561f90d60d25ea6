"""However many grants there are, a person's are read by their keys, and proven again without writing them."""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Final, LiteralString
from uuid import UUID

import pytest
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.granted import COUNT, FIND, LIST
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from domain.grant import GrantFilter
from domain.repository import Permission
from domain.user import UserId
from tests.builders import a_user
from tests.contract.connecting import GLOBEX, HOUR, a_proof, an_installation, seen
from tests.fakes.clock import NOON

pytestmark = pytest.mark.postgres

LATER: Final = NOON + HOUR
SOMEBODY: Final = UserId(UUID(int=7))
# A thousand people with twenty repositories each, in twenty installations.
FILL: Final = """
    INSERT INTO users (id, github_id, login, joined_at, last_login_at)
    SELECT lpad(to_hex(number), 32, '0')::uuid, number, 'person-' || number, now(), now()
      FROM generate_series(1, 1000) AS number;
    INSERT INTO installations (id, account_id, account, account_type, selection, state, checked_at)
    SELECT number, number, 'account-' || number, 'Organization', 'all', 'active', now()
      FROM generate_series(1, 20) AS number;
    INSERT INTO repositories (id, installation_id, owner_id, read_at, is_archived, visibility, owner, name,
                              default_branch, url)
    SELECT number, 1 + number % 20, 1, now(), false, 'private', 'owner', 'name-' || number, 'main', 'url'
      FROM generate_series(1, 40000) AS number;
    INSERT INTO proofs (user_id, installation_id, source, proved_at, closes_at)
    SELECT users.id, installations.id, 'login', now(), now() + interval '1 hour'
      FROM users, installations;
    INSERT INTO grants (user_id, repository_id, installation_id, permission)
    SELECT users.id, repositories.id, repositories.installation_id, 1
      FROM users, generate_series(1, 20) AS step
      JOIN LATERAL (SELECT * FROM repositories WHERE id = (github_id * 7 + step * 131) % 40000 + 1)
        AS repositories ON true;
    ANALYZE users, installations, repositories, proofs, grants
"""
WRITTEN: Final = """
    SELECT 'grant', repository_id, xmin::text, ctid::text FROM grants
    UNION ALL
    SELECT 'repository', id, xmin::text, ctid::text FROM repositories
"""

LEFT_OF_PEOPLE: Final[tuple[LiteralString, ...]] = (
    "SELECT user_id FROM proofs",
    "SELECT user_id FROM grants",
    "SELECT user_id FROM left_installations",
    "SELECT user_id FROM access_checks",
)


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[AsyncConnectionPool, None]:
    async with create_pool(database_url, max_size=2) as pool:
        yield pool


async def rows_of(pool: AsyncConnectionPool, query: LiteralString) -> set[TupleRow]:
    async with pool.connection() as connection:
        return set(await (await connection.execute(query)).fetchall())


async def test_a_persons_grants_are_read_by_their_keys(pool: AsyncConnectionPool) -> None:
    asked = {"user_id": SOMEBODY, "repository_id": 131, "at": NOON, "after": 0, "limit": 50}
    async with pool.connection() as connection:
        for statement in FILL.split(";"):
            await connection.execute(statement.encode())

        for query in (FIND, LIST, COUNT):
            rows = await connection.execute("EXPLAIN " + query, {**asked, **asdict(GrantFilter())})
            plan = "\n".join([line async for (line,) in rows])
            for table in ("grants", "repositories", "proofs"):
                assert f"Seq Scan on {table}" not in plan, plan
            assert "grants_pkey" in plan, plan


async def test_a_proof_that_says_the_same_again_writes_no_grant_and_no_repository(pool: AsyncConnectionPool) -> None:
    begin_work = BeginPostgresWork(pool)
    ada = a_user()
    async with begin_work() as work:
        await work.users.remember(ada)
        await work.installations.remember(an_installation())
        await work.grants.record(a_proof(ada), seen(*range(1, 101)))
    before = await rows_of(pool, WRITTEN)

    async with begin_work() as work:
        await work.grants.record(a_proof(ada, at=LATER), seen(*range(1, 101)))
    unchanged = await rows_of(pool, WRITTEN)
    changed = [*seen(*range(1, 101)), *seen(5, permission=Permission.ADMIN)]
    async with begin_work() as work:
        await work.grants.record(a_proof(ada, at=LATER), changed)

    assert len(before) == 200
    assert unchanged == before
    assert len(await rows_of(pool, WRITTEN) - before) == 1


async def test_with_a_person_everything_goes_that_is_known_of_their_access(pool: AsyncConnectionPool) -> None:
    begin_work = BeginPostgresWork(pool)
    ada = a_user()
    async with begin_work() as work:
        await work.users.remember(ada)
        await work.installations.remember(an_installation())
        await work.installations.remember(an_installation(GLOBEX))
        await work.grants.record(a_proof(ada, GLOBEX), [])
        await work.grants.leave(ada.id, GLOBEX, LATER)
        await work.grants.record(a_proof(ada), seen(1, 2))
        await work.access_checks.want(ada.id, NOON)

    async with pool.connection() as connection:
        await connection.execute("DELETE FROM users")

    for query in LEFT_OF_PEOPLE:
        assert await rows_of(pool, query) == set()
