"""`debulk evidence`: what has been published, with its sources."""
