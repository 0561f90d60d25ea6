"""Reconcile: compare everything with Nango, and heal the difference without any webhook."""
