"""Running the tests a user asked for by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate, TestResult, plain
from debulk.survival.comparison.choices import CONTRASTS, RANK, TestChoice
from debulk.survival.comparison.sample import Sample
from debulk.survival.contrasts import curves_by_group, normal_estimate
from debulk.survival.groups import Groups
from debulk.survival.rank.logrank import rank_test
from debulk.survival.restricted import differences_of

_UNSTRATIFIED = "Not stratified: a difference between curves of all strata together."


@dataclass(frozen=True, eq=False)
class ChosenTest:
    """A test that was asked for, and its result.

    Attributes
    ----------
    choice : TestChoice
        As asked.
    name : str
        The test in words.
    result : TestResult or None
        One test of all groups, such as a rank test.
    contrasts : dict of str to Estimate
        Differences of each other group from the reference, each with its test.
    note : str
        What a reader must know.
    """

    choice: TestChoice
    name: str
    result: TestResult | None = None
    contrasts: dict[str, Estimate] = field(default_factory=dict)
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        found: dict[str, Any] = {"asked": self.choice.text, "test": self.name}
        if self.result is not None:
            kept = ("weighting", "alternative", "z", "correlation", "p_error")
            details = {key: self.result.details[key] for key in kept if key in self.result.details}
            numbers = ("statistic", "z", "df", "p")
            found |= {part: getattr(self.result, part) for part in numbers}
            found |= {"details": details}
        else:
            parts = ("estimate", "lower", "upper", "se", "p", "note")
            found["contrasts"] = {
                label: {part: getattr(each, part) for part in parts}
                for label, each in self.contrasts.items()
            }
        return plain({**found, "note": self.note})  # type: ignore[no-any-return]


def run_test(choice: TestChoice, sample: Sample, cause: int | None = None) -> ChosenTest:
    """Run one test.

    Parameters
    ----------
    choice : TestChoice
        As `read_test` gives it.
    sample : Sample
        With groups.
    cause : int, optional
        Cause of interest for Gray's test.

    Raises
    ------
    InputError
        If the sample does not allow it: weights for a rank test, more than two groups for
        MaxCombo, a time beyond a group's follow-up.
    """
    groups = sample.groups
    if groups is None:
        raise InputError("--test", f"{choice.text!r} compares groups", "Add --by COLUMN")
    if choice.kind == "gray":
        return _gray(choice, sample, cause)
    if choice.kind in RANK:
        refuse_weights(choice, sample)
        result = _rank(choice, sample, groups)
        return ChosenTest(choice, result.test, result)
    assert choice.kind in CONTRASTS
    note = _UNSTRATIFIED if sample.strata is not None else ""
    if choice.kind == "rmst":
        tau = choice.numbers[0]
        _, contrasts = differences_of(sample.subjects, groups, tau)
        name = f"difference in restricted mean survival time to {tau:g}"
    elif choice.kind == "milestone":
        at = choice.numbers[0]
        contrasts, name = _milestones(sample, groups, at), f"difference in survival at {at:g}"
    else:
        contrasts, name = _medians(choice, sample, groups), "difference in median survival"
    return ChosenTest(choice, name, None, contrasts, note)


def refuse_weights(choice: TestChoice, sample: Sample) -> None:
    """Refuse a rank test of a weighted sample.

    Raises
    ------
    InputError
        If the sample is weighted.
    """
    if sample.subjects.weights is not None:
        remedy = "Read the robust Wald test of the weighted Cox model, which is given instead"
        raise InputError("--test", f"{choice.text!r} does not take weights", remedy)


def _rank(choice: TestChoice, sample: Sample, groups: Groups) -> TestResult:
    if choice.kind == "max-combo":
        from debulk.survival.rank.max_combo import max_combo

        if groups.count != 2:
            found = f"'max-combo' compares two groups, not {groups.count}"
            raise InputError("--test", found, "Choose fh:0,1 or another, or keep two groups")

        subjects = sample.subjects
        labels = np.array(groups.labels)[groups.codes]
        return max_combo(
            subjects.time,
            subjects.event,
            labels,
            reference=groups.reference,
            strata=sample.strata,
            entry=subjects.entry,
        )
    return rank_test(sample.subjects, groups, sample.strata, _weighting(choice))


def _weighting(choice: TestChoice) -> Any:
    from debulk.survival.rank.weightings import EarlyZero, FlemingHarrington, ModestlyWeighted

    if choice.kind == "fh":
        return FlemingHarrington(*choice.numbers)
    if choice.kind == "modest":
        return ModestlyWeighted(t_star=choice.numbers[0])
    return EarlyZero(choice.numbers[0]) if choice.kind == "early-zero" else choice.kind


def _milestones(sample: Sample, groups: Groups, at: float) -> dict[str, Estimate]:
    """Differences in survival at a time, from the groups' curves, weighted where they are."""
    curves = curves_by_group(sample.subjects, groups)
    last = min(float(curve.time[-1]) for curve in curves)
    if at > last:
        found = f"{at:g} lies beyond {last:g}, the smallest last time of a group"
        raise InputError("--test milestone", found, f"Give a time up to {last:g}")
    values = [curve.estimate_at(at) for curve in curves]
    base = values[0]
    return {
        label: normal_estimate(
            f"survival at {at:g}, {label} minus {groups.reference}",
            other.estimate - base.estimate,
            float(np.hypot(_spread(other), _spread(base))),
            (other.n + base.n, other.events + base.events),
            0.95,
            "Difference of Kaplan-Meier survival; the groups' variances add; normal interval.",
        )
        for label, other in zip(groups.labels[1:], values[1:], strict=True)
    }


def _spread(survival: Estimate) -> float:
    """Standard error; a group that has lost everyone has survival 0 and none of its own."""
    return 0.0 if survival.estimate == 0 else survival.se


def _medians(choice: TestChoice, sample: Sample, groups: Groups) -> dict[str, Estimate]:
    from debulk.survival.medians import median_difference

    subjects = sample.subjects
    refuse_weights(choice, sample)
    if subjects.entry is not None:
        remedy = "Use --test milestone:T or rmst:TAU, which do"
        raise InputError("--test", f"{choice.text!r} does not take entry times", remedy)
    found = {}
    for code, label in enumerate(groups.labels[1:], start=1):
        here = (groups.codes == 0) | (groups.codes == code)
        names = np.where(groups.codes[here] == 0, groups.reference, label)
        found[label] = median_difference(
            subjects.time[here], subjects.event[here], names, reference=groups.reference
        )
    return found


def _gray(choice: TestChoice, sample: Sample, cause: int | None) -> ChosenTest:
    if cause is None or sample.cause is None:
        remedy = "Add --competing, or choose another test"
        raise InputError("--test", "'gray' compares incidences of competing causes", remedy)
    result = gray_of(sample, cause)
    return ChosenTest(choice, "Gray's test", result)


def gray_of(sample: Sample, cause: int) -> TestResult:
    """Gray's test of a sample whose causes compete.

    Raises
    ------
    InputError
        If it has weights or entry times, which the test does not take.
    """
    from debulk.survival.competing.gray import gray_test

    assert sample.groups is not None
    for name, given in (
        ("weights", sample.subjects.weights),
        ("entry times", sample.subjects.entry),
    ):
        if given is not None:
            remedy = "Read the cause-specific hazard ratio"
            raise InputError("--test", f"'gray' does not take {name}", remedy)
    return gray_test(
        sample.subjects.time,
        sample.cause,
        np.array(sample.groups.labels)[sample.groups.codes],
        cause_of_interest=cause,
        strata=sample.strata,
        reference=sample.groups.reference,
    )
