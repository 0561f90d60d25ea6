-- What is read of one model of an installation, through its connection, or through the proxy of one repository: where
-- it stands, and when it is read next.
CREATE TABLE syncs (
    id                bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT syncs_pkey PRIMARY KEY,
    connection_id     text        NOT NULL,
    model             text        NOT NULL,
    variant           text        NOT NULL,
    installation_id   bigint      NOT NULL,
    repository_id     bigint,
    name              text,
    due_at            timestamptz NOT NULL,
    lease_until       timestamptz,
    -- Grows with each claim: who made an earlier one can store nothing.
    claim             bigint      NOT NULL DEFAULT 0,
    -- While a run is under way: what comes after.
    wanted_at         timestamptz,
    cursor            text,
    through           timestamptz,
    restart_from      timestamptz,
    is_full_wanted    boolean     NOT NULL DEFAULT false,
    -- The run under way, also between two processes.
    run_began_at      timestamptz,
    run_is_full       boolean     NOT NULL DEFAULT false,
    run_from          timestamptz,
    run_cursor        text,
    run_through       timestamptz,
    run_may_delete    boolean     NOT NULL DEFAULT false,
    run_records       bigint      NOT NULL DEFAULT 0,
    run_expected      bigint,
    -- Of what was heard since the run began.
    announced         bigint      NOT NULL DEFAULT 0,
    heard_at          timestamptz,
    restarted_at      timestamptz,
    pulled_at         timestamptz,
    pulled_fully_at   timestamptz,
    tries             integer     NOT NULL DEFAULT 0,
    error             text,
    failed_at         timestamptz,
    source_error      text,
    source_failed_at  timestamptz,
    held_deletions    bigint,
    may_delete        boolean     NOT NULL DEFAULT false,
    CONSTRAINT syncs_one_per_model UNIQUE (installation_id, model, variant)
);

CREATE INDEX syncs_due ON syncs (due_at);
CREATE INDEX syncs_by_repository ON syncs (repository_id) WHERE repository_id IS NOT NULL;

-- Under which names a repository was known before: records may still use them.
CREATE TABLE former_names (
    full_name     text        NOT NULL,
    repository_id bigint      NOT NULL,
    until         timestamptz NOT NULL,
    CONSTRAINT former_names_pkey PRIMARY KEY (full_name, repository_id)
);

CREATE INDEX repositories_by_full_name ON repositories (lower(owner || '/' || name));

-- Which repositories have data here; since when nobody has had a use for it, and when it was last deleted for that.
CREATE TABLE replicas (
    repository_id bigint      CONSTRAINT replicas_pkey PRIMARY KEY,
    unused_since  timestamptz,
    deleted_at    timestamptz
);

-- In all of them: `modified_at` is when the source last saw it change, what is older overwrites nothing; `seen_at` is
-- when it was last read; `deleted_at` marks what the source no longer has.
CREATE TABLE pull_requests (
    repository_id    bigint      NOT NULL,
    sync_id          bigint      NOT NULL,
    modified_at      timestamptz NOT NULL,
    seen_at          timestamptz NOT NULL,
    deleted_at       timestamptz,
    github_id        bigint,
    author_id        bigint,
    created_at       timestamptz,
    updated_at       timestamptz,
    closed_at        timestamptz,
    merged_at        timestamptz,
    number           integer     NOT NULL,
    is_merged        boolean,
    is_draft         boolean,
    is_locked        boolean,
    record_id        text        NOT NULL,
    state            text        NOT NULL
        CONSTRAINT pull_requests_known_state CHECK (state IN ('open', 'closed')),
    title            text        NOT NULL,
    author           text,
    base_ref         text,
    base_sha         text,
    head_ref         text,
    head_sha         text,
    merge_commit_sha text,
    review_decision  text,
    url              text,
    labels           jsonb,
    assignees        jsonb,
    reviewers        jsonb,
    record           jsonb       NOT NULL,
    CONSTRAINT pull_requests_pkey PRIMARY KEY (repository_id, number)
);

CREATE INDEX pull_requests_by_record ON pull_requests (sync_id, record_id);
CREATE INDEX pull_requests_open ON pull_requests (repository_id, number) WHERE state = 'open' AND deleted_at IS NULL;
CREATE INDEX pull_requests_by_author ON pull_requests (repository_id, lower(author), number);

