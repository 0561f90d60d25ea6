-- One row a day, and only large deliveries touch it.
CREATE TABLE delivery_quota (
    day   date   CONSTRAINT delivery_quota_pkey PRIMARY KEY,
    bytes bigint NOT NULL
);
