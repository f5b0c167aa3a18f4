"""Patient data rebuilt from published survival curves."""
