-- Which integration a connect session is for; those of sign-ins need no entry.
CREATE INDEX attempts_links_by_session_token ON attempts (session_token_hash) WHERE purpose = 'link';
