-- PgQueuer says now which delivery is due.
DROP INDEX deliveries_due;

CREATE INDEX deliveries_waiting ON deliveries (received_at) WHERE state = 'waiting';
CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held';
