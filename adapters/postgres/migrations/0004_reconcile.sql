-- One row at most: the run under way, or else the last one.
CREATE TABLE reconcile_runs (
    single      boolean     NOT NULL DEFAULT true
        CONSTRAINT reconcile_runs_pkey PRIMARY KEY
        CONSTRAINT reconcile_runs_only_one CHECK (single),
    run_id      uuid        NOT NULL,
    began_at    timestamptz NOT NULL,
    lease_until timestamptz,
    ended_at    timestamptz,
    due_at      timestamptz NOT NULL,
    summary     text
);
