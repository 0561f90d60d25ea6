"""Records of commits, of both families of models, become rows in PostgreSQL itself.

A record is a commit as seen on a branch: the commit is stored once, and each branch beside it.
"""

from typing import Final

from adapters.postgres.record_places import (
    ASIDE,
    CURRENT,
    DELETIONS,
    IS_NEWER,
    IS_NEWER_OR_BACK,
    METADATA,
    NAMES,
    NO_LONGER_ASIDE,
    PLACE,
    REPLICAS,
    dated,
)

# Ids are `owner/name:branch:sha` where nothing else names the branch; no part has a colon in it.
MERGE: Final = f"""
    WITH given AS MATERIALIZED (
        SELECT record, r.*, last_modified_at AS modified_at, last_action, pruned_at, coalesce(html_url, url) AS page
          FROM jsonb_array_elements(%(records)s) AS record,
               jsonb_to_record(record) AS r (
                   id text, sha text, message text, branch text, author jsonb, date timestamptz,
                   author_name text, author_email text, author_date timestamptz, author_login text,
                   committer_name text, committer_email text, committer_date timestamptz, committer_login text,
                   html_url text, url text, parent_shas jsonb, verified boolean, verification_reason text,
                   repository_owner text, repository_name text, _nango_metadata jsonb
               ),
               {METADATA}
    ), noted AS (
        {DELETIONS}
    ), mapped AS MATERIALIZED (
        SELECT given.*,
               lower(CASE WHEN split_part(page, '/', 6) = 'commit'
                          THEN split_part(page, '/', 4) || '/' || split_part(page, '/', 5)
                          WHEN repository_owner IS NOT NULL THEN repository_owner || '/' || repository_name
                          WHEN id LIKE '%%/%%:%%:%%' THEN split_part(id, ':', 1) END) AS full_name,
               lower(coalesce(sha, CASE WHEN split_part(page, '/', 6) = 'commit'
                                        THEN split_part(page, '/', 7) END)) AS its_sha,
               coalesce(branch, CASE WHEN id LIKE '%%/%%:%%:%%' THEN split_part(id, ':', 2) END, '') AS its_branch
          FROM given
         WHERE {CURRENT}
    ), names AS MATERIALIZED (
        {NAMES}
    ), placed AS MATERIALIZED (
        SELECT mapped.*,
               {PLACE} AS repository_id,
               (id IS NOT NULL AND modified_at IS NOT NULL AND message IS NOT NULL
               AND its_sha ~ '^[0-9a-f]{{7,64}}$' AND length(its_branch) <= 1000) IS TRUE AS is_readable
          FROM mapped
          LEFT JOIN LATERAL (SELECT repository_id
                               FROM commit_sightings
                              WHERE sync_id = %(sync_id)s AND record_id = mapped.id
                              LIMIT 1) AS known ON true
          LEFT JOIN names USING (full_name)
    ), aside AS (
        {ASIDE}
    ), no_longer_aside AS (
        {NO_LONGER_ASIDE}
    ), replicated AS (
        {REPLICAS}
    ), stored AS (
        INSERT INTO commits AS known (
            repository_id, sync_id, modified_at, authored_at, committed_at, is_verified, sha, message, author,
            author_name, author_email, committer, committer_name, committer_email, verification_reason, url, parents,
            record
        )
        SELECT DISTINCT ON (repository_id, its_sha)
               repository_id, %(sync_id)s, modified_at, {dated("coalesce(author_date, date)")},
               {dated("committer_date")}, verified, its_sha, message,
               nullif(coalesce(author_login, author ->> 'login', author ->> 'id'), ''), author_name,
               author_email, nullif(committer_login, ''), committer_name, committer_email, verification_reason, page,
               CASE WHEN jsonb_typeof(parent_shas) = 'array' THEN parent_shas END, record
          FROM placed
         WHERE repository_id IS NOT NULL AND is_readable
         ORDER BY repository_id, its_sha, modified_at DESC
        ON CONFLICT (repository_id, sha) DO UPDATE
           SET sync_id = excluded.sync_id,
               modified_at = excluded.modified_at,
               authored_at = excluded.authored_at,
               committed_at = excluded.committed_at,
               is_verified = excluded.is_verified,
               message = excluded.message,
               author = excluded.author,
               author_name = excluded.author_name,
               author_email = excluded.author_email,
               committer = excluded.committer,
               committer_name = excluded.committer_name,
               committer_email = excluded.committer_email,
               verification_reason = excluded.verification_reason,
               url = excluded.url,
               parents = excluded.parents,
               record = excluded.record
         WHERE {IS_NEWER}
    )
    INSERT INTO commit_sightings AS known (repository_id, sync_id, modified_at, seen_at, branch, sha, record_id)
    SELECT DISTINCT ON (repository_id, its_sha, its_branch)
           repository_id, %(sync_id)s, modified_at, %(at)s, its_branch, its_sha, id
      FROM placed
     WHERE repository_id IS NOT NULL AND is_readable
     ORDER BY repository_id, its_sha, its_branch, modified_at DESC
    ON CONFLICT (repository_id, sha, branch) DO UPDATE
       SET sync_id = excluded.sync_id,
           modified_at = excluded.modified_at,
           seen_at = excluded.seen_at,
           deleted_at = NULL,
           record_id = excluded.record_id
     WHERE {IS_NEWER_OR_BACK}
"""  # noqa: S608 - of constants
