"""Ports on PostgreSQL, through psycopg."""
