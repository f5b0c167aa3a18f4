"""A trial over calendar time: allocation, follow-up, looks, analysis."""
