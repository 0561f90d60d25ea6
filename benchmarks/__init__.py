"""Latchkey beside a peer, and on a database with millions of rows."""
