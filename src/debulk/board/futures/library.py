"""A library of virtual patients at presentation, drawn once and looked up for every case.

Only what a case is compared by is kept of each. Every draw is a pure function of (seed, trial,
patient), so the lesions of the few hundred who are like a case are drawn again when needed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import debulk
from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.chunk_folder import read_arrays, save_arrays
from debulk.core.errors import InputError
from debulk.core.kernel_cache import sources_digest
from debulk.core.provenance import sha256_of
from debulk.disease import DiseaseModel
from debulk.disease.presenters import Presenters, draw_presenters

VERSION = 1
"""Of what the library holds; a file of another version is drawn anew."""

SEED = 7
"""Seed of the virtual patients."""

PER_DRAW = 3125
"""Presenters of each parameter draw: 500,000 with the 160 draws of the packaged posterior."""

_PRESENTERS_A_BIRTH = 0.25
_PRIMARY = ORGAN_CODE["primary"]


@dataclass(frozen=True, slots=True)
class Library:
    """Virtual patients at presentation, as many of each parameter draw, ordered by draw.

    Attributes
    ----------
    model : DiseaseModel
        The model they live by.
    seed, per_draw : int
        Seed that drew them, and how many there are of each draw.
    trial : int32[n]
        Number of the parameter draw.
    patient : int64[n]
        Number within the draw: whom `debulk.disease.presenters.presenters_again` draws again.
    in_organ : int32[n, organs]
        Metastases that imaging shows, by organ.
    largest_mm, volume_ml : float64[n]
        Of the metastases that imaging shows.
    age_years : float64[n]
    female, synchronous, primary_in_situ, adjuvant, ras, braf, msi : bool[n]
    who_ps : int8[n]
    """

    model: DiseaseModel
    seed: int
    per_draw: int
    trial: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int64]
    in_organ: npt.NDArray[np.int32]
    largest_mm: npt.NDArray[np.float64]
    volume_ml: npt.NDArray[np.float64]
    age_years: npt.NDArray[np.float64]
    female: npt.NDArray[np.bool_]
    synchronous: npt.NDArray[np.bool_]
    primary_in_situ: npt.NDArray[np.bool_]
    adjuvant: npt.NDArray[np.bool_]
    ras: npt.NDArray[np.bool_]
    braf: npt.NDArray[np.bool_]
    msi: npt.NDArray[np.bool_]
    who_ps: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Number of virtual patients."""
        return int(self.trial.size)

    @property
    def draws(self) -> int:
        """Parameter draws, each with as many virtual patients."""
        return len(self) // self.per_draw

    @property
    def bytes(self) -> int:
        """Memory its arrays take."""
        return sum(getattr(self, name).nbytes for name in _ARRAYS)


_ARRAYS = tuple(
    each.name for each in fields(Library) if each.name not in ("model", "seed", "per_draw")
)
_OWN = ("trial", "patient", "age_years", "female", "synchronous", "primary_in_situ", "adjuvant")
_OWN_MARKS = ("ras", "braf", "msi", "who_ps")
_held: dict[tuple[str, int, int], Library] = {}
_lock = threading.Lock()
_KEPT_FILES = 3


def library_of(
    model: DiseaseModel,
    *,
    seed: int = SEED,
    per_draw: int = PER_DRAW,
    folder: Path | None = None,
) -> Library:
    """The library of a model: in memory, else from its file, else drawn and written.

    Parameters
    ----------
    model : DiseaseModel
        With a posterior sample.
    seed : int
        Of the virtual patients.
    per_draw : int
        Virtual patients of each parameter draw.
    folder : Path, optional
        Where its file is kept; `cache_folder` if left out. A folder that cannot be written to is
        no error: the library is then drawn again by the next process.

    Raises
    ------
    InputError
        If the model has no posterior sample, or a number is out of its range.
    """
    if model.posterior is None:
        raise InputError("model", "one parameter set", "Use load_model(), which has a sample")
    if per_draw < 1:
        raise InputError("per_draw", f"{per_draw}", "Give 1 or more")
    key = (_identity(model), seed, per_draw)
    with _lock:  # two requests at once draw it once
        if key not in _held:
            path = (folder or cache_folder()) / f"virtual-patients-{'-'.join(map(str, key))}.npz"
            _held[key] = _read(path, model, seed, per_draw) or _drawn(path, model, seed, per_draw)
        return _held[key]


