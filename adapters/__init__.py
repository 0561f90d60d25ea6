"""What implements the ports: PostgreSQL, Nango, JWT."""
