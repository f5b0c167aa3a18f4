"""What must be the same on two machines for their results to be the same."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import debulk
from debulk.core.kernel_cache import ROOMS, sources_digest

SOURCES = (*ROOMS, "patients", "protocols", "evidence")
"""Rooms whose files a simulated trial depends on."""


@cache
def identity() -> dict[str, str]:
    """Versions and the digest of the sources, of this process."""
    return {
        "debulk": debulk.__version__,
        "sources": sources_digest(Path(debulk.__file__).parent, SOURCES)[:16],
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": version("numpy"),
        "numba": version("numba"),
    }


def difference(here: dict[str, str], there: dict[str, str]) -> str:
    """What differs, in words; empty where nothing does.

    Parameters
    ----------
    here, there : dict of str to str
        From `identity`.
    """
    parts = [
        f"{name} {there.get(name, 'unknown')} (here {value})"
        for name, value in here.items()
        if there.get(name) != value
    ]
    return ", ".join(parts)
