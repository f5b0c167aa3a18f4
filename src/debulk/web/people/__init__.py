"""Who may use the server: signing in, one's own account, and what an administrator sees."""
