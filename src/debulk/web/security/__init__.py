"""What keeps a server and its patients' records safe: see `debulk.web.guard` for the order."""
