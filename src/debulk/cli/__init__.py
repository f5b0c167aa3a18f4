"""The command line: `debulk`."""

from __future__ import annotations

import sys

from debulk.core.errors import InputError

__all__ = ["main"]


def main() -> None:
    """Run the command line; a user's mistake ends in one message and exit status 1."""
    from debulk.cli.app import app

    try:
        app()
    except InputError as error:
        print(f"debulk: {error}", file=sys.stderr)
        sys.exit(1)
