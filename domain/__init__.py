"""Entities, rules and errors: the standard library only."""
