"""Pages of this part: see `routes`."""
