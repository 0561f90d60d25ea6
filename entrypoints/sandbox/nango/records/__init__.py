"""Nango's cache of what syncs read: records by connection, model and variant."""
