"""Rows of many people, as proofs write them: those of a person lie together.

Ten repositories a person, a hundred to an installation; everybody has half of a half of two of them, but one in ten
thousand, who has a hundred installations whole.
"""

from typing import Final, LiteralString

# Their indexes are made at the end.
TABLES: Final = ["repositories", "proofs", "grants"]
PERSON_ID: Final = "md5('person-' || number)::uuid"
HEAVY: Final = "greatest(1, {users} / 10000)"
FILL: Final[tuple[LiteralString, ...]] = (
    f"""
    INSERT INTO users (id, github_id, login, joined_at, last_login_at)
    SELECT {PERSON_ID}, number, 'person-' || number, now(), now()
      FROM generate_series(1, {{users}}) AS number
    """,  # noqa: S608 - of constants
    """
    INSERT INTO installations (id, account_id, account, account_type, selection, state, checked_at)
    SELECT number, number, 'account-' || number, 'Organization', 'all', 'active', now()
      FROM generate_series(1, {users} / 10) AS number
    """,
    """
    INSERT INTO repositories (id, installation_id, owner_id, read_at, is_archived, visibility, owner, name,
                              default_branch, url)
    SELECT number, 1 + (number - 1) / 100, 1 + (number - 1) / 100, now(), number % 10 = 0,
           (ARRAY['private', 'private', 'private', 'public', 'internal'])[1 + number % 5],
           'account-' || 1 + (number - 1) / 100, 'repo-' || number, 'main',
           'https://github.com/account-' || 1 + (number - 1) / 100 || '/repo-' || number
      FROM generate_series(1, {users}::bigint * 10) AS number
    """,
    f"""
    INSERT INTO proofs (user_id, installation_id, source, proved_at, closes_at)
    SELECT {PERSON_ID}, 1 + (number * 7919::bigint + nth * ({{users}} / 20)) % ({{users}} / 10), 'login', now(),
           now() + interval '1 day'
      FROM generate_series({HEAVY} + 1, {{users}}) AS number, generate_series(0, 1) AS nth
    UNION ALL
    SELECT {PERSON_ID}, 1 + (number * 7919::bigint + nth) % ({{users}} / 10), 'login', now(), now() + interval '1 day'
      FROM generate_series(1, {HEAVY}) AS number, generate_series(0, 99) AS nth
    """,  # noqa: S608 - of constants
    f"""
    INSERT INTO grants (user_id, repository_id, installation_id, permission)
    SELECT {PERSON_ID}, (installation - 1) * 100 + 1 + (number * 3 + step * 4) % 100, installation,
           1 + (number + step) % 5
      FROM generate_series({HEAVY} + 1, {{users}}) AS number, generate_series(0, 1) AS nth,
           LATERAL (SELECT 1 + (number * 7919::bigint + nth * ({{users}} / 20)) % ({{users}} / 10))
             AS at (installation),
           generate_series(0, 24) AS step
    UNION ALL
    SELECT {PERSON_ID}, (installation - 1) * 100 + step, installation, 5
      FROM generate_series(1, {HEAVY}) AS number, generate_series(0, 99) AS nth,
           LATERAL (SELECT 1 + (number * 7919::bigint + nth) % ({{users}} / 10)) AS at (installation),
           generate_series(1, 100) AS step
    """,  # noqa: S608 - of constants
)
PERSON: Final = f"""
    SELECT {PERSON_ID.replace("number", "%(number)s::int")}, array_agg(repository_id ORDER BY repository_id),
           array_agg(installation_id ORDER BY repository_id)
      FROM grants
     WHERE user_id = {PERSON_ID.replace("number", "%(number)s::int")}
"""  # noqa: S608 - of constants