CREATE TABLE issues (
    repository_id bigint      NOT NULL,
    sync_id       bigint      NOT NULL,
    modified_at   timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    deleted_at    timestamptz,
    github_id     bigint,
    author_id     bigint,
    created_at    timestamptz,
    updated_at    timestamptz,
    closed_at     timestamptz,
    number        integer     NOT NULL,
    comments      integer,
    is_locked     boolean,
    record_id     text        NOT NULL,
    state         text        NOT NULL
        CONSTRAINT issues_known_state CHECK (state IN ('open', 'closed')),
    state_reason  text,
    title         text        NOT NULL,
    author        text,
    milestone     text,
    closed_by     text,
    url           text,
    labels        jsonb,
    assignees     jsonb,
    record        jsonb       NOT NULL,
    CONSTRAINT issues_pkey PRIMARY KEY (repository_id, number)
);

CREATE INDEX issues_by_record ON issues (sync_id, record_id);
CREATE INDEX issues_open ON issues (repository_id, number) WHERE state = 'open' AND deleted_at IS NULL;
CREATE INDEX issues_by_author ON issues (repository_id, lower(author), number);

-- `ordered_at` is when it was committed, or else authored; a commit without a date comes last.
CREATE TABLE commits (
    repository_id       bigint      NOT NULL,
    sync_id             bigint      NOT NULL,
    modified_at         timestamptz NOT NULL,
    authored_at         timestamptz,
    committed_at        timestamptz,
    ordered_at          timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(committed_at, authored_at, '-infinity')) STORED,
    is_verified         boolean,
    sha                 text        NOT NULL,
    message             text        NOT NULL,
    author              text,
    author_name         text,
    author_email        text,
    committer           text,
    committer_name      text,
    committer_email     text,
    verification_reason text,
    url                 text,
    parents             jsonb,
    record              jsonb       NOT NULL,
    CONSTRAINT commits_pkey PRIMARY KEY (repository_id, sha)
);

CREATE INDEX commits_by_time ON commits (repository_id, ordered_at DESC, sha DESC);

-- A commit is there as long as it is seen on a branch; one of which the model does not name the branch has an empty one.
CREATE TABLE commit_sightings (
    repository_id bigint      NOT NULL,
    sync_id       bigint      NOT NULL,
    modified_at   timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    deleted_at    timestamptz,
    branch        text        NOT NULL,
    sha           text        NOT NULL,
    record_id     text        NOT NULL,
    CONSTRAINT commit_sightings_pkey PRIMARY KEY (repository_id, sha, branch),
    CONSTRAINT commit_sightings_of_a_commit FOREIGN KEY (repository_id, sha) REFERENCES commits ON DELETE CASCADE
);

CREATE INDEX commit_sightings_by_record ON commit_sightings (sync_id, record_id);

-- What was deleted in the run under way, or is held for an operator: it is carried out when the run ends.
CREATE TABLE noted_deletions (
    sync_id     bigint      NOT NULL CONSTRAINT noted_deletions_of_a_sync REFERENCES syncs (id) ON DELETE CASCADE,
    record_id   text        NOT NULL,
    modified_at timestamptz NOT NULL,
    CONSTRAINT noted_deletions_pkey PRIMARY KEY (sync_id, record_id)
);

-- Records of repositories that are not known yet, and records that cannot be understood.
CREATE TABLE unplaced_records (
    sync_id     bigint      NOT NULL CONSTRAINT unplaced_records_of_a_sync REFERENCES syncs (id) ON DELETE CASCADE,
    record_id   text        NOT NULL,
    modified_at timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    full_name   text,
    reason      text        NOT NULL
        CONSTRAINT unplaced_records_known_reason CHECK (reason IN ('unknown_repository', 'unreadable')),
    record      jsonb       NOT NULL,
    CONSTRAINT unplaced_records_pkey PRIMARY KEY (sync_id, record_id)
);

CREATE INDEX unplaced_records_by_name ON unplaced_records (sync_id, full_name) WHERE full_name IS NOT NULL;

-- What an installation's syncs were told to read, and when to look whether that has changed.
CREATE TABLE sync_scopes (
    installation_id bigint      CONSTRAINT sync_scopes_pkey PRIMARY KEY,
    due_at          timestamptz NOT NULL,
    lease_until     timestamptz,
    wanted_at       timestamptz,
    told            text,
    told_at         timestamptz,
    error           text
);

CREATE INDEX sync_scopes_due ON sync_scopes (due_at);

-- Which repositories an installation's syncs were told to read last, and since when without a break.
CREATE TABLE told_repositories (
    installation_id bigint      NOT NULL,
    repository_id   bigint      NOT NULL,
    since           timestamptz NOT NULL,
    CONSTRAINT told_repositories_pkey PRIMARY KEY (installation_id, repository_id)
);

-- What was granted before syncs were arranged here.
INSERT INTO sync_scopes (installation_id, due_at) SELECT DISTINCT installation_id, now() FROM proofs;
