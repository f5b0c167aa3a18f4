"""Group-sequential boundaries: when a trial may stop early, and what it then says."""
