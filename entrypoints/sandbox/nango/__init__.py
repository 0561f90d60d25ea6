"""The half that plays Nango."""
