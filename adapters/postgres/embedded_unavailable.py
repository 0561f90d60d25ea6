"""What is raised when the embedded PostgreSQL cannot be had."""


class EmbeddedPostgresUnavailable(Exception):
    """The embedded PostgreSQL cannot be started or stopped; the message says what to change."""
