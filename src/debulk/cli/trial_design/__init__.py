"""`debulk trial design`: from flags or a file to a design, its text, its pictures and its files."""
