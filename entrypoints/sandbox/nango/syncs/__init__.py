"""Nango's syncs: what starts them, what they read, and what they tell."""
