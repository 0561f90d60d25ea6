"""A stand-in for Nango and GitHub, held to recorded traffic of a real Nango."""
