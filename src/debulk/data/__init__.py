"""Packaged tables, cards and protocols; each is read by the room that owns it."""
