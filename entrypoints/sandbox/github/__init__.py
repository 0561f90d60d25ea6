"""The half that plays GitHub."""
