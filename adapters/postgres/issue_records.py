"""Records of issues, of both families of models, become rows in PostgreSQL itself."""

from typing import Final

from adapters.postgres.record_places import (
    ASIDE,
    CURRENT,
    DELETIONS,
    IS_NEWER_OR_BACK,
    METADATA,
    NAMES,
    NO_LONGER_ASIDE,
    PLACE,
    REPLICAS,
    dated,
)

# What GitHub lists as an issue may be a pull request: that is none here.
MERGE: Final = f"""
    WITH given AS MATERIALIZED (
        SELECT record, r.*, last_modified_at AS modified_at, last_action, pruned_at, coalesce(html_url, url) AS page
          FROM jsonb_array_elements(%(records)s) AS record,
               jsonb_to_record(record) AS r (
                   id text, number integer, issue_number integer, title text, state text, state_reason text,
                   locked boolean, author text, author_id text, author_login text, user_login text, user_id bigint,
                   created_at timestamptz, updated_at timestamptz, closed_at timestamptz,
                   date_created timestamptz, date_last_modified timestamptz,
                   comments_count integer, milestone_title text, closed_by_login text,
                   assignees jsonb, assignee_logins jsonb, labels jsonb, html_url text, url text,
                   repository_owner text, repository_name text, owner text, repo text, pull_request jsonb,
                   _nango_metadata jsonb
               ),
               {METADATA}
    ), noted AS (
        {DELETIONS}
    ), mapped AS MATERIALIZED (
        SELECT given.*,
               lower(CASE WHEN split_part(page, '/', 6) = 'issues'
                          THEN split_part(page, '/', 4) || '/' || split_part(page, '/', 5)
                          ELSE coalesce(repository_owner || '/' || repository_name, owner || '/' || repo)
                     END) AS full_name,
               coalesce(number, issue_number) AS its_number,
               coalesce(assignee_logins, assignees) AS assigned
          FROM given
         WHERE {CURRENT}
           AND coalesce(jsonb_typeof(pull_request), 'null') = 'null'
           AND split_part(coalesce(page, ''), '/', 6) <> 'pull'
    ), names AS MATERIALIZED (
        {NAMES}
    ), placed AS MATERIALIZED (
        SELECT mapped.*,
               {PLACE} AS repository_id,
               (id IS NOT NULL AND modified_at IS NOT NULL AND its_number > 0 AND title IS NOT NULL
               AND lower(state) IN ('open', 'closed')) IS TRUE AS is_readable
          FROM mapped
          LEFT JOIN LATERAL (SELECT repository_id
                               FROM issues
                              WHERE sync_id = %(sync_id)s AND record_id = mapped.id
                              LIMIT 1) AS known ON true
          LEFT JOIN names USING (full_name)
    ), aside AS (
        {ASIDE}
    ), no_longer_aside AS (
        {NO_LONGER_ASIDE}
    ), replicated AS (
        {REPLICAS}
    )
    INSERT INTO issues AS known (
        repository_id, sync_id, modified_at, seen_at, github_id, author_id, created_at, updated_at, closed_at,
        number, comments, is_locked, record_id, state, state_reason, title, author, milestone, closed_by, url, labels,
        assignees, record
    )
    SELECT DISTINCT ON (repository_id, its_number)
           repository_id, %(sync_id)s, modified_at, %(at)s,
           CASE WHEN id ~ '^[0-9]{{1,18}}$' THEN id::bigint END,
           coalesce(user_id, CASE WHEN author_id ~ '^[0-9]{{1,18}}$' THEN author_id::bigint END),
           {dated("coalesce(created_at, date_created)")}, {dated("coalesce(updated_at, date_last_modified)")},
           {dated("closed_at")}, its_number,
           comments_count, locked, id, lower(state), state_reason, title,
           nullif(coalesce(user_login, author_login, author), ''),
           milestone_title, closed_by_login, page,
           CASE WHEN jsonb_typeof(labels) = 'array'
                THEN CASE WHEN jsonb_typeof(labels -> 0) = 'object'
                          THEN jsonb_path_query_array(labels, '$[*].name') ELSE labels END END,
           CASE WHEN jsonb_typeof(assigned) = 'array'
                THEN CASE WHEN assigned -> 0 ? 'login' THEN jsonb_path_query_array(assigned, '$[*].login')
                          ELSE assigned END END,
           record
      FROM placed
     WHERE repository_id IS NOT NULL AND is_readable
     ORDER BY repository_id, its_number, modified_at DESC
    ON CONFLICT (repository_id, number) DO UPDATE
       SET sync_id = excluded.sync_id,
           modified_at = excluded.modified_at,
           seen_at = excluded.seen_at,
           deleted_at = NULL,
           github_id = excluded.github_id,
           author_id = excluded.author_id,
           created_at = excluded.created_at,
           updated_at = excluded.updated_at,
           closed_at = excluded.closed_at,
           comments = excluded.comments,
           is_locked = excluded.is_locked,
           record_id = excluded.record_id,
           state = excluded.state,
           state_reason = excluded.state_reason,
           title = excluded.title,
           author = excluded.author,
           milestone = excluded.milestone,
           closed_by = excluded.closed_by,
           url = excluded.url,
           labels = excluded.labels,
           assignees = excluded.assignees,
           record = excluded.record
     WHERE {IS_NEWER_OR_BACK}
"""  # noqa: S608 - of constants
