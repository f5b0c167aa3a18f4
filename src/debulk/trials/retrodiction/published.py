"""What a trial published, in the form in which a prediction is held against it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from debulk.core.results import plain
from debulk.evidence import Finding, NotEnough, derived_interval, finding, published_result, studies
from debulk.evidence.record import findings_by_key
from debulk.protocols import Protocol
from debulk.survival.curves.limits import normal_width
from debulk.trials.retrodiction.spread import LEVEL

Measure = Literal["hazard_ratio", "median_ratio"]

ARMS = ("control", "experimental")

QUANTITIES: Mapping[str, str] = {
    "median_os_{arm}_months": "median survival, months",
    "median_pfs_{arm}_months": "median time to progression or death, months",
    "survival_36_{arm}": "alive at 3 years",
    "survival_60_{arm}": "alive at 5 years",
}
"""Quantities of an arm that are predicted: column of the table of trials, and title."""


@dataclass(frozen=True)
class Published:
    """A trial's published effect and what it printed of its arms.

    Attributes
    ----------
    measure : {"hazard_ratio", "median_ratio"}
        Ratio of the hazards of death, experimental / control; where none was printed, of the
        medians of survival, experimental / control, for which above 1 is longer.
    estimate, lower, upper : float or None
    interval : str
        Where the interval is from: "printed", what it is derived from, or why there is none.
    arms : mapping of str to float
        Published value by column of the table of trials; shares from 0 to 1.
    source : str
        How to cite it.
    remarks : tuple of str
    """

    measure: Measure
    estimate: float | None
    lower: float | None
    upper: float | None
    interval: str
    arms: Mapping[str, float]
    source: str
    remarks: tuple[str, ...]

    @property
    def log_width(self) -> float | None:
        """Width of the interval on the log scale."""
        if self.lower is None or self.upper is None:
            return None
        return math.log(self.upper / self.lower)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain({name: each for name, each in vars(self).items() if name != "arms"}))


@dataclass(frozen=True)
class Study:
    """A study as the table of studies has it: name and role."""

    name: str
    role: str


def study_of(protocol: Protocol) -> Study:
    """The study that a protocol is of: by the name it is published under, else by registration.

    Parameters
    ----------
    protocol : Protocol
        One that is in the table of studies under neither is a study of its own, role "planned".
    """
    for row in studies(table="trials").iter_rows(named=True):
        registered = set(row["registry"].split("|")) & set(protocol.registrations)
        same = row["study"].casefold() == protocol.published_as.casefold()
        if same or (registered and not protocol.published_as):
            return Study(row["study"], row["role"])
    return Study(protocol.name, "planned")


def published_of(study: str) -> Published | None:
    """The effect on survival that a trial published.

    Parameters
    ----------
    study : str
        As in the table of studies.

    Returns
    -------
    Published or None
        None if neither a hazard ratio nor both medians of survival were printed.
    """
    if study not in studies(table="trials")["study"].to_list():
        return None
    result = published_result(study)
    if result is None:
        return None
    medians = result.median_os_months
    arms = _arms(study, medians, result.median_pfs_months)
    about = (arms, result.source, result.remarks)
    if result.hazard_ratio is not None:
        lower, upper, interval = result.lower, result.upper, "printed"
        if lower is None or upper is None:
            lower, upper, interval = _derived(study)
        return Published("hazard_ratio", result.hazard_ratio, lower, upper, interval, *about)
    if not all(arm in medians for arm in ARMS):
        return None
    ratio = medians["experimental"] / medians["control"]
    lower, upper, interval = _of_medians(study, ratio)
    return Published("median_ratio", ratio, lower, upper, interval, *about)


def _derived(study: str) -> tuple[float | None, float | None, str]:
    """Interval of a hazard ratio printed without one."""
    try:
        return derived_interval(finding(f"trials:{study}/hr_os"))
    except NotEnough:
        return None, None, "none printed, and nothing to derive it from"


def _of_medians(study: str, ratio: float) -> tuple[float | None, float | None, str]:
    """Interval of a ratio of medians from the printed limits of both, taken as log-normal."""
    limits = [findings_by_key().get(f"trials:{study}/other_results#os-limits-{a}") for a in ARMS]
    variance = 0.0
    for each in limits:
        if each is None or each.lower is None or each.upper is None:
            return None, None, "none printed, and nothing to derive it from"
        variance += (math.log(each.upper / each.lower) / (2.0 * normal_width(LEVEL))) ** 2
    factor = math.exp(normal_width(LEVEL) * math.sqrt(variance))
    text = "derived from the printed limits of both medians, taken as log-normal and independent"
    return ratio / factor, ratio * factor, text


def _arms(
    study: str, medians: Mapping[str, float], medians_pfs: Mapping[str, float]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for arm in ARMS:
        for end, values in (("os", medians), ("pfs", medians_pfs)):
            if arm in values:
                found[f"median_{end}_{arm}_months"] = values[arm]
        for years, month in ((3, 36), (5, 60)):
            row: Finding | None = findings_by_key().get(f"trials:{study}/os_rates#{years}y-{arm}")
            if row is not None and row.value is not None:
                found[f"survival_{month}_{arm}"] = row.value / 100.0
    return found
