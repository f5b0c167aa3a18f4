"""What imaging shows of presenters, as one number a patient: all that a cohort may select on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.compiled import kernel
from debulk.core.streams import claim, patient_key, uniform

if TYPE_CHECKING:
    from debulk.disease.presenters import Presenters

_CHANCE = claim(1300, "disease: chance of entering a cohort")
_MM_PER_CM = 10.0
_OTHER = tuple(
    ORGAN_CODE[organ] for organ in ORGANS if organ not in ("liver", "lung", "peritoneum", "primary")
)


@dataclass(frozen=True)
class Seen:
    """What is known of each presenter before any treatment; latent variables are not.

    Attributes
    ----------
    lesions, liver, lung, peritoneum, node, elsewhere : int64[n]
        Metastases that imaging shows: all, and by organ; elsewhere is none of the four.
    organs : int64[n]
        Organs with at least one of them.
    sum_cm, largest_cm : float64[n]
        Sum of their diameters, and the largest.
    liver_ml : float64[n]
        Volume of those in the liver.
    who_ps : int64[n]
        WHO performance status.
    age_years : float64[n]
    synchronous, primary, ras : bool[n]
        Metastases at diagnosis; primary in place; RAS mutation.
    chance : float64[n]
        A number from 0 to 1, the patient's own, for what a selection leaves to chance.
    """

    lesions: npt.NDArray[np.int64]
    liver: npt.NDArray[np.int64]
    lung: npt.NDArray[np.int64]
    peritoneum: npt.NDArray[np.int64]
    node: npt.NDArray[np.int64]
    elsewhere: npt.NDArray[np.int64]
    organs: npt.NDArray[np.int64]
    sum_cm: npt.NDArray[np.float64]
    largest_cm: npt.NDArray[np.float64]
    liver_ml: npt.NDArray[np.float64]
    who_ps: npt.NDArray[np.int64]
    age_years: npt.NDArray[np.float64]
    synchronous: npt.NDArray[np.bool_]
    primary: npt.NDArray[np.bool_]
    ras: npt.NDArray[np.bool_]
    chance: npt.NDArray[np.float64]

    @property
    def outside_liver(self) -> npt.NDArray[np.int64]:
        """Metastases outside the liver that imaging shows."""
        return self.lesions - self.liver

    @property
    def liver_only(self) -> npt.NDArray[np.bool_]:
        """Whether imaging shows metastases in the liver and nowhere else."""
        return np.asarray((self.liver > 0) & (self.outside_liver == 0))

    def take(self, rows: Any) -> Seen:
        """Some of the patients."""
        return Seen(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def seen_of(presenters: Presenters) -> Seen:
    """What imaging shows of some presenters; lumped lesions are below what it shows.

    Parameters
    ----------
    presenters : Presenters
    """
    count = len(presenters)
    shown = np.flatnonzero(presenters.visible)
    owner, organ = presenters.owner[shown], presenters.organ[shown].astype(np.int64)
    diameter = presenters.diameter_mm[shown] / _MM_PER_CM
    table = np.bincount(owner * len(ORGANS) + organ, minlength=count * len(ORGANS))
    by_organ = table.reshape(count, len(ORGANS))
    largest = np.zeros(count)
    np.maximum.at(largest, owner, diameter)
    liver = organ == ORGAN_CODE["liver"]
    millilitres = np.pi / 6.0 * diameter[liver] ** 3
    return Seen(
        lesions=by_organ.sum(axis=1),
        liver=by_organ[:, ORGAN_CODE["liver"]],
        lung=by_organ[:, ORGAN_CODE["lung"]],
        peritoneum=by_organ[:, ORGAN_CODE["peritoneum"]],
        node=by_organ[:, ORGAN_CODE["lymph_node"]],
        elsewhere=by_organ[:, [c for c in _OTHER if c != ORGAN_CODE["lymph_node"]]].sum(axis=1),
        organs=(by_organ > 0).sum(axis=1),
        sum_cm=_sums(owner, diameter, count),
        largest_cm=largest,
        liver_ml=_sums(owner[liver], millilitres, count),
        who_ps=presenters.who_ps.astype(np.int64),
        age_years=presenters.age_years,
        synchronous=presenters.synchronous,
        primary=presenters.primary_in_situ,
        ras=presenters.ras,
        chance=_chances(presenters.seed, presenters.trial.astype(np.int64), presenters.patient),
    )


def _sums(
    owner: npt.NDArray[np.int64], values: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    return np.asarray(np.bincount(owner, weights=values, minlength=count), dtype=np.float64)


@kernel
def _chances(
    seed: int, trial: npt.NDArray[np.int64], patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), _CHANCE, 0, 0)
    return draws
