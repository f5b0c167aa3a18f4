"""The targets measured in the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.model import DiseaseModel
from debulk.disease.targets.cohorts import COHORTS, NOT_FOLLOWED, UNIONS, parts_of
from debulk.disease.targets.measures import MEASURES
from debulk.disease.targets.natural import (
    ADJUVANT_ARMS,
    ARRIVAL_MEASURES,
    CENSUS_MEASURES,
    Arrivals,
    Everyone,
    arrivals,
    everyone,
)
from debulk.disease.targets.pool import draw_pool
from debulk.disease.targets.runs import BLOCKS, Run, follow, union
from debulk.disease.targets.table import Target, load_targets, target_named

Floats = npt.NDArray[np.float64]

PATIENTS = 20_000
"""Virtual patients in each cohort unless asked otherwise."""

DRAWS = 20
"""Draws of the posterior that share them."""

_LEAST_PATIENTS = 10 * BLOCKS
_MEDIAN_ERROR = math.sqrt(math.pi / 2.0)  # of a median relative to a mean's, normal draws
_CENSUS = "census"
_LOW, _HIGH = 0.05, 0.95


_Sample = Everyone | Arrivals | Run


@dataclass(frozen=True)
class Simulated:
    """Every target measured in one model.

    Attributes
    ----------
    values : float64[targets]
        Of one parameter set the measure in all patients; of a posterior the median over its
        draws. NaN where it cannot be measured; infinite where a median lies beyond the horizon.
    errors : float64[targets]
        Monte Carlo standard errors: from blocks of patients, or from the draws.
    lower, upper : float64[targets]
        Central 90 % over the draws of the posterior; the value itself with one set.
    patients : int64[targets]
        In the cohort of each.
    unfilled : dict of str to int
        Cohorts that were too rare, with the patients they were short of.
    births : int
        People with bowel cancer lived through for all.
    """

    values: Floats
    errors: Floats
    lower: Floats
    upper: Floats
    patients: npt.NDArray[np.int64]
    unfilled: dict[str, int]
    births: int


@dataclass(frozen=True)
class TargetResult:
    """One target and what the model gives.

    Attributes
    ----------
    target : Target
    simulated, monte_carlo_se : float
    lower, upper : float
        Central 90 % over the posterior.
    patients : int
    """

    target: Target
    simulated: float
    monte_carlo_se: float
    lower: float
    upper: float
    patients: int

    @property
    def inside(self) -> bool:
        """Whether it lies inside the interval of its target."""
        return self.target.contains(self.simulated)

    @property
    def distance(self) -> float:
        """Distance from the published value in standard errors of the target, on its scale."""
        return self.target.distance(self.simulated)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text; what cannot be measured is None, and so is an open limit."""
        about = self.target.to_dict()
        return {
            "name": self.target.name,
            "title": self.target.title,
            "theme": self.target.theme,
            "evidence_ids": list(self.target.evidence),
            "assumption": self.target.assumption or None,
            "soft": self.target.soft,
            "unit": self.target.unit,
            "published": about["published"],
            "centre": about["centre"],
            "lower": about["lower"],
            "upper": about["upper"],
            "interval": self.target.interval,
            "rule": self.target.rule,
            "simulated": _finite(self.simulated),
            "monte_carlo_se": _finite(self.monte_carlo_se),
            "simulated_lower": _finite(self.lower),
            "simulated_upper": _finite(self.upper),
            "patients": self.patients,
            "inside": self.inside,
        }


@dataclass(frozen=True)
class TargetEvaluation:
    """All targets with what the model gives.

    Attributes
    ----------
    results : tuple of TargetResult
    seed, patients, draws : int
        Patients are those wanted in each cohort, over all draws.
    births : int
    unfilled : dict of str to int
    sha256 : str or None
        Of the posterior; None with one parameter set.
    structure : str
    """

    results: tuple[TargetResult, ...]
    seed: int
    patients: int
    draws: int
    births: int
    unfilled: dict[str, int]
    sha256: str | None
    structure: str

    @property
    def inside_share(self) -> float:
        """Share inside among the targets that count as evidence; NaN if there is none."""
        counted = [each.inside for each in self.results if not each.target.soft]
        return sum(counted) / len(counted) if counted else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        counted = [each for each in self.results if not each.target.soft]
        return {
            "targets": [each.to_dict() for each in self.results],
            "inside_share": _finite(self.inside_share),
            "inside": sum(each.inside for each in counted),
            "counted": len(counted),
            "posterior": {"draws": self.draws, "sha256": self.sha256, "structure": self.structure},
            "patients": self.patients,
            "seed": self.seed,
            "births": self.births,
            "unfilled": self.unfilled,
        }


