"""In whom: the effect by what is known of a patient at randomisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.trials.estimands.contrast import jackknife_error
from debulk.trials.mechanisms.contrasts import log_ratios, mean_gain
from debulk.trials.recruitment.run_in import RESPONSES, cohort_after_run_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from debulk.trials.mechanisms.counterfactual import BothArms
    from debulk.trials.mechanisms.pool import PatientPool

    Bools = npt.NDArray[np.bool_]

_FEATURES = ("lesions", "organs_involved", "treatable_share", "extent_k4")
_RESPONSE_WORDS = {
    "CR": "complete response",
    "PR": "partial response",
    "SD": "stable disease",
    "PD": "progression",
}
_EXTENTS = ("liver_only", "oligometastatic", "other_metastatic", "multi_organ")


@dataclass(frozen=True)
class Subgroup:
    """The effect among some of the patients.

    Attributes
    ----------
    feature, level : str
        What they have in common.
    patients : int
    hazard_ratio, monte_carlo_error : float
        NaN where too few die.
    rmst_difference_months, rmst_error_months : float
    """

    feature: str
    level: str
    patients: int
    hazard_ratio: float
    monte_carlo_error: float
    rmst_difference_months: float
    rmst_error_months: float


def subgroups_of(pool: PatientPool, arms: BothArms) -> tuple[Subgroup, ...]:
    """Contrast both arms by lesions, organs, share treatable, response and extent.

    Parameters
    ----------
    pool : PatientPool
    arms : BothArms
        Its patients in both arms.
    """
    run_in = pool.run_in.take(arms.row)
    settings = pool.settings
    cohort = cohort_after_run_in(run_in, settings.run_in_months)
    table = cohort.features(moment="now", only=list(_FEATURES), modalities=settings.modalities)
    response = np.array([word or "" for word in RESPONSES])[run_in.response]
    return tuple(
        _subgroup(feature, level, arms, chosen)
        for feature, level, chosen in _levels(table, response)
        if chosen.any()
    )


def _levels(
    table: pl.DataFrame, response: npt.NDArray[np.str_]
) -> Iterator[tuple[str, str, Bools]]:
    """Feature, level, and who has it."""
    for feature, column, edges, words in (
        ("metastases", "lesions", (1, 6, 11), ("none seen", "1 to 5", "6 to 10", "11 or more")),
        ("organs", "organs_involved", (1, 2, 3), ("none seen", "1", "2", "3 or more")),
        (
            "share that can be treated",
            "treatable_share",
            (0.8, 1.0),
            ("below 80 %", "80 % or more, not all", "all"),
        ),
    ):
        values = table[column].cast(pl.Float64).fill_null(math.nan).to_numpy()
        place = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
        for level, word in enumerate(words):
            yield feature, word, place == level
    for code, word in _RESPONSE_WORDS.items():
        yield "response to the run-in", word, response == code
    extent = table["extent_k4"].cast(pl.String).fill_null("").to_numpy()
    for name in _EXTENTS:
        yield "extent", name.replace("_", " "), extent == name


def _subgroup(feature: str, level: str, arms: BothArms, chosen: Bools) -> Subgroup:
    found = log_ratios(arms, chosen)
    ratio = math.exp(found[0])
    tau = arms.tau_months
    gain = np.minimum(arms.experimental[chosen], tau) - np.minimum(arms.control[chosen], tau)
    mean, error = mean_gain(gain)
    return Subgroup(
        feature=feature,
        level=level,
        patients=int(chosen.sum()),
        hazard_ratio=ratio,
        monte_carlo_error=ratio * jackknife_error(found[1:]),
        rmst_difference_months=mean,
        rmst_error_months=error,
    )
