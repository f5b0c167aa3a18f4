"""The tumour board of virtual patients: what it sees at each visit, and whom it chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.emulation.laboratory import decisions
from debulk.emulation.laboratory.knobs import Knobs
from debulk.emulation.person_time import Covariate, Flags, Floats, Wholes

_BOARD, _BOARD_UNIFORM = decisions.BOARD, decisions.BOARD_UNIFORM

SEEN = (
    Covariate("log sum of diameters", continuous=True),
    Covariate("depth of response", continuous=True),
    Covariate("performance status"),
)
"""What the registry records at a visit, as of the last assessment: the sum of diameters in mm (log
of 1 + sum), the share by which it has shrunk since the start of line 1, and the WHO status."""

_LOG_SUM_MEAN, _LOG_SUM_SD = 3.75, 0.9
_DEPTH_MEAN, _DEPTH_SD = 0.25, 0.2
# About their means and spreads at time zero, so that the weights of `Knobs` mean the same here.


@dataclass(frozen=True)
class Openings:
    """Where the board could choose, and with which probability.

    Attributes
    ----------
    eligible : (n, G) bool
        Alive and not progressed at the visit, with something left to treat.
    chance : (n, G) float64
        Probability that usual care treats at the visit.
    """

    eligible: Flags
    chance: Floats


def chances(knobs: Knobs, seen: Floats, frailty: Floats) -> Floats:
    """Probability of local treatment at each visit.

    Parameters
    ----------
    knobs : Knobs
        Its ``choice_...``; the side of the primary is not known of virtual patients.
    seen : (n, G, 3) float64
        The covariates `SEEN`; NaN where nobody is seen.
    frailty : (n,) float64
        Standard normal; what the registry does not record.
    """
    burden = (seen[:, :, 0] - _LOG_SUM_MEAN) / _LOG_SUM_SD
    response = (seen[:, :, 1] - _DEPTH_MEAN) / _DEPTH_SD
    visible = knobs.choice_burden * burden + knobs.choice_response * response
    visible = visible + knobs.choice_status * seen[:, :, 2]
    odds = knobs.choice_intercept + knobs.choice_strength * visible
    odds = odds - knobs.choice_frailty * frailty[:, None]
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def usual_choices(
    openings: Openings, seed: int, trial: Wholes, patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Visit at which usual care treats each patient; -1 for never."""
    draws = _draws(seed, trial, patient, openings.eligible.shape[1], False)
    return _first(openings.eligible & (draws < openings.chance))


def forced_choices(openings: Openings, usual: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Strategy 1, natural: as usual care, those left at the last visit."""
    last = openings.eligible.shape[1] - 1
    return np.where((usual < 0) & openings.eligible[:, last], last, usual)


def even_choices(
    openings: Openings, seed: int, trial: Wholes, patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Strategy 1, uniform: each visit takes its share of those left."""
    visits = openings.eligible.shape[1]
    draws = _draws(seed, trial, patient, visits, True)
    return _first(openings.eligible & (draws * (visits - np.arange(visits)) < 1.0))


def _first(chosen: Flags) -> npt.NDArray[np.int64]:
    return np.where(chosen.any(axis=1), chosen.argmax(axis=1), -1)


@kernel
def _draws(
    seed: int, trial: Wholes, patient: npt.NDArray[np.int64], visits: int, even: bool
) -> Floats:
    draws = np.empty((trial.size, visits))
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        for visit in range(visits):
            if even:
                draws[row, visit] = uniform(key, _BOARD_UNIFORM, 0, visit)
            else:
                draws[row, visit] = uniform(key, _BOARD, 0, visit)
    return draws
