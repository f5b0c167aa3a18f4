"""Where compiled kernels are kept: one folder for each state of the sources.

Numba keeps a compiled kernel until the file that holds it changes. A kernel is made of functions of
other files too, and would go on with their old code after an update. So the folder's name follows
the sources of every room that has kernels.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

ROOMS = (
    "core",
    "survival",
    "treatments",
    "evidence",
    "disease",
    "trials",
    "emulation",
    "prognosis",
)
"""Rooms whose files kernels are made of."""

_KEPT = 3


def sources_digest(package: Path, rooms: Iterable[str]) -> str:
    """SHA-256 over the names and contents of the source files of some rooms."""
    digest = hashlib.sha256()
    for room in rooms:
        for source in sorted((package / room).rglob("*.py")):
            name = source.relative_to(package).as_posix()
            digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


def kernel_folder(package: Path, chosen: str = "") -> Path:
    """Folder for the compiled kernels of the package as it is now.

    Parameters
    ----------
    package : Path
        The folder of the installed package.
    chosen : str
        Folder that the user wants caches in; empty for the package's own ``__pycache__``, or the
        user's cache folder where that cannot be written to.
    """
    digest = sources_digest(package, ROOMS)
    if chosen:
        base = Path(chosen)
    elif os.access(package, os.W_OK):
        base = package / "__pycache__"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "debulk"
    return base / f"kernels-{digest[:16]}"


def forget_old(folder: Path) -> None:
    """Remove the kernels of older sources beside a folder, but for the newest few."""
    siblings = [each for each in folder.parent.glob("kernels-*") if each != folder]
    newest = sorted(siblings, key=_age_rank, reverse=True)
    for old in newest[_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _age_rank(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # another process has just removed it
        return 0.0
