"""What a person looks at of a retrodiction: tables, figures, a page."""
