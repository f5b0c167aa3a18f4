"""Files of programs that read points off a printed curve, and tables of numbers at risk."""
