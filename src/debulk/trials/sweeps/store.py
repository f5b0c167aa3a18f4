"""The Parquet files of a sweep: one a chunk, each whole or not there."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from debulk.core.chunk_folder import ChunkFolder
from debulk.core.files import write_with
from debulk.trials.sweeps.rows import FINGERPRINT

POINTS = "points"
"""Folder of the Parquet files."""


class PointStore:
    """Where finished chunks are looked for and kept.

    Parameters
    ----------
    folder : Path
        Output folder.
    fingerprint : str
        Of the sweep.
    fresh : bool
        Remove what the folder holds from an earlier sweep.

    Raises
    ------
    InputError
        If the folder cannot be written to, is in use, or holds another sweep.
    """

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        self._held = ChunkFolder(folder, POINTS, fingerprint, fresh=fresh)
        self.folder = self._held.path

    def close(self) -> None:
        """Let another sweep use the folder."""
        self._held.close()

    def has(self, first: int, points: int) -> bool:
        """Whether a chunk is there, whole, and of this sweep.

        Parameters
        ----------
        first, points : int
            First point and number of points.
        """
        return is_whole(point_file(self.folder, first, points), self._held.fingerprint)

    def save(self, first: int, points: int, content: bytes) -> None:
        """Keep a finished chunk.

        Parameters
        ----------
        first, points : int
            First point and number of points.
        content : bytes
            Of the Parquet file.
        """
        write_with(point_file(self.folder, first, points), lambda file: file.write_bytes(content))


def point_file(folder: Path, first: int, points: int) -> Path:
    """Where a chunk is kept.

    Parameters
    ----------
    folder : Path
        Of the Parquet files.
    first, points : int
        First point and number of points.
    """
    return folder / f"points-{first:08d}-{first + points - 1:08d}.parquet"


def is_whole(file: Path, fingerprint: str) -> bool:
    """Whether a Parquet file is there, whole, and of a sweep.

    Parameters
    ----------
    file : Path
        Of one chunk.
    fingerprint : str
        Of the sweep.
    """
    try:
        found = pl.read_parquet_metadata(file)
    except (OSError, pl.exceptions.PolarsError):
        return False
    return found.get(FINGERPRINT) == fingerprint
