"""The first page, help, and what the program is."""
