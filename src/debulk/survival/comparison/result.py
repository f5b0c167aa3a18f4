"""What is said about one table: curves or incidences, tests, ratios, differences, a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from debulk.core.provenance import Provenance
from debulk.core.results import Estimate, TestResult, plain
from debulk.survival.comparison.adjusted import AdjustedModel
from debulk.survival.comparison.competing import CompetingAnswer
from debulk.survival.comparison.landmark import FromLandmark
from debulk.survival.comparison.sample import Sample
from debulk.survival.comparison.tests import ChosenTest
from debulk.survival.comparison.times import TimeUnit
from debulk.survival.curves import SurvivalCurve
from debulk.survival.groups import Groups
from debulk.survival.subjects import Floats


@dataclass(frozen=True, eq=False)
class Comparison:
    """Survival in each group of a table, and the contrasts with the reference.

    Attributes
    ----------
    curves : dict of str to SurvivalCurve
        By group, the reference first; ``{"all": curve}`` without groups; empty where causes
        compete, since then survival without the event has no meaning.
    groups : Groups or None
        Labels and how the reference was found; None without groups.
    time_unit : str
        Unit of every time, as the user stated it.
    logrank : TestResult or None
        Test over all groups, stratified where there are strata; of the cause-specific hazard
        where causes compete; None without groups or with weights.
    hazard_ratios, rmst_differences : dict of str to Estimate
        Each other group against the reference; empty without groups, the differences also where
        causes compete.
    tau : float or None
        Horizon of the restricted means.
    times_at_risk : array
        Round times at which numbers at risk are shown.
    provenance : Provenance
        Input, parameters, exclusions, remarks.
    weighted_test : TestResult or None
        Robust Wald test that stands in for the log-rank test where there are weights.
    tests : tuple of ChosenTest
        Further tests that were asked for.
    adjusted : AdjustedModel or None
        Model with covariates.
    competing : CompetingAnswer or None
        Incidences, where causes compete.
    landmark : FromLandmark or None
        What a landmark did to the table.
    strata : tuple of str
        Columns of the strata.
    sample : Sample
        The checked arrays that all of it was made from.
    """

    curves: dict[str, SurvivalCurve]
    groups: Groups | None
    time_unit: TimeUnit
    logrank: TestResult | None
    hazard_ratios: dict[str, Estimate]
    rmst_differences: dict[str, Estimate]
    tau: float | None
    provenance: Provenance
    sample: Sample = field(repr=False)
    times_at_risk: list[float] = field(default_factory=list)
    weighted_test: TestResult | None = None
    tests: tuple[ChosenTest, ...] = ()
    adjusted: AdjustedModel | None = None
    competing: CompetingAnswer | None = None
    landmark: FromLandmark | None = None
    strata: tuple[str, ...] = ()

    @property
    def at_risk(self) -> dict[str, list[float]]:
        """Numbers still followed in each group at `times_at_risk`, or their weights."""
        return {
            label: [_count(each) for each in curve.at_risk_at(self.times_at_risk)]
            for label, curve in self.outlines.items()
        }

    @property
    def outlines(self) -> dict[str, Any]:
        """The curve of each group: of survival, or of the incidence of interest."""
        if self.competing is None:
            return dict(self.curves)
        cause = self.competing.cause
        return {label: curves[cause] for label, curves in self.competing.curves.items()}

    @property
    def group_column(self) -> str:
        """Column of the groups; empty without groups."""
        return self.sample.table.columns.get("group", "")

    def censored_times(self, label: str) -> Floats:
        """Distinct times at which follow-up in a group ended without any event, rising."""
        subjects = self.sample.of_group(self.sample.labels.index(label))
        return np.unique(subjects.time[~subjects.event])

    def time_to_half(self, label: str) -> tuple[float, float, float]:
        """Time by which half of a group have had the event, and its limits; NaN: not reached."""
        if self.competing is not None:
            return self.competing.reached(label)
        median = self.curves[label].quantile(0.5)
        return median.estimate, median.lower, median.upper

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``debulk survival --json``."""
        ratios = {label: _short(each) for label, each in self.hazard_ratios.items()}
        differences = {
            label: {"tau": self.tau, **_short(each)}
            for label, each in self.rmst_differences.items()
        }
        outlines = self.outlines
        result = {
            "n": sum(curve.n for curve in outlines.values()),
            "events": sum(curve.n_events for curve in outlines.values()),
            "time_unit": self.time_unit,
            "reference": None if self.groups is None else self.groups.reference,
            "reference_chosen_by": None if self.groups is None else self.groups.chosen_by,
            "groups": {label: self._group(label, curve) for label, curve in outlines.items()},
            "logrank": self.logrank and _short_test(self.logrank),
            "hazard_ratio": _only(ratios),
            "hazard_ratios": ratios,
            "rmst_difference": _only(differences),
            "rmst_differences": differences,
            "at_risk": {"times": self.times_at_risk, "groups": self.at_risk},
            "strata": list(self.strata),
            "tests": self._tests(),
            "adjusted": self.adjusted and self.adjusted.to_dict(),
            "competing": self.competing and self.competing.to_dict(),
            "landmark": self.landmark and plain(self.landmark),
            "provenance": self.provenance.to_dict(),
        }
        return plain(result)  # type: ignore[no-any-return]

    def _tests(self) -> list[dict[str, Any]]:
        found = [each.to_dict() for each in self.tests]
        if self.weighted_test is not None:
            note = "Rank tests do not take weights; this test is given instead of the log-rank."
            first = {"asked": None, "test": self.weighted_test.test}
            found.insert(0, {**first, **_short_test(self.weighted_test), "note": note})
        return found

    def _group(self, label: str, curve: Any) -> dict[str, Any]:
        half, lower, upper = self.time_to_half(label)
        return {
            "n": curve.n,
            "events": curve.n_events,
            "median": half,
            "lower": lower,
            "upper": upper,
        }


def _count(value: float) -> float:
    """A whole number as one."""
    return int(value) if float(value).is_integer() else float(value)


def _short(estimate: Estimate) -> dict[str, Any]:
    parts = ("estimate", "lower", "upper", "se", "p", "note")
    return {part: getattr(estimate, part) for part in parts}


def _short_test(test: TestResult) -> dict[str, Any]:
    return {part: getattr(test, part) for part in ("statistic", "z", "df", "p")}


def _only(estimates: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The estimate where there is one; with more, null: the caller reads the mapping by group."""
    return next(iter(estimates.values())) if len(estimates) == 1 else None
