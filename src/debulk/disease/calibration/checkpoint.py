"""Evaluations of a calibration, kept line by line so that a killed one goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.files import json_text, output_folder, write_text, writing_errors
from debulk.disease.calibration.priors import FloatArray

EVALUATIONS, SETTINGS, LOCK = "evaluations.ndjson", "settings.json", "lock"
"""Files of the folder: one line an evaluated member, what the run depends on, the lock."""

RESULTS = (
    *("posterior.parquet", "posterior.json"),
    *("identifiability.json", "identifiability.md"),
)
"""Files that a finished calibration leaves."""


@dataclass(frozen=True)
class Evaluation:
    """What the simulator said about one parameter set.

    Attributes
    ----------
    statistics, variance : float64[targets]
        In the unit of the targets; NaN where not defined.
    failure : str
        What it complained of; empty where it answered.
    """

    statistics: FloatArray
    variance: FloatArray
    failure: str = ""


def evaluation_key(
    fingerprint: str, structure: str, wave: str, seed: int, values: FloatArray
) -> str:
    """Hash by which an evaluation is found again.

    Parameters
    ----------
    fingerprint : str
        Of the problem: targets, priors, patients, version of the model.
    structure, wave : str
        Where it belongs.
    seed : int
        Of the simulation.
    values : float64[parameters]
        The parameter set.
    """
    digest = hashlib.sha256(f"{fingerprint}|{structure}|{wave}|{seed}|".encode())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


class EvaluationStore:
    """A folder that keeps evaluations, locked by the calibration that writes into it.

    A line counts once its end is there: what a kill leaves half-written is cut off.

    Parameters
    ----------
    folder : Path
        Output folder.
    settings : dict
        What the run depends on.
    fresh : bool
        Remove what the folder holds from an earlier calibration.

    Raises
    ------
    InputError
        If the folder cannot be written to, is in use, or holds another calibration.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], *, fresh: bool = False) -> None:
        self.folder = output_folder(folder)
        self._unlock = weakref.finalize(self, os.close, _locked(self.folder))
        try:
            self._take_over(settings, fresh)
            self._known = self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another calibration use the folder."""
        self._unlock()

    def __len__(self) -> int:
        """Number of evaluations kept."""
        return len(self._known)

    def get(self, key: str) -> Evaluation | None:
        """The evaluation with that key, or None."""
        return self._known.get(key)

    def keep(
        self,
        key: str,
        structure: str,
        wave: str,
        member: int,
        values: FloatArray,
        found: Evaluation,
    ) -> None:
        """Append one evaluation.

        Parameters
        ----------
        key : str
            As `evaluation_key` gives it.
        structure, wave, member : str, str, int
            Where it belongs, for readers of the file.
        values : float64[parameters]
            The parameter set, for readers of the file.
        found : Evaluation
            What is kept.
        """
        line = {
            **{"key": key, "structure": structure, "wave": wave, "member": member},
            "values": _numbers(values),
            "statistics": _numbers(found.statistics),
            "variance": _numbers(found.variance),
            "failure": found.failure,
        }
        path = self.folder / EVALUATIONS
        with writing_errors(path), path.open("ab") as file:
            file.write((json.dumps(line, allow_nan=False) + "\n").encode())
        self._known[key] = found

    def _take_over(self, settings: dict[str, Any], fresh: bool) -> None:
        mark = self.folder / SETTINGS
        if fresh:
            # The settings go last: a kill in between leaves no evaluations without them.
            for name in (*RESULTS, EVALUATIONS, SETTINGS):
                (self.folder / name).unlink(missing_ok=True)
        for name in (*RESULTS, SETTINGS, "probe"):
            for aside in self.folder.glob(f".{name}.????????"):
                aside.unlink(missing_ok=True)
        if not mark.exists():
            if (self.folder / EVALUATIONS).exists():
                raise InputError(
                    str(self.folder),
                    f"holds {EVALUATIONS} without {SETTINGS}",
                    "Choose another folder with --out, or start over with --fresh",
                )
            write_text(mark, json_text(settings))
        elif mark.read_text(encoding="utf-8") != json_text(settings):
            raise InputError(
                str(self.folder),
                "holds a calibration with other settings",
                "Choose another folder with --out, or start over with --fresh",
            )

    def _read(self) -> dict[str, Evaluation]:
        path = self.folder / EVALUATIONS
        if not path.exists():
            return {}
        with writing_errors(path):
            content = path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(path, whole)
        known = {}
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                row = json.loads(line)
                known[str(row["key"])] = Evaluation(
                    _array(row["statistics"]), _array(row["variance"]), str(row["failure"])
                )
            except (ValueError, KeyError, TypeError):
                raise InputError(
                    f"{path}, line {number}",
                    "is no evaluation of a calibration",
                    "Remove the line, or start over with --fresh",
                ) from None
        return known


def _numbers(values: FloatArray) -> list[float | None]:
    return [float(each) if np.isfinite(each) else None for each in values]


def _array(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if each is None else each for each in values], dtype=np.float64)


def _locked(folder: Path) -> int:
    """File descriptor that holds the lock; it ends with the process, however that ends."""
    path = folder / LOCK
    with writing_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InputError(
            str(folder),
            "is in use by another calibration",
            "Wait until it ends, or choose another folder with --out",
        ) from None
    except (ImportError, OSError):  # a system without such locks
        return handle
    return handle
