"""Endpoints beside survival: quality-adjusted time, Q-TWiST, days off therapy, complications."""
