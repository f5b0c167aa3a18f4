"""How far the strengths of the mechanisms decide the hazard ratio: Sobol indices.

The first-order index of a strength is the share of the variance of the log hazard ratio that is due
to it alone, the total index the share that is due to it with everything it acts together with. The
samples are Saltelli's, the estimators those of SALib, the intervals a bootstrap over the samples.
Patients and random numbers are the same at every point, so that the hazard ratio is a function of
the strengths and carries no noise of its own.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.disease.mechanisms import LARGEST_STRENGTH
from debulk.trials.mechanisms.contrasts import pooled_log_ratio
from debulk.trials.mechanisms.counterfactual import follow_pool

if TYPE_CHECKING:
    from types import ModuleType

    import numpy.typing as npt

    from debulk.disease import DiseaseModel
    from debulk.trials.mechanisms.pool import PatientPool

    Floats = npt.NDArray[np.float64]

LEAST_SAMPLES, MOST_SAMPLES = 8, 65_536
LEAST_PATIENTS = 50

STRONGEST = 2.0
"""Upper end of the strengths sampled; 1 where a strength is a share."""

_RESAMPLES = 200
_LEVEL = 0.95


@dataclass(frozen=True)
class SobolIndex:
    """First-order and total index of one strength, with the half-widths of their 95 % intervals."""

    mechanism: str
    highest: float
    first: float
    first_half_width: float
    total: float
    total_half_width: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values; intervals are not cut at 0 and 1."""
        content: dict[str, Any] = plain(
            {
                "mechanism": self.mechanism,
                "strengths": [0.0, self.highest],
                "first": self.first,
                "first_interval": _around(self.first, self.first_half_width),
                "total": self.total,
                "total_interval": _around(self.total, self.total_half_width),
            }
        )
        return content


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of the log hazard ratio.

    Attributes
    ----------
    samples, evaluations : int
        Base samples, and points at which both arms were followed.
    patients, draws : int
        Followed at each point.
    indices : tuple of SobolIndex
        Highest total index first.
    log_ratio_mean, log_ratio_sd : float
        Over the points.
    below_1 : float
        Share of the points with a hazard ratio below 1.
    """

    samples: int
    evaluations: int
    patients: int
    draws: int
    indices: tuple[SobolIndex, ...]
    log_ratio_mean: float
    log_ratio_sd: float
    below_1: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        content: dict[str, Any] = plain(
            {
                "of": "log hazard ratio",
                "samples": self.samples,
                "evaluations": self.evaluations,
                "patients": self.patients,
                "draws": self.draws,
                "confidence": _LEVEL,
                "log_hazard_ratio": {"mean": self.log_ratio_mean, "sd": self.log_ratio_sd},
                "points_below_1": self.below_1,
                "indices": [each.to_dict() for each in self.indices],
            }
        )
        return content


def check_sobol(samples: int, patients: int) -> None:
    """Refuse what no indices can be found with, before anything is computed.

    Raises
    ------
    InputError
        If `samples` is no power of 2 in its range, there are too few patients, or SALib is not
        installed.
    """
    power = samples > 0 and samples & (samples - 1) == 0
    if not power or not LEAST_SAMPLES <= samples <= MOST_SAMPLES:
        found = f"found {samples}, no power of 2 from {LEAST_SAMPLES} to {MOST_SAMPLES:,}"
        raise InputError("sobol_samples", found, "Give for instance 64, 128 or 256")
    if patients < LEAST_PATIENTS:
        raise InputError("sobol_patients", f"found {patients}", f"Give {LEAST_PATIENTS} or more")
    _salib()


def sobol_of(
    pool: PatientPool,
    model: DiseaseModel,
    names: Sequence[str],
    samples: int,
    patients: int,
    progress: Callable[[int, int], None] | None = None,
) -> Sobol:
    """Find the Sobol indices of the strengths of some mechanisms.

    Strengths are taken as independent and uniform from 0 to `STRONGEST` (from 0 to 1 where they are
    shares), which is an assumption: an index says what matters over that range.

    Parameters
    ----------
    pool : PatientPool
    model : DiseaseModel
        Strengths of the mechanisms not named stay as it has them.
    names : sequence of str
        Mechanisms, at least one.
    samples : int
        Base samples, a power of 2; the arms are followed at ``samples * (mechanisms + 2)`` points.
    patients : int
        Of the pool, in equal numbers for each draw.
    progress : callable, optional
        Called with the points done and the points wanted.

    Raises
    ------
    InputError
        As `check_sobol`, and if at some point too few patients die for a hazard ratio.
    """
    check_sobol(samples, patients)
    highest = [min(STRONGEST, LARGEST_STRENGTH[name]) for name in names]
    few = pool.first(patients)
    values = np.empty(samples * (len(names) + 2))

    def evaluate(points: Floats) -> Floats:
        for row, point in enumerate(points):
            strengths = {name: float(x) for name, x in zip(names, point, strict=True)}
            values[row] = pooled_log_ratio(follow_pool(few, model.with_strengths(strengths)))
            if not math.isfinite(values[row]):
                raise InputError(
                    "sobol_patients",
                    f"of {len(few)} patients too few die for a hazard ratio at some strengths",
                    "Give more patients",
                )
            if progress:
                progress(row + 1, len(points))
        return values

    first, total = indices_of(evaluate, highest, samples, pool.settings.seed)
    found = [
        SobolIndex(
            name, highest[k], float(first[0, k]), float(first[1, k]), *map(float, total[:, k])
        )
        for k, name in enumerate(names)
    ]
    return Sobol(
        samples=samples,
        evaluations=values.size,
        patients=len(few),
        draws=few.draws,
        indices=tuple(sorted(found, key=lambda each: -each.total)),
        log_ratio_mean=float(values.mean()),
        log_ratio_sd=float(values.std(ddof=1)),
        below_1=float((values < 0.0).mean()),
    )


def indices_of(
    evaluate: Callable[[Floats], Floats], highest: Sequence[float], samples: int, seed: int
) -> tuple[Floats, Floats]:
    """First-order and total indices of a function of independent uniform numbers from 0.

    Parameters
    ----------
    evaluate : callable
        From points, float64[rows, k], to values.
    highest : sequence of float
        Upper end of each number.
    samples, seed : int

    Returns
    -------
    first, total : float64[2, k]
        The indices, and the half-widths of their 95 % intervals. A function that never changes has
        indices of 0.
    """
    _salib()
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = {
        "num_vars": len(highest),
        "names": [f"x{number}" for number in range(len(highest))],
        "bounds": [[0.0, end] for end in highest],
    }
    # Seeds beyond 32 bits are none to NumPy's older generator, which SALib uses.
    small = seed % 2**32
    points = sampling.sample(problem, samples, calc_second_order=False, seed=small)
    values = evaluate(points)
    if float(np.ptp(values)) == 0.0:
        return np.zeros((2, len(highest))), np.zeros((2, len(highest)))
    with warnings.catch_warnings():
        # A strength without any effect divides 0 by 0 in some bootstrap samples.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = analysis.analyze(
            problem,
            values,
            calc_second_order=False,
            num_resamples=_RESAMPLES,
            conf_level=_LEVEL,
            seed=small,
        )
    first = np.array([found["S1"], found["S1_conf"]], dtype=np.float64)
    return first, np.array([found["ST"], found["ST_conf"]], dtype=np.float64)


def _salib() -> ModuleType:
    try:
        import SALib
    except ModuleNotFoundError:
        raise InputError(
            "Sobol indices",
            "SALib is not installed",
            "Install it (pip install 'debulk[sensitivity]'), or leave the indices out",
        ) from None
    module: ModuleType = SALib
    return module


def _around(value: float, half_width: float) -> list[float]:
    return [value - half_width, value + half_width]