def forget() -> None:
    """Take every library out of memory."""
    _held.clear()


def cache_folder() -> Path:
    """Folder of the library's file: `DEBULK_CACHE`, else ``debulk`` in the user's cache folder."""
    chosen = os.environ.get("DEBULK_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(base) / "debulk"


def draw_library(model: DiseaseModel, *, seed: int = SEED, per_draw: int = PER_DRAW) -> Library:
    """Draw the virtual patients of a library, the same whatever the threads."""
    parts = [_of_draw(model, seed, trial, per_draw) for trial in range(model.draws)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in _ARRAYS}
    return Library(model=model, seed=seed, per_draw=per_draw, **columns)


def _of_draw(
    model: DiseaseModel, seed: int, trial: int, per_draw: int
) -> dict[str, npt.NDArray[Any]]:
    births = int(per_draw / _PRESENTERS_A_BIRTH) + 1
    found = draw_presenters(model, seed=seed, first_trial=trial, trials=1, births=births)
    while len(found) < per_draw:
        births *= 2
        found = draw_presenters(model, seed=seed, first_trial=trial, trials=1, births=births)
    return presented(found.take(np.arange(per_draw)))


def presented(presenters: Presenters) -> dict[str, npt.NDArray[Any]]:
    """What a case is compared by, of each of some presenters, by the library's field."""
    seen, owner = presenters.visible & (presenters.organ != _PRIMARY), presenters.owner
    count, copies = len(presenters), presenters.copies
    place = owner[seen] * len(ORGANS) + presenters.organ[seen]
    in_organ = np.bincount(place, weights=copies[seen], minlength=count * len(ORGANS))
    largest = np.zeros(count)
    np.maximum.at(largest, owner[seen], presenters.diameter_mm[seen])
    volume = np.bincount(
        owner[seen], weights=presenters.cells[seen] * copies[seen] * 1e-9, minlength=count
    )
    return {
        **{name: getattr(presenters, name) for name in (*_OWN, *_OWN_MARKS)},
        "in_organ": in_organ.reshape(count, len(ORGANS)).astype(np.int32),
        "largest_mm": largest,
        "volume_ml": volume,
    }


def _identity(model: DiseaseModel) -> str:
    """What the virtual patients depend on beside seed and number, in sixteen characters."""
    record = sha256_of(model.record().tobytes())
    return sha256_of(f"{VERSION} {debulk.__version__} {_sources()} {record}".encode())[:16]


@cache
def _sources() -> str:
    return sources_digest(Path(debulk.__file__).parent, ("core", "treatments", "disease"))


def _read(path: Path, model: DiseaseModel, seed: int, per_draw: int) -> Library | None:
    try:
        arrays = read_arrays(path)
    except OSError:
        return None
    if arrays is None or set(arrays) != set(_ARRAYS):
        return None
    return Library(model=model, seed=seed, per_draw=per_draw, **arrays)


def _drawn(path: Path, model: DiseaseModel, seed: int, per_draw: int) -> Library:
    library = draw_library(model, seed=seed, per_draw=per_draw)
    # On a machine that cannot be written to it is drawn again by the next process.
    with contextlib.suppress(OSError, InputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        save_arrays(path, {name: getattr(library, name) for name in _ARRAYS})
        files = sorted(path.parent.glob("virtual-patients-*.npz"), key=lambda x: x.stat().st_mtime)
        for old in files[:-_KEPT_FILES]:
            old.unlink(missing_ok=True)
    return library
