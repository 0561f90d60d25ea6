"""Which repository a record is of; parts of the statements that merge records.

A record that is known keeps its repository, whatever that is called now. Others are looked for by the name on the page
they link to, or by the one they declare: among the repositories of the installation, and then under former names.
"""

from typing import Final, LiteralString

# Deletions are noted, and what was pruned says nothing new.
DELETIONS: Final = """
    INSERT INTO noted_deletions AS known (sync_id, record_id, modified_at)
    SELECT DISTINCT ON (id) %(sync_id)s, id, modified_at
      FROM given
     WHERE last_action = 'DELETED' AND id IS NOT NULL AND modified_at IS NOT NULL
     ORDER BY id, modified_at DESC
    ON CONFLICT (sync_id, record_id) DO UPDATE
       SET modified_at = greatest(known.modified_at, excluded.modified_at)
"""
CURRENT: Final = "last_action IS DISTINCT FROM 'DELETED' AND pruned_at IS NULL"
# For few names, and many records: one look for each name. Of two repositories with one name it is that of the one that
# was read last. Of who had it before, the last one counts, and only for records of that time: others may be somebody's
# whom nobody has read yet.
NAMES: Final = """
    SELECT full_name,
           (SELECT id
              FROM repositories
             WHERE lower(owner || '/' || name) = full_name AND installation_id = %(installation_id)s
             ORDER BY read_at DESC, id DESC
             LIMIT 1) AS current_id,
           former.repository_id AS former_id,
           former.until
      FROM (SELECT DISTINCT full_name FROM mapped WHERE full_name IS NOT NULL) AS wanted
      LEFT JOIN LATERAL (SELECT repository_id, until
                           FROM former_names
                           JOIN repositories ON repositories.id = former_names.repository_id
                          WHERE former_names.full_name = wanted.full_name
                            AND repositories.installation_id = %(installation_id)s
                          ORDER BY until DESC
                          LIMIT 1) AS former ON true
"""
# What is read of one repository alone is of that one.
PLACE: Final = """
    coalesce(%(repository_id)s::bigint, known.repository_id, current_id,
             CASE WHEN modified_at <= until THEN former_id END)
"""
ASIDE: Final = """
    INSERT INTO unplaced_records AS known (sync_id, record_id, modified_at, seen_at, full_name, reason, record)
    SELECT DISTINCT ON (record_id)
           %(sync_id)s, record_id, coalesce(modified_at, %(at)s), %(at)s,
           CASE WHEN is_readable THEN full_name END,
           CASE WHEN is_readable THEN 'unknown_repository' ELSE 'unreadable' END,
           record
      FROM (SELECT placed.*, coalesce(id, 'md5:' || md5(record::text)) AS record_id FROM placed) AS one
     WHERE repository_id IS NULL OR NOT is_readable
     ORDER BY record_id, modified_at DESC
    ON CONFLICT (sync_id, record_id) DO UPDATE
       SET modified_at = excluded.modified_at,
           seen_at = excluded.seen_at,
           full_name = excluded.full_name,
           reason = excluded.reason,
           record = excluded.record
     WHERE known.modified_at <= excluded.modified_at
"""
NO_LONGER_ASIDE: Final = """
    DELETE FROM unplaced_records
     USING placed
     WHERE unplaced_records.sync_id = %(sync_id)s
       AND unplaced_records.record_id = placed.id
       AND placed.repository_id IS NOT NULL
       AND placed.is_readable
"""
REPLICAS: Final = """
    INSERT INTO replicas (repository_id)
    SELECT DISTINCT repository_id FROM placed WHERE repository_id IS NOT NULL AND is_readable ORDER BY repository_id
    ON CONFLICT (repository_id) DO NOTHING
"""
# Nothing older overwrites what is newer; but what a sync has left behind that is no longer there has another clock.
IS_NEWER: Final = """
    known.modified_at < excluded.modified_at
    OR (known.sync_id <> excluded.sync_id AND NOT EXISTS (SELECT FROM syncs WHERE syncs.id = known.sync_id))
"""
# What one sync has marked as gone, another may still have.
IS_NEWER_OR_BACK: Final = f"{IS_NEWER} OR (known.sync_id <> excluded.sync_id AND known.deleted_at IS NOT NULL)"
METADATA: Final = """
    jsonb_to_record(r._nango_metadata) AS metadata (last_modified_at timestamptz, last_action text, pruned_at text)
"""


def dated(column: LiteralString) -> LiteralString:
    """Read a time; one that Python has none for, as anybody can write into a commit, is not known."""
    return f"CASE WHEN {column} BETWEEN '0001-01-02 00:00Z' AND '9999-12-31 00:00Z' THEN {column} END"
