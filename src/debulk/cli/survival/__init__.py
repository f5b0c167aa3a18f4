"""`debulk survival`: survival curves, tests and contrasts for any table, or a packaged example."""

from debulk.cli.survival.command import survival

__all__ = ["survival"]
