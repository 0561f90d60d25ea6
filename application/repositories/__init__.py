"""Connecting repositories, proving who may see them, and answering which and why."""
