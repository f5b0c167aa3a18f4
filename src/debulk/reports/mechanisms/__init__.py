"""What the mechanisms are worth: sentences, tables, figure and page."""
