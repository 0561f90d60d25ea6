"""GitHub's pages for installing the App, and for what is installed."""
