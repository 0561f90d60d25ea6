"""Work that must outlive the request, by PgQueuer."""
