"""Validation of a published score, or of risks, in a cohort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.cohort import Cohort
from debulk.prognosis.time_at_risk import Outcome, followed, late_entry
from debulk.prognosis.validation.assembling import Options, Predictions, assembled
from debulk.prognosis.validation.follow_up import read_follow_up, read_risk, refuse_constant
from debulk.prognosis.validation.net_benefit import THRESHOLDS
from debulk.prognosis.validation.result import Validation
from debulk.survival.curves.fit import kaplan_meier
from debulk.survival.curves.survival_curve import SurvivalCurve
from debulk.survival.options import check_kind, check_word, shown
from debulk.survival.subjects import numbers


def validate_score(
    score: str | Path | pl.DataFrame,
    cohort: Cohort,
    *,
    horizon_months: float,
    outcome: Outcome = "death",
    centre: str | None = None,
    name: str | None = None,
    knots: int = 3,
    groups: int = 10,
    thresholds: Any = THRESHOLDS,
    conf_level: float = 0.95,
    bootstrap: int = 200,
    seed: int = 0,
) -> Validation:
    """Hold a score against the follow-up of a cohort.

    Parameters
    ----------
    score : str, Path or polars.DataFrame
        A packaged score's name or a score's file; or a table with patient_id and points (a
        ranking, higher meaning an earlier event) or risk (probability of the event by the
        horizon), and if wanted group (of patients) and judged_months (from where time runs).
    cohort : Cohort
        Its ``entry_months`` is taken as left truncation.
    horizon_months : float
        From the moment of judgement.
    outcome : {"death", "progression or death"}
        What is predicted.
    centre : str, optional
        Column of the patients table.
    name : str, optional
        What reports call the score; default: its own name.
    knots, groups, thresholds, conf_level, bootstrap, seed
        As in `validate_risk`.

    Returns
    -------
    Validation
        Points are validated as a ranking: concordance, area under the ROC curve, D, survival by
        group. Observed over expected, calibration, Brier score and decision curve need risks.

    Raises
    ------
    InputError
        If there is no such score or column, no patient has both points and follow-up, or as
        `validate_risk`.
    """
    check_word(outcome, Outcome, "outcome")
    check_kind(cohort, Cohort, "cohort", "Give a cohort, as read_cohort gives it")
    if centre is not None:
        check_kind(centre, str, "centre", "Give the name of a column")
    if name is not None:
        check_kind(name, str, "name", "Give what reports call it")
    options = Options(conf_level, bootstrap, seed, knots, groups, thresholds)
    table, called = _table(score, cohort)
    predicted = "risk" if "risk" in table.columns else "points"
    rows, exclusions = followed(table, cohort, predicted=predicted, outcome=outcome, centre=centre)
    follow_up = read_follow_up(rows["time"], rows["event"], entry=late_entry(rows))
    labels = None if centre is None else rows["centre"]
    if predicted == "risk":
        values = read_risk(rows["risk"], rows.height)
        predictions = Predictions(name or called, "risk", values, values, None, labels)
    else:
        values = numbers(rows["points"], "points")
        refuse_constant(values, "points")
        predictions = Predictions(name or called, "score", values, None, None, labels)
    found = assembled(
        follow_up,
        predictions,
        horizon_months,
        options,
        exclusions=tuple(exclusions),
        caveats=_said(predicted),
        missing=table[predicted].null_count(),
    )
    return replace(found, survival=_survival(rows, conf_level))


def _table(score: str | Path | pl.DataFrame, cohort: Cohort) -> tuple[pl.DataFrame, str]:
    """The score's table and its name."""
    if isinstance(score, str | Path):
        from debulk.prognosis.scores.scoring import score as scored

        return scored(score, cohort), Path(score).stem
    if not isinstance(score, pl.DataFrame):
        raise InputError("score", f"found {shown(score)}", "Give a score's name or a table")
    if "patient_id" not in score.columns:
        found = "has no column 'patient_id'"
        raise InputError("score", found, nearest("patient_id", score.columns))
    held = [each for each in ("points", "risk") if each in score.columns]
    if len(held) != 1:
        found = "has both points and risk" if held else "has neither points nor risk"
        raise InputError("score", found, "Give one of the two columns")
    return score, held[0]


def _survival(rows: pl.DataFrame, conf_level: float) -> dict[str, SurvivalCurve]:
    """Survival without the outcome by group, where the score has groups; by rising prediction."""
    if "group" not in rows.columns:
        return {}
    order = "risk" if "risk" in rows.columns else "points"
    known = rows.filter(pl.col("group").is_not_null())
    parts = known.sort(order, maintain_order=True).partition_by("group", maintain_order=True)
    return {
        str(part["group"][0]): kaplan_meier(
            part["time"], part["event"], entry=late_entry(part), conf_level=conf_level
        )
        for part in parts
    }


def _said(predicted: str) -> tuple[str, ...]:
    if predicted == "risk":
        return ()
    return (
        "The score gives no risks: it is validated as a ranking, and its calibration cannot be "
        "judged.",
    )
