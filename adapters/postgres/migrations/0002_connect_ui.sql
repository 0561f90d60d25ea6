ALTER TABLE login_attempts
    ADD COLUMN door               text        NOT NULL DEFAULT 'redirect'
        CONSTRAINT login_attempts_known_door CHECK (door IN ('redirect', 'connect_ui')),
    ADD COLUMN session_token_hash bytea,
    ADD COLUMN socket_id          text,
    ADD COLUMN asked_at           timestamptz,
    ALTER COLUMN state_hash DROP NOT NULL,
    ALTER COLUMN nango_state DROP NOT NULL;

DROP INDEX login_attempts_to_sweep;
CREATE INDEX login_attempts_to_sweep ON login_attempts (expires_at)
    WHERE state IN ('passing', 'failing') OR (state = 'open' AND door = 'connect_ui');
