"""Ports on Nango, over HTTP."""
