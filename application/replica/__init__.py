"""What was synced of repositories: read, and kept current."""
