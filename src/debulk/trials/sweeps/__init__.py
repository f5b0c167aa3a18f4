"""Sweeps: the same question under many assumptions, kept as Parquet and read back lazily."""
