"""`debulk disease`: what the disease model says, beside the data."""
