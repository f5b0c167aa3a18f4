"""From a table and what was asked to everything that is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from debulk.core.results import Estimate, TestResult
from debulk.survival.comparison.adjusted import adjust
from debulk.survival.comparison.adjustment import Adjustment
from debulk.survival.comparison.choices import TestChoice
from debulk.survival.comparison.competing import CompetingAnswer, Scale, answer_competing
from debulk.survival.comparison.landmark import FromLandmark, from_landmark
from debulk.survival.comparison.ratios import GroupRatios, group_ratios
from debulk.survival.comparison.record import Asked, provenance_of
from debulk.survival.comparison.result import Comparison
from debulk.survival.comparison.sample import Sample, read_sample
from debulk.survival.comparison.tests import run_test
from debulk.survival.comparison.times import TimeUnit, round_times
from debulk.survival.curves import curve_of
from debulk.survival.rank.logrank import rank_test
from debulk.survival.restricted import differences_of
from debulk.survival.tables import FollowUpTable


def compare(
    table: FollowUpTable,
    *,
    reference: Any = None,
    tau: float | None = None,
    time_unit: TimeUnit = "as in the file",
    conf_type: Scale = "log-log",
    tests: Sequence[TestChoice] = (),
    landmark: float | None = None,
    adjustment: Adjustment | None = None,
    cause: int = 1,
    firth: bool = False,
) -> Comparison:
    """Estimate survival in each group of a table and compare the groups with the reference.

    Parameters
    ----------
    table : FollowUpTable
        As `read_table` or `example_table` gives it. Its entry times, weights and strata are used
        throughout; where it holds causes, incidence takes the place of survival.
    reference : label, optional
        The reference group; by default the first level of an Enum or Categorical column, else
        the lowest number, else the first in sorted order.
    tau : float, optional
        Horizon of the restricted means; by default the smallest of the groups' last times.
    time_unit : {"days", "months", "years", "as in the file"}
        What the times are in; nothing is converted.
    conf_type : {"log-log", "log", "plain"}
        Scale of the curves' limits.
    tests : sequence of TestChoice
        Further tests, as `read_test` reads them.
    landmark : float, optional
        Only those still followed then count, with times from there.
    adjustment : Adjustment, optional
        Covariates of a model, as `read_adjustment` reads them; the table must hold them.
    cause : int
        The cause of interest, where the table holds causes.
    firth : bool
        Whether the model with covariates maximises Firth's penalised likelihood.

    Raises
    ------
    InputError
        If the reference is no group, `tau` lies beyond a group's last time, nobody has the event
        of interest, or a test or model does not go with the table.
    """
    asked = Asked(
        reference, tau, time_unit, conf_type, tuple(tests), landmark, adjustment, cause, firth
    )
    moved: FromLandmark | None = None
    if landmark is not None:
        table, moved = from_landmark(table, landmark)
    sample = read_sample(table, reference, cause)
    competing, curves = None, {}
    if table.cause is not None:
        competing = answer_competing(sample, cause, conf_type)
    else:
        curves = {
            label: curve_of(sample.of_group(position), conf_type=conf_type)
            for position, label in enumerate(sample.labels)
        }
    horizon, test, ratios, differences = _contrasts(sample, tau, competing)
    adjusted = None
    if adjustment is not None:
        adjusted = adjust(sample, adjustment, asked.cause_of(table), firth=firth)
    return Comparison(
        curves=curves,
        groups=sample.groups,
        time_unit=time_unit,
        logrank=test,
        hazard_ratios=ratios.estimates,
        rmst_differences=differences,
        tau=horizon,
        provenance=provenance_of(sample, asked, horizon, adjusted),
        sample=sample,
        times_at_risk=round_times(float(sample.subjects.time.max()), time_unit),
        weighted_test=ratios.wald,
        tests=tuple(run_test(each, sample, asked.cause_of(table)) for each in tests),
        adjusted=adjusted,
        competing=competing,
        landmark=moved,
        strata=tuple(table.strata),
    )


def _contrasts(
    sample: Sample, tau: float | None, competing: CompetingAnswer | None
) -> tuple[float | None, TestResult | None, GroupRatios, dict[str, Estimate]]:
    """Horizon, log-rank test, hazard ratios and differences in restricted means."""
    if sample.groups is None:
        return None, None, GroupRatios({}), {}
    horizon: float | None = None
    differences: dict[str, Estimate] = {}
    if competing is None:
        horizon, differences = differences_of(sample.subjects, sample.groups, tau)
    test = None
    if sample.subjects.weights is None:
        test = rank_test(sample.subjects, sample.groups, sample.strata)
    return horizon, test, group_ratios(sample), differences
