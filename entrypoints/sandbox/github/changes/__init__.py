"""What happens on GitHub, each with the webhooks that tell of it."""
