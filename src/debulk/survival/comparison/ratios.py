"""Hazard ratios between groups: the plain case in closed risk sets, the rest by a Cox model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.core.results import Estimate, TestResult
from debulk.survival.comparison.sample import Sample
from debulk.survival.groups import Groups
from debulk.survival.hazards import ratios_of

if TYPE_CHECKING:
    from debulk.survival.cox_model.results import CoxModel

TIME, EVENT, ENTRY, WEIGHTS, STRATA = "(time)", "(event)", "(entry)", "(weights)", "(strata)"
"""Names of a frame's own columns, which a user's columns hardly have."""


@dataclass(frozen=True, eq=False)
class GroupRatios:
    """Hazard ratios of every other group against the reference.

    Attributes
    ----------
    estimates : dict of str to Estimate
        By group.
    wald : TestResult or None
        Robust Wald test of all groups, where weights rule out the rank tests.
    """

    estimates: dict[str, Estimate]
    wald: TestResult | None = None


def group_ratios(sample: Sample) -> GroupRatios:
    """Hazard ratios of the groups, stratified, left-truncated and weighted as the table is."""
    if sample.groups is None:
        return GroupRatios({})
    if sample.is_plain:
        return GroupRatios(ratios_of(sample.subjects, sample.groups))
    groups, column = sample.groups, sample.table.columns["group"]
    try:
        model = fit(sample, covariates=[column], columns={column: enum_of(groups)})
    except InputError as error:
        # A likelihood without a maximum is no reason to hold back curves and tests.
        return GroupRatios({label: _no_ratio(sample, label, error) for label in groups.labels[1:]})
    note = model_note(sample)
    estimates = estimates_of(model, sample, note)
    found = {label: estimates[f"{column}[T.{label}]"] for label in groups.labels[1:]}
    weighted = sample.subjects.weights is not None
    return GroupRatios(found, _wald(model, sample, groups) if weighted else None)


def fit(
    sample: Sample,
    *,
    columns: dict[str, Any],
    covariates: Sequence[str] | None = None,
    formula: str | None = None,
    firth: bool = False,
) -> CoxModel:
    """Fit a Cox model to a sample, robust where it is weighted.

    Parameters
    ----------
    sample : Sample
    columns : dict of str to Series
        Covariates by name.
    covariates, formula
        As for `cox`.
    firth : bool
        Whether to maximise Firth's penalised likelihood.

    Raises
    ------
    InputError
        As `cox`.
    """
    from debulk.survival.cox_model.model import cox

    subjects = sample.subjects
    frame: dict[str, Any] = {**columns, TIME: subjects.time, EVENT: subjects.event}
    roles: dict[str, Any] = {}
    if subjects.entry is not None:
        frame[ENTRY] = subjects.entry
        roles["entry"] = ENTRY
    if subjects.weights is not None:
        frame[WEIGHTS] = subjects.weights
        roles |= {"weights": WEIGHTS, "robust": True}
    if sample.strata is not None:
        frame[STRATA] = sample.strata
        roles["strata"] = STRATA
    if firth:
        roles["penalty"] = "firth"
    given = {"formula": formula} if formula else {"covariates": list(covariates or ())}
    return cox(frame, time=TIME, event=EVENT, **given, **roles)


def enum_of(groups: Groups) -> pl.Series:
    """Each subject's group, as a column whose first level is the reference."""
    return pl.Series(np.array(groups.labels)[groups.codes]).cast(pl.Enum(list(groups.labels)))


def estimates_of(
    model: CoxModel, sample: Sample, note: str, measure: str = "hazard ratio"
) -> dict[str, Estimate]:
    """A model's hazard ratios by term."""
    return {
        row["term"]: Estimate(
            estimand=f"{measure} of {row['term']}",
            estimate=row["hazard_ratio"],
            se=row["se"],
            lower=row["lower"],
            upper=row["upper"],
            conf_level=0.95,
            n=sample.subjects.n,
            events=sample.subjects.events,
            p=row["p"],
            note=note,
        )
        for row in model.hazard_ratios.iter_rows(named=True)
    }


def model_note(sample: Sample, *, firth: bool = False) -> str:
    """How a model of a sample was fitted, in words."""
    parts = ["Cox, ties by Efron"] + (["Firth's penalised likelihood"] if firth else [])
    if sample.strata is not None:
        parts.append("stratified by " + ", ".join(sample.table.strata))
    if sample.subjects.entry is not None:
        parts.append("left-truncated at entry")
    if sample.subjects.weights is not None:
        parts.append("weighted, robust variance")
    how = "limits and test by its profile" if firth else "Wald interval and test"
    return "; ".join(parts) + f"; se of the log; {how}."


def _no_ratio(sample: Sample, label: str, error: InputError) -> Estimate:
    nothing = math.nan
    return Estimate(
        estimand=f"hazard ratio of {label} against {sample.labels[0]}",
        estimate=nothing,
        se=nothing,
        lower=nothing,
        upper=nothing,
        conf_level=0.95,
        n=sample.subjects.n,
        events=sample.subjects.events,
        p=None,
        note=f"No hazard ratio of {label} against {sample.labels[0]}: {error.found}.",
    )


def _wald(model: CoxModel, sample: Sample, groups: Groups) -> TestResult:
    wald = model.wald_test
    z = float(model.coef[0] / np.sqrt(model.covariance[0, 0])) if model.coef.size == 1 else None
    return TestResult(
        test="robust Wald test of the weighted Cox model",
        statistic=wald.statistic,
        df=wald.df,
        p=wald.p,
        z=z,
        reference=groups.reference,
        observed={},
        expected={},
        n=sample.subjects.n,
        events=sample.subjects.events,
    )
