"""Rows of the replica, as pages of records write them: those of a repository lie together.

The first repository is a large one; all others have a thousand of each. One in twenty is open, one in ten is a robot's,
all others are those of three hundred people; one in a thousand has a label of its own, one in ten commits is on two
branches.
"""

from typing import Final, LiteralString

# Their indexes are made at the end.
TABLES: Final = ["pull_requests", "issues", "commits", "commit_sightings"]
LARGEST: Final = 250_000
ORDINARY: Final = 1000
NEWEST: Final[LiteralString] = "timestamptz '2026-01-01 00:00Z'"
PLACE: Final[LiteralString] = """
    LATERAL (SELECT CASE WHEN nth <= {large} THEN 1 ELSE 2 + (nth - {large} - 1) / 1000 END,
                    CASE WHEN nth <= {large} THEN nth ELSE 1 + (nth - {large} - 1) % 1000 END)
      AS place (repository_id, number)
"""
AUTHOR: Final[LiteralString] = "CASE WHEN number % 10 = 0 THEN 'robot' ELSE 'person-' || number * 7919 % 300 END"
UPDATED_AT: Final[LiteralString] = f"{NEWEST} - (1000000 - number) * interval '1 minute'"
ITEM: Final[LiteralString] = f"""
    repository_id, 1, {NEWEST}, {NEWEST}, nth, number * 7919 % 300, {UPDATED_AT}, {UPDATED_AT},
    number, false, nth::text, CASE WHEN number % 20 = 0 THEN 'open' ELSE 'closed' END,
    'Change part ' || number % 977 || ' of module ' || number, {AUTHOR},
    'https://github.com/owner-' || repository_id || '/repository/pull/' || number,
    CASE WHEN number % 1000 = 1 THEN '["rare"]' WHEN number % 10 = 1 THEN '["bug", "help wanted"]' ELSE '[]' END::jsonb,
    '[]',
    jsonb_build_object('id', nth, 'number', number, 'body', repeat('What it changes, and why. ', 20))
"""
ITEM_COLUMNS: Final[LiteralString] = """
    repository_id, sync_id, modified_at, seen_at, github_id, author_id, created_at, updated_at, number, is_locked,
    record_id, state, title, author, url, labels, assignees, record
"""
FILL: Final[tuple[LiteralString, ...]] = (
    f"""
    INSERT INTO pull_requests ({ITEM_COLUMNS}, is_merged, is_draft, base_ref, base_sha, head_ref, head_sha)
    SELECT {ITEM}, number % 3 = 0, false, 'main', md5(nth::text), 'branch-' || number, md5(number::text)
      FROM generate_series(1, {{pulls}}::bigint) AS nth, {PLACE}
    """,  # noqa: S608 - of constants
    f"""
    INSERT INTO issues ({ITEM_COLUMNS}, comments)
    SELECT {ITEM}, number % 7
      FROM generate_series(1, {{others}}::bigint) AS nth, {PLACE}
    """,  # noqa: S608 - of constants
    f"""
    INSERT INTO commits (repository_id, sync_id, modified_at, authored_at, committed_at, is_verified, sha, message,
                         author, author_name, author_email, committer, committer_name, committer_email, url, parents,
                         record)
    SELECT repository_id, 1, {NEWEST}, {UPDATED_AT}, {UPDATED_AT}, true, md5(nth::text) || left(md5((-nth)::text), 8),
           'Change part ' || number % 977 || ' of module ' || number, {AUTHOR}, {AUTHOR}, {AUTHOR} || '@example.test',
           'web-flow', 'GitHub', 'noreply@example.test', 'https://github.com/a/b/commit/' || md5(nth::text),
           jsonb_build_array(md5((nth - 1)::text)), jsonb_build_object('id', nth)
      FROM generate_series(1, {{others}}::bigint) AS nth, {PLACE}
    """,  # noqa: S608 - of constants
    f"""
    INSERT INTO commit_sightings (repository_id, sync_id, modified_at, seen_at, branch, sha, record_id)
    SELECT repository_id, 1, {NEWEST}, {NEWEST}, branch, md5(nth::text) || left(md5((-nth)::text), 8), branch || nth
      FROM generate_series(1, {{others}}::bigint) AS nth, {PLACE}, unnest(ARRAY['main', 'release']) AS branch
     WHERE branch = 'main' OR number % 10 = 0
    """,  # noqa: S608 - of constants
)


def numbers_for(pulls: int) -> dict[str, int]:
    """Say how many pull requests there are, how many issues and commits, and how many of each the large one has."""
    others = max(pulls // 5, 1)
    return {"pulls": pulls, "others": others, "large": min(others // 8, LARGEST)}


def ordinary_of(pulls: int) -> range:
    """Name the repositories that have a thousand of each."""
    numbers = numbers_for(pulls)
    return range(2, 2 + (numbers["others"] - numbers["large"]) // ORDINARY)
