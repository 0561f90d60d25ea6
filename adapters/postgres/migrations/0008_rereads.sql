ALTER TABLE attempts ADD COLUMN asks_approval boolean NOT NULL DEFAULT false;
CREATE INDEX attempts_links_by_user ON attempts (user_id, created_at) WHERE purpose = 'link';

ALTER TABLE connections ADD COLUMN reads_access boolean NOT NULL DEFAULT false;

-- When something was last read because of a hint, and when that was last tried; an hour's worth.
CREATE TABLE rereads (
    subject  text        CONSTRAINT rereads_pkey PRIMARY KEY,
    tried_at timestamptz NOT NULL,
    read_at  timestamptz
);

CREATE INDEX rereads_by_time ON rereads (tried_at);
