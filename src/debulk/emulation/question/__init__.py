"""The trial's question put to a registry: who is in, from when, what is known of them."""
