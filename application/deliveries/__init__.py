"""Webhooks: taking them in, and acting on them."""
