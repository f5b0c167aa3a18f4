"""Incidence of a cause in each group while other causes compete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate, TestResult, plain
from debulk.survival.comparison.ratios import TIME, enum_of, estimates_of
from debulk.survival.comparison.sample import Sample
from debulk.survival.comparison.tests import gray_of
from debulk.survival.groups import Groups

if TYPE_CHECKING:
    from debulk.survival.competing import IncidenceCurve

CAUSE = "(cause)"
"""Name of a frame's column of causes."""

Scale = Literal["log", "log-log", "plain"]
"""Scales on which limits of survival and of incidence are both made."""


@dataclass(frozen=True, eq=False)
class CompetingAnswer:
    """What is said about competing causes.

    Attributes
    ----------
    cause : int
        The cause of interest.
    curves : dict of str to dict of int to IncidenceCurve
        By group and cause.
    gray : TestResult or None
        Test of the cause's incidence over all groups; None without groups, and where entry times
        or weights rule it out.
    subdistribution : dict of str to Estimate
        Fine and Gray's hazard ratio of each other group against the reference.
    remarks : tuple of str
        What could not be given, and why.
    """

    cause: int
    curves: dict[str, dict[int, IncidenceCurve]]
    gray: TestResult | None
    subdistribution: dict[str, Estimate]
    remarks: tuple[str, ...] = ()

    @property
    def causes(self) -> list[int]:
        """Causes that occur, the one of interest first."""
        found = {int(cause) for curves in self.curves.values() for cause in curves}
        return [self.cause, *sorted(found - {self.cause})]

    def reached(self, group: str, share: float = 0.5) -> tuple[float, float, float]:
        """Time at which the incidence of interest reaches a share, and the limits of that time."""
        curve = self.curves[group][self.cause]
        times = [_first(curve.time, line, share) for line in (curve.incidence, curve.upper)]
        return times[0], times[1], _first(curve.time, curve.lower, share)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        test = self.gray
        parts = ("estimate", "lower", "upper", "se", "p", "note")
        found = {
            "cause": self.cause,
            "events_by_cause": {
                group: {cause: curves[cause].n_events for cause in self.causes}
                for group, curves in self.curves.items()
            },
            "final_incidence": {
                group: {cause: curves[cause].incidence[-1] for cause in self.causes}
                for group, curves in self.curves.items()
            },
            "gray": test and {"statistic": test.statistic, "z": test.z, "df": test.df, "p": test.p},
            "subdistribution_hazard_ratios": {
                group: {part: getattr(each, part) for part in parts}
                for group, each in self.subdistribution.items()
            },
            "remarks": list(self.remarks),
        }
        return plain(found)  # type: ignore[no-any-return]


def answer_competing(sample: Sample, cause: int, conf_type: Scale = "log-log") -> CompetingAnswer:
    """Incidence curves of all causes, Gray's test, and Fine and Gray's ratio of the groups.

    Parameters
    ----------
    sample : Sample
        With causes.
    cause : int
        The cause of interest.
    conf_type : {"log-log", "log", "plain"}
        Scale of the curves' limits.

    Raises
    ------
    InputError
        As the estimators do.
    """
    from debulk.survival.competing import cumulative_incidence

    subjects, groups = sample.subjects, sample.groups
    labels = None if groups is None else np.array(groups.labels)[groups.codes]
    found = cumulative_incidence(
        subjects.time,
        sample.cause,
        group=labels,
        entry=subjects.entry,
        weights=subjects.weights,
        conf_type=conf_type,
    )
    curves = {label: dict(found[label]) for label in sample.labels}
    remarks = []
    gray: TestResult | None = None
    ratios: dict[str, Estimate] = {}
    if groups is not None:
        obstacle = _obstacle_to_test(sample)
        if obstacle:
            remarks.append(f"No Gray's test: it does not take {obstacle}.")
        else:
            gray = gray_of(sample, cause)
        if sample.is_plain:
            ratios, reason = _group_ratios(sample, groups, cause)
            remarks += [reason] if reason else []
        else:
            remarks.append(
                "No subdistribution hazard ratio: Fine and Gray's model is not offered with "
                f"{obstacle or 'strata'}."
            )
    assert sample.cause is not None
    if not np.any((sample.cause > 0) & (sample.cause != cause)):
        remarks.append(f"No other cause than {cause} occurs, so nothing competes.")
    return CompetingAnswer(cause, curves, gray, ratios, tuple(remarks))


def subdistribution_ratios(
    sample: Sample,
    cause: int,
    *,
    columns: dict[str, Any],
    covariates: Sequence[str] | None = None,
    formula: str | None = None,
) -> dict[str, Estimate]:
    """Fine and Gray's hazard ratios by term (1999, JASA 94:496).

    Parameters
    ----------
    sample : Sample
        With causes, without strata, entry times and weights.
    cause : int
        The cause of interest.
    columns : dict of str to Series
        Covariates by name.
    covariates, formula
        As for `fine_gray`.

    Raises
    ------
    InputError
        As `fine_gray`.
    """
    from debulk.survival.competing import fine_gray

    frame = {**columns, TIME: sample.subjects.time, CAUSE: sample.cause}
    chosen = None if covariates is None else list(covariates)
    model = fine_gray(
        frame,
        time=TIME,
        cause=CAUSE,
        covariates=chosen,
        formula=formula,
        cause_of_interest=cause,
    )
    note = "Fine and Gray; se of the log; Wald interval and test."
    return estimates_of(model, sample, note, "subdistribution hazard ratio")


def _group_ratios(sample: Sample, groups: Groups, cause: int) -> tuple[dict[str, Estimate], str]:
    """Subdistribution hazard ratio of each other group; or none, and why."""
    column = sample.table.columns["group"]
    columns = {column: enum_of(groups)}
    try:
        terms = subdistribution_ratios(sample, cause, columns=columns, covariates=[column])
    except InputError as error:
        # A likelihood without a maximum is no reason to hold back curves and tests.
        return {}, f"No subdistribution hazard ratio: {error.found}."
    return {label: terms[f"{column}[T.{label}]"] for label in groups.labels[1:]}, ""


def _obstacle_to_test(sample: Sample) -> str:
    """What rules out Gray's test; empty where nothing does."""
    if sample.subjects.weights is not None:
        return "weights"
    return "entry times" if sample.subjects.entry is not None else ""


def _first(times: Any, line: Any, share: float) -> float:
    """First time at which a rising line reaches a share; NaN where it does not."""
    there = np.flatnonzero(np.nan_to_num(line, nan=-1.0) >= share)
    return float(times[there[0]]) if there.size else float("nan")
