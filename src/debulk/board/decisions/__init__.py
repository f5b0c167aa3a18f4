"""What a board decided, and its decisions as a registry."""
