"""Rank tests: the log-rank family, trend, the largest of several, and one sample."""
