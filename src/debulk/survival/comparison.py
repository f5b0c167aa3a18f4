"""Everything `debulk survival` says about one table: curves, tests, ratios, differences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from debulk import __version__
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import Estimate, TestResult, plain
from debulk.survival.curves import ConfType, SurvivalCurve, kaplan_meier
from debulk.survival.groups import Groups, read_groups
from debulk.survival.hazards import ratios_of
from debulk.survival.rank.logrank import rank_test
from debulk.survival.restricted import differences_of
from debulk.survival.subjects import Subjects, read_subjects
from debulk.survival.tables import FollowUpTable

TimeUnit = Literal["days", "months", "years", "as in the file"]

_STEPS: dict[str, tuple[float, ...]] = {
    "days": (7, 14, 30, 60, 90, 180, 365, 730, 1825),
    "months": (1, 2, 3, 6, 12, 24, 60, 120),
    "years": (0.5, 1, 2, 5, 10),
}
_MOST_TIMES = 9


@dataclass(frozen=True, eq=False)
class Comparison:
    """Survival in each group of a table, and the contrasts with the reference.

    Attributes
    ----------
    curves : dict of str to SurvivalCurve
        By group, the reference first; ``{"all": curve}`` without groups.
    groups : Groups or None
        Labels and how the reference was found; None without groups.
    time_unit : str
        Unit of every time, as the user stated it.
    logrank : TestResult or None
        Test over all groups.
    hazard_ratios, rmst_differences : dict of str to Estimate
        Each other group against the reference; empty without groups.
    tau : float or None
        Horizon of the restricted means.
    times_at_risk : array
        Round times at which numbers at risk are shown.
    provenance : Provenance
        Input, parameters, exclusions, remarks.
    """

    curves: dict[str, SurvivalCurve]
    groups: Groups | None
    time_unit: TimeUnit
    logrank: TestResult | None
    hazard_ratios: dict[str, Estimate]
    rmst_differences: dict[str, Estimate]
    tau: float | None
    provenance: Provenance
    times_at_risk: list[float] = field(default_factory=list)

    @property
    def at_risk(self) -> dict[str, list[int]]:
        """Numbers still followed in each group at `times_at_risk`."""
        return {
            label: [int(each) for each in curve.at_risk_at(self.times_at_risk)]
            for label, curve in self.curves.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``debulk survival --json``."""
        ratios = {label: _short(each) for label, each in self.hazard_ratios.items()}
        differences = {
            label: {"tau": self.tau, **_short(each)}
            for label, each in self.rmst_differences.items()
        }
        test = self.logrank
        result = {
            "n": sum(curve.n for curve in self.curves.values()),
            "events": sum(curve.n_events for curve in self.curves.values()),
            "time_unit": self.time_unit,
            "reference": None if self.groups is None else self.groups.reference,
            "reference_chosen_by": None if self.groups is None else self.groups.chosen_by,
            "groups": {label: _group(curve) for label, curve in self.curves.items()},
            "logrank": test
            and {"statistic": test.statistic, "z": test.z, "df": test.df, "p": test.p},
            "hazard_ratio": _only(ratios),
            "hazard_ratios": ratios,
            "rmst_difference": _only(differences),
            "rmst_differences": differences,
            "at_risk": {"times": self.times_at_risk, "groups": self.at_risk},
            "provenance": self.provenance.to_dict(),
        }
        return plain(result)  # type: ignore[no-any-return]


