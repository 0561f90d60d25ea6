"""GitHub's REST routes, by what they are about."""
