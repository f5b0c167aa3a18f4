"""A score in a cohort: its points, their agreement with a given column, and survival by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.patients.border import typed_column
from debulk.patients.cohort import Cohort
from debulk.patients.columns import Column
from debulk.prognosis.scores.asked import needs
from debulk.prognosis.scores.derived import judge
from debulk.prognosis.scores.formula import Score
from debulk.prognosis.scores.library import load_score
from debulk.prognosis.scores.observed import ObservedScore, observe
from debulk.prognosis.scores.points import Missing
from debulk.prognosis.scores.scoring import ScoredCohort, scored
from debulk.survival.options import check_kind


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often given points and computed ones agree.

    Attributes
    ----------
    both : int
        Patients with both.
    equal, within_one : int
        Of those, the patients with equal points, and with points at most 1 apart.
    given_higher, given_lower : int
        Of those, the patients whose given points are higher, and lower.
    """

    both: int
    equal: int
    within_one: int
    given_higher: int
    given_lower: int


@dataclass(frozen=True)
class ScoreInCohort:
    """A published score in a cohort.

    Attributes
    ----------
    score : Score
    points : polars.DataFrame
        The points held against survival: as the function `score` returns them, or patient_id,
        judged_months and points, where a column gave them.
    observed : ObservedScore
        Concordance, and survival by group.
    computed : ScoredCohort
        The points computed.
    points_column : str or None
        Column of the patients that gave the points.
    agreement : Agreement or None
        Of a column's points with the computed ones.
    """

    score: Score
    points: pl.DataFrame
    observed: ObservedScore
    computed: ScoredCohort
    points_column: str | None
    agreement: Agreement | None

    def provenance(self) -> Provenance:
        """Formula, choices, who was left out, and what must be read beside the numbers."""
        made = self.computed.provenance()
        unplaced = self.points["judged_months"].null_count()
        if unplaced:
            said = (
                f"{unplaced} of {self.points.height} patients have neither board_months nor a "
                "local treatment with a start: they are judged by all that is known, and their "
                "time runs from the cohort's time zero, so what was learnt later counts from there."
            )
            made = replace(made, remarks=(*made.remarks, said))
        if self.points["points"].n_unique() == 1:
            said = "Every patient has the same points: nothing is ordered, whatever is printed."
            made = replace(made, remarks=(*made.remarks, said))
        if self.points_column is not None:
            column = Parameter("points_column", self.points_column, "chosen", "user")
            made = replace(made, parameters=(*made.parameters, column))
        return replace(made, exclusions=self.observed.exclusions)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        computed = self.computed
        return {
            "score": self.score.name,
            "title": self.score.title,
            **self.observed.to_dict(),
            "missing_rule": computed.missing,
            "unknown_items": computed.unknown_items,
            "outside_population": computed.outside,
            "outside_unknown": computed.outside_unknown,
            "points_column": self.points_column,
            "agreement": plain(self.agreement),
            "formula": self.score.to_dict(),
            "provenance": self.provenance().to_dict(),
        }


def score_in_cohort(
    name: str | Path | Score,
    cohort: Cohort,
    *,
    missing: Missing = "refuse",
    substitute: Mapping[str, str] | None = None,
    points_column: str | None = None,
    horizon_months: float | None = None,
) -> ScoreInCohort:
    """Give a published score to a cohort, and hold it against the cohort's survival.

    Parameters
    ----------
    name : str, Path or Score
        A packaged score's name, the path of a score's file, or a score.
    cohort : Cohort
        Patients and their follow-up; times run from the moment of judgement, see `score`.
    missing : {"refuse", "zero", "lowest", "highest"}
        What a patient with an unknown item gets, see `score`.
    substitute : mapping of str to str, optional
        Rules that stand in for those of items, see `score`.
    points_column : str, optional
        Column of the patients with points to hold against survival instead of the computed ones;
        how often the two agree is counted.
    horizon_months : float, optional
        Time at which groups are compared; default: the score's own.

    Returns
    -------
    ScoreInCohort

    Raises
    ------
    InputError
        As `score`; also if there is no such column, it holds anything but points the score can
        give, or nobody has points and follow-up.
    """
    chosen = name if isinstance(name, Score) else load_score(name)
    check_kind(cohort, Cohort, "cohort", "Give a cohort, as read_cohort gives it")
    if points_column is not None:
        check_kind(points_column, str, "points_column", "Give the name of a column")
    given = None if points_column is None else _given(chosen, cohort, points_column)
    computed = scored(chosen, cohort, missing=missing, substitute=substitute)
    if given is None and computed.without_points == len(cohort):
        raise _nobody(chosen, computed, len(cohort))
    points = computed.frame if given is None else given
    return ScoreInCohort(
        chosen,
        points,
        observe(chosen, points, cohort, horizon_months=horizon_months),
        computed,
        points_column,
        None if given is None else _agreement(given, computed.frame),
    )


def _given(chosen: Score, cohort: Cohort, column: str) -> pl.DataFrame:
    own = cohort.patients.columns
    if column not in own:
        found = f"the patients have no column {column!r}"
        raise InputError("points_column", found, nearest(column, own))
    allowed = Column("number", least=0.0, most=chosen.highest)
    points = typed_column(cohort.patients[column], allowed, "patients")
    return (
        judge(cohort)
        .table.select("patient_id", "judged_months")
        .with_columns(points.cast(pl.Float64).alias("points"))
    )


def _nobody(chosen: Score, computed: ScoredCohort, patients: int) -> InputError:
    unknown = [name for name, count in computed.unknown_items.items() if count == patients]
    said = f"; {', '.join(unknown)}: unknown in all" if unknown else ""
    found = f"in none of {patients} patients is every item of {chosen.title} known{said}"
    remedy = f"{needs(chosen, unknown)}, or choose with missing what an unknown item counts"
    return InputError("cohort", found, remedy)


def _agreement(given: pl.DataFrame, computed: pl.DataFrame) -> Agreement:
    both = pl.DataFrame([given["points"].alias("given"), computed["points"].alias("made")])
    apart = both.drop_nulls().select(pl.col("given") - pl.col("made")).to_series()
    return Agreement(
        both=apart.len(),
        equal=int((apart == 0).sum()),
        within_one=int((apart.abs() <= 1).sum()),
        given_higher=int((apart > 0).sum()),
        given_lower=int((apart < 0).sum()),
    )