def compare(
    table: FollowUpTable,
    *,
    reference: Any = None,
    tau: float | None = None,
    time_unit: TimeUnit = "as in the file",
    conf_type: ConfType = "log-log",
) -> Comparison:
    """Estimate survival in each group of a table and compare the groups with the reference.

    Parameters
    ----------
    table : FollowUpTable
        As `read_table` or `example_table` gives it.
    reference : label, optional
        The reference group; by default the first level of an Enum or Categorical column, else
        the lowest number, else the first in sorted order.
    tau : float, optional
        Horizon of the restricted means; by default the smallest of the groups' last times.
    time_unit : {"days", "months", "years", "as in the file"}
        What the times are in; nothing is converted.
    conf_type : {"log-log", "log", "plain"}
        Scale of the curves' limits.

    Raises
    ------
    InputError
        If the reference is no group, or `tau` lies beyond a group's last time.
    """
    subjects = read_subjects(table.time, table.event, needs_event=True)
    groups = None
    if table.group is not None:
        groups = read_groups(table.group, subjects.n, reference=reference)
    codes = np.zeros(subjects.n, dtype=np.int64) if groups is None else groups.codes
    labels = ("all",) if groups is None else groups.labels
    curves = {}
    for code, label in enumerate(labels):
        here = subjects.subset(codes == code)
        curves[label] = kaplan_meier(here.time, here.event, conf_type=conf_type)
    horizon, test, ratios, differences = _contrasts(subjects, groups, tau)
    return Comparison(
        curves=curves,
        groups=groups,
        time_unit=time_unit,
        logrank=test,
        hazard_ratios=ratios,
        rmst_differences=differences,
        tau=horizon,
        provenance=_provenance(table, groups, tau, horizon, time_unit, conf_type),
        times_at_risk=round_times(float(subjects.time.max()), time_unit),
    )


def round_times(last: float, time_unit: TimeUnit) -> list[float]:
    """Round times from 0 up to `last`, at most nine, in steps that suit the unit."""
    if last <= 0:
        return [0.0]
    power = 10.0 ** np.floor(np.log10(last))
    plain_steps = tuple(power * each for each in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0))
    candidates = (*_STEPS.get(time_unit, ()), *plain_steps)
    steps = [step for step in candidates if last / step < _MOST_TIMES - 1 + 1e-9]
    own = [step for step in steps if step in _STEPS.get(time_unit, ()) and last / step >= 3]
    step = min(own or [each for each in steps if each in plain_steps])
    return [float(f"{k * step:.12g}") for k in range(int(last / step + 1e-9) + 1)]


def _contrasts(
    subjects: Subjects, groups: Groups | None, tau: float | None
) -> tuple[float | None, TestResult | None, dict[str, Estimate], dict[str, Estimate]]:
    if groups is None:
        return None, None, {}, {}
    horizon, differences = differences_of(subjects, groups, tau)
    test = rank_test(subjects, groups)
    return horizon, test, ratios_of(subjects, groups), differences


def _provenance(
    table: FollowUpTable,
    groups: Groups | None,
    tau: float | None,
    horizon: float | None,
    time_unit: TimeUnit,
    conf_type: ConfType,
) -> Provenance:
    parameters = [
        _option(f"column.{role}", column, not table.packaged)
        for role, column in table.columns.items()
    ]
    stated = time_unit != "as in the file" and not table.packaged
    parameters += [
        _option("time_unit", time_unit, stated),
        _option("conf_level", 0.95, False),
        _option("conf_type", conf_type, conf_type != "log-log"),
    ]
    if groups is not None:
        given = groups.chosen_by == "given"
        status: Literal["chosen", "default", "derived"] = "chosen" if given else "default"
        parameters.append(Parameter("reference", groups.reference, status, groups.chosen_by))
        parameters.append(_option("ties", "efron", False))
        if tau is not None:
            parameters.append(Parameter("tau", horizon, "chosen", "the call"))
        else:
            source = "the smallest of the groups' last times"
            parameters.append(Parameter("tau", horizon, "derived", source))
    return Provenance(
        version=__version__,
        inputs={table.name: table.sha256},
        parameters=tuple(parameters),
        exclusions=table.exclusions,
        remarks=table.remarks,
    )


def _option(name: str, value: Any, chosen: bool) -> Parameter:
    if chosen:
        return Parameter(name, value, "chosen", "the call")
    return Parameter(name, value, "default", "convention")


def _group(curve: SurvivalCurve) -> dict[str, Any]:
    median = curve.quantile(0.5)
    return {
        "n": curve.n,
        "events": curve.n_events,
        "median": median.estimate,
        "lower": median.lower,
        "upper": median.upper,
    }


def _short(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.estimate,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "se": estimate.se,
        "p": estimate.p,
        "note": estimate.note,
    }


def _only(estimates: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The estimate where there is one; with more, null: the caller reads the mapping by group."""
    return next(iter(estimates.values())) if len(estimates) == 1 else None
