"""From what is asked of the packaged evidence to the answer of `debulk evidence pool`."""
