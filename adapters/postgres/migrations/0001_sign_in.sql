CREATE TABLE users (
    id            uuid        CONSTRAINT users_pkey PRIMARY KEY,
    github_id     bigint      NOT NULL CONSTRAINT users_one_per_github_id UNIQUE,
    login         text        NOT NULL,
    name          text,
    email         text,
    avatar_url    text,
    joined_at     timestamptz NOT NULL,
    last_login_at timestamptz NOT NULL
);

CREATE TABLE login_attempts (
    id             uuid        CONSTRAINT login_attempts_pkey PRIMARY KEY,
    state          text        NOT NULL
        CONSTRAINT login_attempts_known_state
        CHECK (state IN ('open', 'passing', 'finished', 'collected', 'failing', 'failed')),
    secret_hash    bytea       NOT NULL,
    state_hash     bytea       NOT NULL CONSTRAINT login_attempts_one_per_state UNIQUE,
    nango_state    text        NOT NULL,
    nango_cookie   text,
    return_url     text        NOT NULL,
    code_challenge text,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    passed_at      timestamptz,
    lease_until    timestamptz,
    user_id        uuid,
    connection_id  text
);

CREATE INDEX login_attempts_by_expiry ON login_attempts (expires_at);
CREATE INDEX login_attempts_to_sweep ON login_attempts (expires_at) WHERE state IN ('passing', 'failing');

CREATE TABLE connections (
    id            text        CONSTRAINT connections_pkey PRIMARY KEY,
    kind          text        NOT NULL
        CONSTRAINT connections_known_kind CHECK (kind IN ('login', 'repository')),
    user_id       uuid        NOT NULL
        CONSTRAINT connections_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    end_user_id   text        NOT NULL,
    state         text        NOT NULL
        CONSTRAINT connections_known_state CHECK (state IN ('live', 'broken', 'retired')),
    last_error    text,
    authorized_at timestamptz NOT NULL,
    checked_at    timestamptz NOT NULL,
    rests_until   timestamptz
);

CREATE UNIQUE INDEX connections_one_login_per_user ON connections (user_id)
    WHERE kind = 'login' AND state <> 'retired';
CREATE INDEX connections_by_user ON connections (user_id);
CREATE INDEX connections_unsettled ON connections (checked_at)
    WHERE state = 'retired' OR end_user_id <> user_id::text;

CREATE TABLE sessions (
    id          uuid        CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id     uuid        NOT NULL
        CONSTRAINT sessions_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    secret_hash bytea       CONSTRAINT sessions_one_per_secret UNIQUE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_codes (
    hash           bytea       CONSTRAINT sign_in_codes_pkey PRIMARY KEY,
    user_id        uuid        NOT NULL
        CONSTRAINT sign_in_codes_of_a_user REFERENCES users (id) ON DELETE CASCADE,
    code_challenge text        NOT NULL,
    expires_at     timestamptz NOT NULL
);

CREATE INDEX sign_in_codes_by_expiry ON sign_in_codes (expires_at);

CREATE TABLE deliveries (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT deliveries_pkey PRIMARY KEY,
    kind        text        NOT NULL
        CONSTRAINT deliveries_known_kind
        CHECK (kind IN ('auth', 'sync', 'forward', 'async_action', 'github', 'unknown')),
    state       text        NOT NULL DEFAULT 'waiting'
        CONSTRAINT deliveries_known_state CHECK (state IN ('waiting', 'done', 'ignored', 'held')),
    body        jsonb       NOT NULL,
    body_hash   bytea       NOT NULL,
    headers     jsonb       NOT NULL,
    received_at timestamptz NOT NULL,
    received    integer     NOT NULL DEFAULT 1,
    tries       integer     NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    note        text,
    closed_at   timestamptz
);

-- Only an untried delivery takes in an equal one: a later one may report something new.
CREATE UNIQUE INDEX deliveries_one_waiting_per_body ON deliveries (body_hash)
    WHERE state = 'waiting' AND tries = 0;
CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_by_closing ON deliveries (closed_at) WHERE state IN ('done', 'ignored');
