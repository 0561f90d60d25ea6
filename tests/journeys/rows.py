"""What is in Latchkey's database."""

from collections.abc import Mapping
from threading import Lock
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.journeys.sandbox import Person

Row = dict[str, Any]


class Rows:
    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._lock = Lock()
        self._connection: psycopg.Connection[Row] | None = None

    def user(self, person: Person) -> Row | None:
        rows = self.read("SELECT * FROM users WHERE github_id = %(id)s", {"id": person.id})
        assert len(rows) <= 1
        return rows[0] if rows else None

    def user_id(self, person: Person) -> UUID:
        user = self.user(person)
        assert user is not None
        return UUID(str(user["id"]))

    def sessions_of(self, person: Person) -> list[Row]:
        return self.read(
            "SELECT sessions.* FROM sessions JOIN users ON users.id = user_id WHERE github_id = %(id)s",
            {"id": person.id},
        )

    def connections_of(self, person: Person) -> list[Row]:
        return self.read(
            "SELECT connections.* FROM connections JOIN users ON users.id = user_id WHERE github_id = %(id)s",
            {"id": person.id},
        )

    def attempt(self, attempt_id: UUID) -> Row:
        [row] = self.read("SELECT * FROM attempts WHERE id = %(id)s", {"id": attempt_id})
        return row

    def count_attempts(self) -> int:
        [row] = self.read("SELECT count(*) AS number FROM attempts")
        return int(row["number"])

    def expire(self, attempt_id: UUID) -> None:
        self.change(
            "UPDATE attempts SET expires_at = now() - interval '1 second' WHERE id = %(id)s", {"id": attempt_id}
        )

    def end_lease(self, attempt_id: UUID) -> None:
        """Let the time pass in which a request counts as still being at it."""
        self.change(
            "UPDATE attempts SET lease_until = now() - interval '1 second' WHERE id = %(id)s", {"id": attempt_id}
        )

    def expire_code_of(self, person: Person) -> None:
        self.change(
            "UPDATE sign_in_codes SET expires_at = now() - interval '1 second' WHERE user_id = %(id)s",
            {"id": self.user_id(person)},
        )

    def let_connections_rest(self, person: Person) -> None:
        """Let the time pass in which a connection is not read back again."""
        self.change(
            "UPDATE connections SET checked_at = checked_at - interval '1 hour' WHERE user_id = %(id)s",
            {"id": self.user_id(person)},
        )

    def make_due(self, text: object) -> None:
        """Let the time pass for which a delivery was put off."""
        self.change(
            """
            UPDATE pgqueuer SET execute_after = now()
              FROM deliveries
             WHERE position(%(text)s IN body::text) > 0
               AND deliveries.state = 'waiting'
               AND payload = convert_to(deliveries.id::text, 'UTF8')
            """,
            {"text": str(text)},
        )

    def receive(self, body: Mapping[str, object]) -> None:
        """Put a delivery there as if it had been received."""
        self.change(
            """
            WITH received AS (
                INSERT INTO deliveries (kind, body, body_hash, headers, received_at, due_at)
                VALUES ('auth', %(body)s, %(hash)s, '{}', now(), now())
                RETURNING id)
            INSERT INTO pgqueuer (entrypoint, payload, priority, status)
            SELECT 'delivery', convert_to(id::text, 'UTF8'), 0, 'queued' FROM received
            """,
            {"body": Jsonb(dict(body)), "hash": uuid4().bytes},
        )

    def deliveries_with(self, text: object) -> list[Row]:
        """List the deliveries whose stored body has the text."""
        return self.read(
            "SELECT * FROM deliveries WHERE position(%(text)s IN body::text) > 0 ORDER BY id", {"text": str(text)}
        )

    def put_reconcile_off(self) -> None:
        """Let no run begin by itself, now or while a test goes on."""
        self.change(
            """
            INSERT INTO reconcile_runs (run_id, began_at, due_at)
            VALUES (gen_random_uuid(), now(), now() + interval '1 day')
            ON CONFLICT (single) DO UPDATE SET due_at = excluded.due_at
            """
        )

    def make_reconcile_due(self) -> None:
        self.change("UPDATE reconcile_runs SET due_at = now()")

    def everything(self) -> str:
        """Return all tables as text."""
        tables = self.read("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        with psycopg.connect(self._conninfo) as connection:
            texts = [
                connection.execute(
                    sql.SQL("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {} AS t").format(
                        sql.Identifier(str(table["name"]))
                    )
                ).fetchone()
                for table in tables
            ]
        return "\n".join(str(text[0]) for text in texts if text)

    def read(self, query: LiteralString, parameters: Mapping[str, object] | None = None) -> list[Row]:
        return self._execute(query, parameters).fetchall()

    def change(self, statement: LiteralString, parameters: Mapping[str, object] | None = None) -> None:
        self._execute(statement, parameters)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _execute(self, statement: LiteralString, parameters: Mapping[str, object] | None) -> psycopg.Cursor[Row]:
        """Keep one connection, as making one takes longer than most statements; one that a test broke is replaced."""
        with self._lock:
            kept = self._connection
            try:
                return (kept or self._connect()).execute(statement, parameters)
            except psycopg.OperationalError:
                if not (kept and kept.closed):
                    raise
                return self._connect().execute(statement, parameters)

    def _connect(self) -> psycopg.Connection[Row]:
        self.close()
        made = psycopg.Connection[Row].connect(self._conninfo, autocommit=True, row_factory=dict_row)
        self._connection = made
        return made
