"""Whether an installed copy computes what it should: reference checks and their report."""
