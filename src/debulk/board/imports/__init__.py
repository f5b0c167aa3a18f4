"""One patient out of a file that a clinician has: taken whole, without what could identify."""
