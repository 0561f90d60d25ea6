-- An attempt is a try to sign in, or, by somebody who is signed in, to connect repositories.
ALTER TABLE login_attempts RENAME TO attempts;
ALTER TABLE attempts RENAME CONSTRAINT login_attempts_pkey TO attempts_pkey;
ALTER TABLE attempts RENAME CONSTRAINT login_attempts_one_per_state TO attempts_one_per_state;
ALTER TABLE attempts RENAME CONSTRAINT login_attempts_known_state TO attempts_known_state;
ALTER TABLE attempts RENAME CONSTRAINT login_attempts_known_door TO attempts_known_door;
ALTER INDEX login_attempts_by_expiry RENAME TO attempts_by_expiry;
ALTER INDEX login_attempts_to_sweep RENAME TO attempts_to_sweep;
