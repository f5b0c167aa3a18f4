"""A folder of finished chunks: one run's at a time, and nothing half-written in it."""

from __future__ import annotations

import json
import os
import weakref
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.files import json_text, output_folder, write_text, write_with

MARK, LOCK = "settings.json", "lock"


class ChunkFolder:
    """A folder inside the output folder, locked by the run that writes into it.

    A chunk is written aside and renamed, so that a killed process leaves no half of it under its
    name; what it leaves aside is removed here. The lock is the operating system's and ends with the
    process, however that ends.

    Parameters
    ----------
    folder : Path
        The output folder of the run.
    name : str
        Name of the folder of chunks in it.
    fingerprint : str
        What the chunks depend on.
    fresh : bool
        Remove what the folder holds from an earlier run.

    Raises
    ------
    InputError
        If the folder cannot be written to, is in use, or holds chunks of another run.
    """

    def __init__(self, folder: Path, name: str, fingerprint: str, *, fresh: bool = False) -> None:
        folder = output_folder(folder)
        self.path = output_folder(folder / name)
        self.fingerprint = fingerprint
        self._unlock = weakref.finalize(self, os.close, _locked(self.path / LOCK, folder))
        try:
            self._take_over(folder, fresh)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another run use the folder."""
        self._unlock()

    def _take_over(self, folder: Path, fresh: bool) -> None:
        mark = self.path / MARK
        if fresh:
            # The mark goes last: a kill in between leaves no chunks without it.
            for old in sorted(self.path.iterdir(), key=lambda each: each == mark):
                if old.name != LOCK:
                    old.unlink()
        if mark.exists() and _fingerprint_in(mark) != self.fingerprint:
            raise InputError(
                str(folder),
                "holds a run with other settings",
                "Choose another folder with --out, or start over with --fresh",
            )
        remove_leftovers(folder)
        for each in self.path.glob(".*"):
            each.unlink(missing_ok=True)
        if not mark.exists():
            write_text(mark, json_text({"fingerprint": self.fingerprint}))


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]] | None:
    """The arrays of a finished chunk, or None where it is not there or not whole."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return {each: content[each] for each in content.files}
    except (FileNotFoundError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Keep the arrays of a finished chunk, whole or not at all."""

    def write(aside: Path) -> None:
        with aside.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    write_with(path, write)


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left beside the files it was writing.

    Parameters
    ----------
    folder : Path
        Output folder; names that begin with a dot and are nothing of ours are left alone.
    """
    names = ("probe", "report.html", "results.json", "run.json", "trials.parquet", "scores.parquet")
    for name in names:
        # As `debulk.core.files.write_with` and `output_folder` name them: eight signs at the end.
        for each in folder.glob(f".{name}.????????"):
            each.unlink(missing_ok=True)


def _locked(path: Path, folder: Path) -> int:
    """File descriptor that holds the lock."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(handle)
    except BlockingIOError:
        holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise InputError(
            str(folder),
            f"is in use by another run (process {holder})",
            "Wait until it ends, or choose another folder with --out",
        ) from None
    except OSError:  # a file system without locks: renaming alone keeps the chunks whole
        return handle
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _fingerprint_in(mark: Path) -> str:
    try:
        return str(json.loads(mark.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
