"""What must be the same on two machines for their results to be the same."""

from __future__ import annotations

import hashlib
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
    """Versions and digests of sources and packaged tables, of this process."""
    package = Path(debulk.__file__).parent
    return {
        "debulk": debulk.__version__,
        "sources": sources_digest(package, SOURCES)[:16],
        "data": _data_digest(package / "data")[:16],
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": version("numpy"),
        "numba": version("numba"),
    }


def _data_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the packaged tables."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


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
