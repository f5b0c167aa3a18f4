"""The frozen disease model held against the trials that reported: predictions beside results."""
