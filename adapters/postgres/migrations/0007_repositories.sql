ALTER TABLE attempts
    ADD COLUMN purpose text   NOT NULL DEFAULT 'login'
        CONSTRAINT attempts_known_purpose CHECK (purpose IN ('login', 'link')),
    ADD COLUMN claim   bigint,
    ADD COLUMN outcome text
        CONSTRAINT attempts_known_outcome CHECK (outcome IN ('linked', 'nothing_proven', 'pending_approval')),
    -- Who connects repositories is known from the start.
    ADD CONSTRAINT attempts_links_of_a_user CHECK (purpose <> 'link' OR user_id IS NOT NULL);

-- Rows of installations and of repositories are never deleted.
CREATE TABLE installations (
    id           bigint      CONSTRAINT installations_pkey PRIMARY KEY,
    account_id   bigint      NOT NULL,
    account      text        NOT NULL,
    account_type text        NOT NULL
        CONSTRAINT installations_known_account_type CHECK (account_type IN ('User', 'Organization')),
    selection    text        NOT NULL
        CONSTRAINT installations_known_selection CHECK (selection IN ('all', 'selected')),
    state        text        NOT NULL
        CONSTRAINT installations_known_state CHECK (state IN ('active', 'suspended', 'deleted')),
    checked_at   timestamptz NOT NULL
);

-- Not only of installations that we know: whatever Nango has is looked at.
CREATE TABLE installation_connections (
    id              text        CONSTRAINT installation_connections_pkey PRIMARY KEY,
    installation_id bigint      NOT NULL,
    end_user_id     text        NOT NULL,
    state           text        NOT NULL
        CONSTRAINT installation_connections_known_state CHECK (state IN ('live', 'broken', 'retired')),
    last_error      text,
    checked_at      timestamptz NOT NULL,
    rests_until     timestamptz
);

CREATE UNIQUE INDEX installation_connections_one_per_installation ON installation_connections (installation_id)
    WHERE state <> 'retired';
CREATE INDEX installation_connections_unsettled ON installation_connections (checked_at)
    WHERE state = 'retired' OR end_user_id <> 'latchkey-installation-' || installation_id::text;

-- Which installation has it, or none any more, and what it is like: both as last read.
CREATE TABLE repositories (
    id              bigint      CONSTRAINT repositories_pkey PRIMARY KEY,
    installation_id bigint,
    owner_id        bigint      NOT NULL,
    read_at         timestamptz NOT NULL,
    is_archived     boolean     NOT NULL,
    visibility      text        NOT NULL
        CONSTRAINT repositories_known_visibility CHECK (visibility IN ('public', 'private', 'internal')),
    owner           text        NOT NULL,
    name            text        NOT NULL,
    default_branch  text        NOT NULL,
    url             text        NOT NULL
);

CREATE INDEX repositories_by_installation ON repositories (installation_id, id) WHERE installation_id IS NOT NULL;

-- The time is here, once for all grants of it: a proof that says the same again writes this row alone.
CREATE TABLE proofs (
    user_id         uuid        NOT NULL
        CONSTRAINT proofs_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    installation_id bigint      NOT NULL
        CONSTRAINT proofs_of_an_installation REFERENCES installations (id),
    proved_at       timestamptz NOT NULL,
    closes_at       timestamptz NOT NULL,
    pass_began_at   timestamptz,
    through         bigint,
    source          text        NOT NULL
        CONSTRAINT proofs_known_source CHECK (source IN ('login', 'link', 'collaborator')),
    CONSTRAINT proofs_pkey PRIMARY KEY (user_id, installation_id)
) WITH (fillfactor = 85);

CREATE INDEX proofs_by_installation ON proofs (installation_id, proved_at);

-- Many times more rows than anywhere else, in the order in which they are read. A person's grants on one installation
-- are found among all of theirs, without an index of their own. That a repository is known is not checked again for
-- each of ten thousand rows.
CREATE TABLE grants (
    user_id         uuid     NOT NULL,
    repository_id   bigint   NOT NULL,
    installation_id bigint   NOT NULL,
    permission      smallint NOT NULL
        CONSTRAINT grants_known_permission CHECK (permission BETWEEN 1 AND 5),
    CONSTRAINT grants_pkey PRIMARY KEY (user_id, repository_id),
    CONSTRAINT grants_of_a_proof FOREIGN KEY (user_id, installation_id) REFERENCES proofs ON DELETE CASCADE
);

CREATE INDEX grants_by_repository ON grants (repository_id);

CREATE TABLE left_installations (
    user_id         uuid        NOT NULL
        CONSTRAINT left_installations_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    installation_id bigint      NOT NULL,
    left_at         timestamptz NOT NULL,
    CONSTRAINT left_installations_pkey PRIMARY KEY (user_id, installation_id)
);

CREATE TABLE access_checks (
    user_id     uuid        CONSTRAINT access_checks_pkey PRIMARY KEY
        CONSTRAINT access_checks_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    lease_until timestamptz,
    -- While it is leased: what comes after.
    wanted_at   timestamptz
);

CREATE INDEX access_checks_due ON access_checks (due_at);

CREATE TABLE approval_requests (
    id              uuid        CONSTRAINT approval_requests_pkey PRIMARY KEY,
    user_id         uuid        NOT NULL
        CONSTRAINT approval_requests_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    attempt_id      uuid        NOT NULL CONSTRAINT approval_requests_one_per_attempt UNIQUE,
    connection_id   text        NOT NULL CONSTRAINT approval_requests_one_per_connection UNIQUE,
    known           bigint[]    NOT NULL,
    state           text        NOT NULL
        CONSTRAINT approval_requests_known_state
        CHECK (state IN ('requested', 'approved', 'expired')),
    requested_at    timestamptz NOT NULL,
    account_id      bigint,
    account         text,
    installation_id bigint
);

CREATE INDEX approval_requests_by_user ON approval_requests (user_id, requested_at);
CREATE INDEX approval_requests_waiting ON approval_requests (requested_at) WHERE state = 'requested';

CREATE TABLE approval_moves (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT approval_moves_pkey PRIMARY KEY,
    request_id uuid        NOT NULL
        CONSTRAINT approval_moves_of_a_request REFERENCES approval_requests (id) ON DELETE CASCADE,
    state      text        NOT NULL
        CONSTRAINT approval_moves_known_state
        CHECK (state IN ('requested', 'approved', 'expired')),
    at         timestamptz NOT NULL,
    reason     text        NOT NULL,
    -- No state is come back to.
    CONSTRAINT approval_moves_once UNIQUE (request_id, state)
);
