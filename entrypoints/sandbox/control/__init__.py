"""The control API: how a test makes trouble, and sees what happened."""
