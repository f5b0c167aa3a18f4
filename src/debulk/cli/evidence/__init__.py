"""`debulk evidence`: published studies, listed, pooled and drawn."""
