"""Planning a trial of local treatment: what dilutes and delays it, and what it can tell."""
