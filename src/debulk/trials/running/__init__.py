"""Many trials: their settings, their chunks, and the run that adds them up."""
