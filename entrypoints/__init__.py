"""How the outside reaches the core: HTTP, the command line, the container."""
