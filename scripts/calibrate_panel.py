"""Find how much panels differ, so that two of them disagree as often as was observed.

    python scripts/calibrate_panel.py lesions.npz --seed 1

The file holds flat arrays as `debulk.treatments.plan_many` takes them: organ, diameter_mm,
near_vessel, offsets and, if known, liver_remnant. Two independent panels judge every patient; the
standard deviation of the log limits is moved by bisection, with the same random numbers at every
step, until they disagree on "at least 80 % of the lesions treatable" in the share of patients
that the evidence row gives. The two numbers printed go into
src/debulk/data/treatments/panel.yaml.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.errors import InputError
from debulk.core.streams import claim, uniforms
from debulk.treatments import ModalityTables, load_modalities, modality_tables, plan_many

TARGETS = {"sigma_liver_only": 0.339, "sigma_more_sites": 0.227}
"""Row parameters:selection/central-vs-local-resectability-disagreement."""

SHARE_THAT_COUNTS = 0.8
MOST_SIGMA = 3.0
STEPS = 30
BOLDNESS = claim(2900, "boldness of two panels in the calibration of their variation")


@dataclasses.dataclass(frozen=True)
class Patients:
    """Flat arrays of lesions, as `plan_many` takes them."""

    organ: npt.NDArray[np.int8]
    diameter_mm: npt.NDArray[np.float64]
    near_vessel: npt.NDArray[np.int8]
    offsets: npt.NDArray[np.int64]
    liver_remnant: npt.NDArray[np.float64]

    def metastases(self) -> npt.NDArray[np.int64]:
        """Number of lesions a patient, the primary aside."""
        return self._counts(self.organ != ORGAN_CODE["primary"])

    def group(self, name: str) -> npt.NDArray[np.bool_]:
        """Which patients a sigma is for: those with liver metastases alone, or the others."""
        liver = self._counts(self.organ == ORGAN_CODE["liver"])
        everywhere = self.metastases()
        liver_only = (liver == everywhere) & (everywhere > 0)
        return liver_only if name == "sigma_liver_only" else (everywhere > 0) & ~liver_only

    def _counts(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        running = np.concatenate(([0], np.cumsum(chosen)))
        counts: npt.NDArray[np.int64] = running[self.offsets[1:]] - running[self.offsets[:-1]]
        return counts


def read_patients(path: Path) -> Patients:
    """Read the flat arrays from an npz file."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(str(path), f"cannot be read ({error})", "Give an npz file") from None
    needed = ("organ", "diameter_mm", "near_vessel", "offsets")
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise InputError(str(path), f"has no array {missing[0]!r}", f"Store {', '.join(needed)}")
    unknown = np.full(arrays["offsets"].size - 1, np.nan)
    remnant = arrays.get("liver_remnant", unknown)
    return Patients(*(arrays[name] for name in needed), liver_remnant=remnant)


def disagreement(
    patients: Patients, name: str, sigma: float, boldness: npt.NDArray[np.float64]
) -> float:
    """Share of one group of patients on whom two panels disagree."""
    cards: ModalityTables = modality_tables(load_modalities())
    tables = dataclasses.replace(cards, sigma_liver_only=sigma, sigma_more_sites=sigma)
    least = SHARE_THAT_COUNTS * patients.metastases()
    judged = [
        plan_many(
            patients.organ, patients.diameter_mm, patients.near_vessel, patients.offsets,
            patients.liver_remnant, each, tables,
        ).treatable >= least
        for each in boldness
    ]  # fmt: skip
    return float(np.mean((judged[0] != judged[1])[patients.group(name)]))


def calibrate(patients: Patients, name: str, seed: int) -> tuple[float, float]:
    """Sigma at which the disagreement meets its target, and the disagreement there.

    Raises
    ------
    InputError
        If no patient is of the group, or even the largest sigma is not enough.
    """
    if not patients.group(name).any():
        raise InputError(name, "no patient of this group", "Give lesions of such patients")
    rows = np.arange(patients.offsets.size - 1)
    boldness = np.array([ndtri(uniforms(seed, 0, rows, BOLDNESS, panel)) for panel in (0, 1)])
    target, low, high = TARGETS[name], 0.0, MOST_SIGMA
    if disagreement(patients, name, high, boldness) < target:
        raise InputError(
            name,
            f"panels with sigma {high:g} disagree in less than {target:.1%}",
            "Give patients among whom treatability is in doubt",
        )
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        if disagreement(patients, name, middle, boldness) < target:
            low = middle
        else:
            high = middle
    return high, disagreement(patients, name, high, boldness)


def main(arguments: list[str] | None = None) -> int:
    """Print both sigmas, and the disagreement they give."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lesions", type=Path, help="npz file with flat arrays of lesions")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    try:
        patients = read_patients(chosen.lesions)
        for name, target in TARGETS.items():
            sigma, found = calibrate(patients, name, chosen.seed)
            count = int(patients.group(name).sum())
            print(f"{name}: {sigma:.4f}  disagree {found:.4f}, target {target}, n {count}")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
