"""The other ways to ask the trial's question of a registry, each with the warning it deserves."""
