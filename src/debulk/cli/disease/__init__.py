"""`debulk disease`: the disease model by itself."""
