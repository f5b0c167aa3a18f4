"""Published scores, made executable, and their validation."""
