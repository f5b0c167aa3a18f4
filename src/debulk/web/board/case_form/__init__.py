"""The form of a case: its fields, what a typed word means, what does not fit together."""
