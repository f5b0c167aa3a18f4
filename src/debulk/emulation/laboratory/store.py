"""Finished chunks of registries on disk, so that the laboratory can be interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from debulk.core.chunk_folder import ChunkFolder, read_arrays, save_arrays

Arrays = dict[str, npt.NDArray[np.float64]]

CHUNKS = "chunks"
"""Folder of the chunks inside the output folder."""


class RegistryStore:
    """A folder of finished chunks, locked by the run that writes into it.

    Parameters
    ----------
    folder : Path
        Output folder.
    fingerprint : str
        What the chunks depend on; a folder that holds another run's is refused.
    fresh : bool
        Remove what the folder holds from an earlier run.

    Raises
    ------
    InputError
        If the folder cannot be written to, is in use, or holds chunks of a different run.
    """

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        self._held = ChunkFolder(folder, CHUNKS, fingerprint, fresh=fresh)

    def close(self) -> None:
        """Let another run use the folder."""
        self._held.close()

    def load(self, name: str) -> Arrays | None:
        """A finished chunk, or None where it is not there or not whole."""
        return read_arrays(self._path(name))

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep a finished chunk, whole or not at all."""
        save_arrays(self._path(name), arrays)

    def _path(self, name: str) -> Path:
        return self._held.path / f"{name}.npz"
