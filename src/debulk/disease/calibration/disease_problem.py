"""The disease model as a calibration problem: its priors, and its table of targets."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.disease.calibration.priors import FloatArray, make_priors
from debulk.disease.calibration.problem import Problem, ProblemTarget, Side
from debulk.disease.model import DiseaseModel, prior_model
from debulk.disease.parameters import parameter_entries
from debulk.disease.posterior import VERSION
from debulk.disease.structures import STRUCTURES, changes_of

if TYPE_CHECKING:
    from debulk.disease.targets.table import Target as PublishedTarget

DISCREPANCY: Mapping[str, float] = {"log": 0.05, "logit": 0.15}
"""Assumption: standard deviation of what no parameter set can reproduce, by scale: 5 % of a time or
ratio, about 4 points of a share of one half."""

DISCREPANCY_OF_ERRORS = 0.5
"""Assumption: the same on the plain scale, in standard errors of the target."""

SOFT = 2.0
"""Assumption: a target without evidence has that many times its standard error."""

UNKNOWN_ERROR = 0.1
"""Assumption: relative Monte Carlo error of a statistic that does not tell its own."""

PATIENTS = 600
"""Virtual patients in each cohort, for one parameter set."""


def disease_problem(
    *,
    targets: Path | None = None,
    patients: int = PATIENTS,
    discrepancies: Mapping[str, float] | None = None,
) -> Problem:
    """The disease model with its priors and targets.

    Parameters
    ----------
    targets : Path, optional
        A file of targets; the packaged one if left out.
    patients : int
        Virtual patients in each cohort, for one parameter set; at least 200.
    discrepancies : mapping of str to float, optional
        Standard deviation, on the scale of its targets, of what the model cannot reproduce, by
        group of targets; `DISCREPANCY` elsewhere.

    Raises
    ------
    InputError
        If the file does not fit, a row of evidence is not there for calibration, a group is not
        known, or the patients are too few.
    """
    from debulk.disease.targets.evaluation import check_target
    from debulk.disease.targets.table import load_targets

    if isinstance(patients, bool) or not isinstance(patients, int) or patients < 200:
        raise InputError("patients", f"{patients!r} is below 200", "Give 200 or more")
    table = load_targets(targets)
    for each in table:
        check_target(each)
    known = dict(discrepancies or {})
    unknown = sorted(set(known) - {each.group for each in table})
    if unknown:
        found = f"no group of targets is called {unknown[0]!r}"
        raise InputError("discrepancies", found, "Give groups of the table of targets")
    measured = Counter(_measured(each) for each in table)
    points = Counter(_curve(each) for each in table)
    return Problem(
        priors=make_priors(),
        targets=tuple(
            _target(each, known, measured[_measured(each)], points[_curve(each)]) for each in table
        ),
        simulate=DiseaseSimulator(table, patients),
        structures=tuple(STRUCTURES),
        fixed={
            name: tuple(set(changes_of(name)) & set(parameter_entries())) for name in STRUCTURES
        },
        patients=patients,
        identity=_identity(table),
    )


@dataclass(frozen=True)
class DiseaseSimulator:
    """Statistics of the targets at parameter values.

    Attributes
    ----------
    table : sequence of Target
        Of `debulk.disease.targets.table`.
    patients : int
        In each cohort.
    """

    table: Sequence[PublishedTarget]
    patients: int

    def __call__(
        self, values: FloatArray, structure: str, seed: int
    ) -> tuple[FloatArray, FloatArray]:
        """Statistics and Monte Carlo variances; see `debulk.disease.calibration.Problem`."""
        from debulk.disease.targets.evaluation import simulate_targets

        free = [name for name, entry in parameter_entries().items() if entry.free]
        given = {name: float(value) for name, value in zip(free, values, strict=True)}
        start = prior_model(structure)
        model = DiseaseModel(parameters={**start.parameters, **given}, structure=structure)
        found = simulate_targets(model, seed=seed, patients=self.patients, targets=self.table)
        statistics = self._within_horizon(found.values)
        errors = np.where(
            np.isfinite(found.errors), found.errors, UNKNOWN_ERROR * np.abs(statistics)
        )
        return statistics, errors**2

    def _within_horizon(self, values: FloatArray) -> FloatArray:
        """A median beyond the horizon counts as the horizon: the member is told where to go."""
        from debulk.disease.targets.cohorts import COHORTS, parts_of

        capped = values.copy()
        for row in np.flatnonzero(np.isposinf(values)).tolist():
            target = self.table[row]
            months = [
                COHORTS[part].horizon_months for part in parts_of(target.cohort) if part in COHORTS
            ]
            capped[row] = min(months) if months and target.unit == "months" else np.nan
        return capped


def _measured(published: PublishedTarget) -> tuple[Any, ...]:
    """What is measured in the model, whoever published it."""
    return published.cohort, published.arms, published.measure, published.months


_CURVES: Mapping[str, str] = {
    "median_os": "survival",
    "median_pfs": "progression",
    "recurrence_at": "progression",
    "median_recurrence": "progression",
    "new_lesion_at": "new lesions",
}


def _curve(published: PublishedTarget) -> tuple[Any, ...]:
    """The curve of one study's arm that a target is a point of; else the target alone."""
    measure = published.measure
    kind = _CURVES.get(measure)
    if measure.startswith("os_at"):
        kind = "survival"
    elif measure.startswith("pfs_at"):
        kind = "progression"
    if kind is None or not published.evidence:
        return (published.name,)
    study = published.evidence[0].split("/")[0]
    return study, published.cohort, published.arms, kind


def _target(
    published: PublishedTarget, discrepancies: Mapping[str, float], sources: int, points: int
) -> ProblemTarget:
    """A target, with the errors that it shares with others spread over them.

    Sources of one and the same quantity have errors of their own and one discrepancy: its variance
    times the number of sources makes that of their mean what it would be with one source. Points
    of one curve, being of the same patients, are taken to say together what one of them says:
    both variances times the number of points.
    """
    error = published.error() * (SOFT if published.soft else 1.0) * math.sqrt(points)
    usual = DISCREPANCY.get(published.scale, DISCREPANCY_OF_ERRORS * published.error())
    side: Side = "both"
    if published.one_sided:
        side = "above" if np.isfinite(published.lower) else "below"
    scale = published.scale
    assert scale in ("identity", "log", "logit")
    return ProblemTarget(
        name=published.name,
        group=published.group,
        value=_off_scale(published.centre(), scale),
        standard_deviation=error,
        discrepancy=float(discrepancies.get(published.group, usual)) * math.sqrt(sources * points),
        scale=scale,  # type: ignore[arg-type]
        side=side,
        evidence=tuple(published.evidence),
        note=published.assumption,
    )


def _off_scale(value: float, scale: str) -> float:
    if scale == "log":
        return float(np.exp(value))
    return float(1.0 / (1.0 + np.exp(-value))) if scale == "logit" else float(value)


def _identity(table: Sequence[PublishedTarget]) -> dict[str, Any]:
    """What results depend on besides: versions, the table, the parameters that are fixed."""
    rows = repr(tuple(table))
    fixed = repr([(each.name, each.value) for each in parameter_entries().values()])
    return {
        "model": VERSION,
        "debulk": __version__,
        "targets_sha256": hashlib.sha256(rows.encode()).hexdigest(),
        "parameters_sha256": hashlib.sha256(fixed.encode()).hexdigest(),
    }
