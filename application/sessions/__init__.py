"""Staying signed in, and leaving."""
