"""What each mechanism of the disease model is worth in a protocol, on the same virtual patients."""
