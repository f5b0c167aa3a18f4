"""`debulk disease`: what the disease model gives, beside what was published."""
