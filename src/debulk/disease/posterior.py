"""The posterior sample: equally weighted parameter sets with their structure and origin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import json_text, write_text, write_with
from debulk.disease.parameters import check_value, parameter_entries
from debulk.disease.structures import changes_of

VERSION = 2
"""Version of the model that a posterior belongs to: its equations and the list of parameters."""

_STRUCTURE = "structure"


@dataclass(frozen=True)
class Posterior:
    """Equally weighted draws of the free parameters.

    Attributes
    ----------
    values : mapping of str to float64[draws]
        Every free parameter.
    structures : tuple of str
        Structure of each draw.
    provenance : mapping
        How the sample was made: version, seed, targets, evidence, waves.
    """

    values: Mapping[str, npt.NDArray[np.float64]]
    structures: tuple[str, ...]
    provenance: Mapping[str, Any]

    def __len__(self) -> int:
        """Number of draws."""
        return len(self.structures)

    def first(self, count: int) -> Posterior:
        """The first draws; they are in random order, so any number of them is a sample."""
        values = {name: each[:count] for name, each in self.values.items()}
        return Posterior(values, self.structures[:count], self.provenance)

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Central 90 % of each parameter."""
        return {
            name: (float(np.quantile(each, 0.05)), float(np.quantile(each, 0.95)))
            for name, each in self.values.items()
        }

    def central(self) -> tuple[dict[str, float], str]:
        """The draw closest to the middle of all, with its structure.

        A draw and not a vector of medians: parameters that belong together stay together. Closest
        is meant in standard deviations, among the draws of the commonest structure.
        """
        names = sorted(set(self.structures), key=lambda name: (-self.structures.count(name), name))
        rows = np.flatnonzero(np.array(self.structures) == names[0])
        table = np.array([self.values[name][rows] for name in self.values])
        spread = table.std(axis=1, keepdims=True)
        scaled = (table - np.median(table, axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
        row = rows[int(np.argmin((scaled**2).sum(axis=0)))]
        return {name: float(each[row]) for name, each in self.values.items()}, names[0]

    @property
    def sha256(self) -> str:
        """Hash of draws and structures."""
        digest = hashlib.sha256()
        for name in sorted(self.values):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.values[name], dtype="<f8").tobytes())
        digest.update("|".join(self.structures).encode())
        return digest.hexdigest()

    def write(self, path: Path) -> None:
        """Write the sample as Parquet, its provenance beside it as ``.json``; whole or not."""
        frame = pl.DataFrame({_STRUCTURE: self.structures, **self.values})
        write_with(path, frame.write_parquet)
        about = {"version": VERSION, "sha256": self.sha256, **self.provenance}
        write_text(path.with_suffix(".json"), json_text(about))


def read_posterior(path: Path) -> Posterior:
    """Read a posterior sample and its provenance.

    Parameters
    ----------
    path : Path
        A ``.parquet`` file; ``.json`` of the same name lies beside it.

    Raises
    ------
    InputError
        If a file is missing or of another version of the model, if a parameter is missing, unknown
        or out of its domain, or if the draws are not those that the provenance speaks of.
    """
    about = _provenance(path.with_suffix(".json"))
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(str(path), f"cannot be read: {error}", "Give a Parquet file") from None
    free = {name for name, entry in parameter_entries().items() if entry.free}
    wrong = sorted(free.symmetric_difference(set(frame.columns) - {_STRUCTURE}))
    if wrong or _STRUCTURE not in frame.columns or frame.is_empty():
        found = f"column {wrong[0]!r} does not fit" if wrong else "no draws or no structures"
        raise InputError(str(path), found, "Run debulk disease calibrate again")
    for name in free:
        column = frame[name]
        for value in (column.min(), column.max()):
            check_value(parameter_entries()[name], value)
    structures = tuple(frame[_STRUCTURE].to_list())
    for structure in set(structures):
        changes_of(structure)
    values = {name: frame[name].to_numpy() for name in frame.columns if name != _STRUCTURE}
    posterior = Posterior(MappingProxyType(values), structures, MappingProxyType(about))
    if about.get("sha256") != posterior.sha256:
        raise InputError(
            str(path),
            "the draws are not those its provenance speaks of",
            "Take both files from the same calibration",
        )
    return posterior


def _provenance(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found = f"cannot be read: {error}"
        raise InputError(str(path), found, "Keep it beside the Parquet file") from None
    version = about.get("version") if isinstance(about, dict) else None
    if version != VERSION:
        raise InputError(
            str(path),
            f"is for version {version} of the disease model, this is version {VERSION}",
            "Run debulk disease calibrate again",
        )
    return dict(about)


@lru_cache(maxsize=1)
def packaged_posterior() -> Posterior:
    """The sample that ships with the program."""
    with resources.as_file(resources.files("debulk") / "data" / "disease") as folder:
        return read_posterior(folder / "posterior.parquet")
