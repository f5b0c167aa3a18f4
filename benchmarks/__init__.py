"""Speed and memory, beside peers, by one command: ``make bench``."""
