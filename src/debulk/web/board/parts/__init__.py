"""One part of a case in full: trials, evidence, futures."""