def evaluate_targets(
    model: DiseaseModel,
    *,
    seed: int = 1,
    patients: int = PATIENTS,
    only: Collection[str] | None = None,
    targets: Sequence[Target] | None = None,
    draws: int = DRAWS,
    progress: Callable[[float], None] | None = None,
) -> TargetEvaluation:
    """Measure the targets in a model, beside their published numbers.

    Parameters
    ----------
    model : DiseaseModel
        With a posterior, its first draws share the patients and what is shown is their median.
    seed : int
        0 or above; the same seed gives the same virtual persons to every model.
    patients : int
        Virtual patients in each cohort, over all draws; at least 200.
    only : collection of str, optional
        Names of the targets wanted.
    targets : sequence of Target, optional
        The packaged ones if left out.
    draws : int
        Most draws of the posterior that are used.
    progress : callable, optional
        Called with the share of the work that is done.

    Raises
    ------
    InputError
        If a number is out of its range, or a name unknown.
    """
    table = tuple(load_targets() if targets is None else targets)
    if only is not None:
        wanted = {target_named(name, table).name for name in only}
        table = tuple(each for each in table if each.name in wanted)
    used = model
    if model.posterior is not None:
        used = model.with_draws(min(draws, model.draws, max(1, patients // _LEAST_PATIENTS)))
    found = simulate_targets(used, seed=seed, patients=patients, targets=table, progress=progress)
    results = tuple(
        TargetResult(
            target,
            simulated=float(found.values[row]),
            monte_carlo_se=float(found.errors[row]),
            lower=float(found.lower[row]),
            upper=float(found.upper[row]),
            patients=int(found.patients[row]),
        )
        for row, target in enumerate(table)
    )
    return TargetEvaluation(
        results,
        seed=seed,
        patients=patients,
        draws=used.draws,
        births=found.births,
        unfilled=found.unfilled,
        sha256=None if model.posterior is None else model.posterior.sha256,
        structure=model.structure if model.posterior is None else "as drawn",
    )


def simulate_targets(
    model: DiseaseModel,
    *,
    seed: int,
    patients: int,
    targets: Sequence[Target],
    progress: Callable[[float], None] | None = None,
) -> Simulated:
    """Measure targets in a model: the core of `evaluate_targets`, for calibration too.

    Natural histories and courses draw from the same random numbers whatever the parameters: two
    models differ by their parameters, not by their patients.

    Parameters
    ----------
    model : DiseaseModel
    seed : int
    patients : int
        In each cohort, over all draws of the posterior.
    targets : sequence of Target
    progress : callable, optional
        Called with the share of the work that is done.

    Raises
    ------
    InputError
        If a number is out of its range, or a target asks for what does not exist.
    """
    _check(seed, patients)
    for target in targets:
        check_target(target)
    needed = _needed_arms(targets)
    tell = progress or (lambda share: None)
    natural = any(each.cohort in ("presenters", "lesions") for each in targets)
    pool = draw_pool(
        model,
        seed=seed,
        patients=patients,
        cohorts=needed,
        everyone=natural,
        progress=lambda share: tell(0.4 * share),
    )
    samples: dict[str, _Sample] = {}
    if natural:
        samples["presenters"] = samples["lesions"] = arrivals(model, pool)
    census_arms = {arm for each in targets if each.cohort == _CENSUS for arm in each.arms}
    if census_arms:
        samples[_CENSUS] = everyone(model, seed=seed, patients=patients, arms=census_arms)
    for place, (name, arms) in enumerate(needed.items()):
        samples[name] = follow(model, COHORTS[name], pool.strata.pop(name), seed=seed, arms=arms)
        tell(0.4 + 0.5 * (place + 1) / len(needed))
    for name in {each.cohort for each in targets} & set(UNIONS):
        samples[name] = union([_run_of(samples, part) for part in UNIONS[name]])
    blocks = model.draws if model.draws > 1 else BLOCKS
    cuts = {name: _cut(sample, blocks) for name, sample in samples.items()}
    rows = np.array([_measured(each, cuts[each.cohort], model.draws > 1) for each in targets])
    rows = rows.reshape(len(targets), 5)
    tell(1.0)
    return Simulated(
        values=rows[:, 0],
        errors=rows[:, 1],
        lower=rows[:, 2],
        upper=rows[:, 3],
        patients=rows[:, 4].astype(np.int64),
        unfilled=pool.unfilled,
        births=pool.births,
    )


def check_target(target: Target) -> None:
    """See that a target's cohort, arms and measure exist.

    Raises
    ------
    InputError
        Otherwise.
    """
    where = f"targets, {target.name}"
    parts = parts_of(target.cohort)
    known = {_CENSUS: CENSUS_MEASURES, "presenters": ARRIVAL_MEASURES, "lesions": ARRIVAL_MEASURES}
    if target.measure not in known.get(target.cohort, MEASURES):
        found = f"{target.measure!r} is not measured in the cohort {target.cohort!r}"
        raise InputError(where, found, "See debulk.disease.targets.measures")
    allowed = set(ADJUVANT_ARMS) if target.cohort == _CENSUS else set()
    for part in parts:
        allowed |= set(COHORTS[part].arms)
    for arm in target.arms:
        if arm not in allowed:
            found = f"the cohort {target.cohort!r} has no arm {arm!r}"
            raise InputError(where, found, f"Give one of {', '.join(sorted(allowed))}")
    if target.cohort not in ("presenters", "lesions") and not target.arms:
        raise InputError(where, "has no arm", f"Give one of {', '.join(sorted(allowed))}")


def _check(seed: int, patients: int) -> None:
    if seed < 0:
        raise InputError("seed", f"{seed} is below 0", "Give 0 or more")
    if patients < _LEAST_PATIENTS:
        found = f"{patients} is below {_LEAST_PATIENTS}"
        raise InputError("patients", found, f"Give {_LEAST_PATIENTS} or more")


def _needed_arms(targets: Sequence[Target]) -> dict[str, set[str]]:
    """Cohorts that have to be followed, in the order of `COHORTS`, with their arms."""
    needed: dict[str, set[str]] = {}
    for name in COHORTS:
        for each in targets:
            if each.cohort not in NOT_FOLLOWED and name in parts_of(each.cohort):
                needed.setdefault(name, set()).update(each.arms)
    return needed


def _run_of(samples: dict[str, _Sample], name: str) -> Run:
    run = samples[name]
    assert isinstance(run, Run)
    return run


def _cut(sample: _Sample, blocks: int) -> list[_Sample]:
    """All of a sample, then each of its blocks."""
    return [sample.rows(0, blocks), *(sample.rows(each, each + 1) for each in range(blocks))]


def _measure(target: Target, part: _Sample) -> float:
    months = math.nan if target.months is None else target.months
    if isinstance(part, Everyone):
        return CENSUS_MEASURES[target.measure](part, target.arms, months)
    if isinstance(part, Arrivals):
        return ARRIVAL_MEASURES[target.measure](part, target.arms, months)
    return MEASURES[target.measure](part, target.arms, months)


def _measured(
    target: Target, cut: list[_Sample], posterior: bool
) -> tuple[float, float, float, float, float]:
    """Value, Monte Carlo error, 5 % and 95 % over draws, patients."""
    by_block = np.array([_measure(target, part) for part in cut[1:]])
    blocks = by_block.size
    count = float(cut[0].block.size)
    finite = by_block[np.isfinite(by_block)]
    spread = float(np.std(finite, ddof=1)) if finite.size > 1 else math.nan
    if posterior:
        value = float(np.median(by_block)) if not np.isnan(by_block).any() else math.nan
        low, high = np.quantile(finite, (_LOW, _HIGH)) if finite.size else (math.nan, math.nan)
        return value, _MEDIAN_ERROR * spread / math.sqrt(blocks), float(low), float(high), count
    value = _measure(target, cut[0])
    return value, spread / math.sqrt(blocks), value, value, count


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
