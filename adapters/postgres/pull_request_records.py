"""Records of pull requests, of both families of models, become rows in PostgreSQL itself."""

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

# `user`, `assignees` and `reviewers` of GithubPullRequest have the login name in `id`.
MERGE: Final = f"""
    WITH given AS MATERIALIZED (
        SELECT record, r.*, last_modified_at AS modified_at, last_action, pruned_at, coalesce(html_url, url) AS page
          FROM jsonb_array_elements(%(records)s) AS record,
               jsonb_to_record(record) AS r (
                   id text, number integer, title text, state text, draft boolean, locked boolean,
                   "user" jsonb, user_login text, user_id bigint,
                   created_at timestamptz, updated_at timestamptz, closed_at timestamptz, merged_at timestamptz,
                   merge_commit_sha text, html_url text, url text,
                   base_ref text, base_sha text, head_ref text, head_sha text, "reviewDecision" text,
                   assignees jsonb, requested_reviewers jsonb, reviewers jsonb, labels jsonb,
                   repository_owner text, repository_name text, repo_full_name text, _nango_metadata jsonb
               ),
               {METADATA}
    ), noted AS (
        {DELETIONS}
    ), mapped AS MATERIALIZED (
        SELECT given.*,
               lower(CASE WHEN split_part(page, '/', 6) = 'pull'
                          THEN split_part(page, '/', 4) || '/' || split_part(page, '/', 5)
                          ELSE coalesce(repository_owner || '/' || repository_name, repo_full_name) END) AS full_name,
               coalesce(number,
                        CASE WHEN split_part(page, '/', 6) = 'pull' AND split_part(page, '/', 7) ~ '^[0-9]{{1,9}}$'
                             THEN split_part(page, '/', 7)::integer END) AS its_number,
               coalesce(requested_reviewers, reviewers) AS asked
          FROM given
         WHERE {CURRENT}
    ), names AS MATERIALIZED (
        {NAMES}
    ), placed AS MATERIALIZED (
        SELECT mapped.*,
               {PLACE} AS repository_id,
               (id IS NOT NULL AND modified_at IS NOT NULL AND its_number > 0 AND title IS NOT NULL
               AND lower(state) IN ('open', 'closed', 'merged')) IS TRUE AS is_readable
          FROM mapped
          LEFT JOIN LATERAL (SELECT repository_id
                               FROM pull_requests
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
    INSERT INTO pull_requests AS known (
        repository_id, sync_id, modified_at, seen_at, github_id, author_id, created_at, updated_at, closed_at,
        merged_at, number, is_merged, is_draft, is_locked, record_id, state, title, author, base_ref, base_sha,
        head_ref, head_sha, merge_commit_sha, review_decision, url, labels, assignees, reviewers, record
    )
    SELECT DISTINCT ON (repository_id, its_number)
           repository_id, %(sync_id)s, modified_at, %(at)s,
           CASE WHEN id ~ '^[0-9]{{1,18}}$' THEN id::bigint END,
           coalesce(user_id, CASE WHEN "user" ->> 'login' IS NOT NULL THEN ("user" ->> 'id')::bigint END),
           {dated("created_at")}, {dated("updated_at")}, {dated("closed_at")}, {dated("merged_at")}, its_number,
           CASE WHEN lower(state) = 'open' THEN false
                WHEN state = 'MERGED' OR merged_at IS NOT NULL THEN true
                -- Models that tell when one was closed, and GitHub's CLOSED, would tell of a merge as well.
                WHEN state = 'CLOSED' OR closed_at IS NOT NULL THEN false END,
           draft, locked, id,
           CASE WHEN lower(state) = 'open' THEN 'open' ELSE 'closed' END,
           title,
           nullif(coalesce(user_login, "user" ->> 'login', "user" ->> 'id'), ''),
           base_ref, base_sha, head_ref, head_sha, merge_commit_sha, "reviewDecision", page,
           CASE WHEN jsonb_typeof(labels) = 'array'
                THEN CASE WHEN jsonb_typeof(labels -> 0) = 'object'
                          THEN jsonb_path_query_array(labels, '$[*].name') ELSE labels END END,
           CASE WHEN jsonb_typeof(assignees) = 'array'
                THEN CASE WHEN assignees -> 0 ? 'login' THEN jsonb_path_query_array(assignees, '$[*].login')
                          WHEN assignees -> 0 ? 'id' THEN jsonb_path_query_array(assignees, '$[*].id')
                          ELSE assignees END END,
           CASE WHEN jsonb_typeof(asked) = 'array'
                THEN CASE WHEN asked -> 0 ? 'login' THEN jsonb_path_query_array(asked, '$[*].login')
                          WHEN asked -> 0 ? 'id' THEN jsonb_path_query_array(asked, '$[*].id')
                          ELSE asked END END,
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
           merged_at = excluded.merged_at,
           is_merged = excluded.is_merged,
           is_draft = excluded.is_draft,
           is_locked = excluded.is_locked,
           record_id = excluded.record_id,
           state = excluded.state,
           title = excluded.title,
           author = excluded.author,
           base_ref = excluded.base_ref,
           base_sha = excluded.base_sha,
           head_ref = excluded.head_ref,
           head_sha = excluded.head_sha,
           merge_commit_sha = excluded.merge_commit_sha,
           review_decision = excluded.review_decision,
           url = excluded.url,
           labels = excluded.labels,
           assignees = excluded.assignees,
           reviewers = excluded.reviewers,
           record = excluded.record
     WHERE {IS_NEWER_OR_BACK}
"""  # noqa: S608 - of constants
