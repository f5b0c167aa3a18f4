"""Points held against the survival of the patients who have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.core.results import Estimate, plain
from debulk.patients.cohort import Cohort
from debulk.prognosis.scores.formula import Published, Score
from debulk.prognosis.scores.points import groups_of
from debulk.prognosis.time_at_risk import followed, late_entry
from debulk.survival import concordance, kaplan_meier
from debulk.survival.concordant_pairs import Concordance
from debulk.survival.options import one_number

MOST_VALUES = 12
"""Points without published groups are shown one by one, if there are no more of them."""


@dataclass(frozen=True, slots=True)
class ObservedGroup:
    """Survival of one group, beside what was published for it.

    Attributes
    ----------
    name : str
        The group, or the points where a score has no groups.
    n, deaths : int
        Patients and deaths.
    survival : Estimate
        Kaplan-Meier estimate at the horizon; NaN beyond the group's follow-up.
    median_months : Estimate
        Median survival; NaN where not reached.
    published : tuple of Published
        Survival published for the group, whatever its outcome and time.
    """

    name: str
    n: int
    deaths: int
    survival: Estimate
    median_months: Estimate
    published: tuple[Published, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "group": self.name,
            "n": self.n,
            "deaths": self.deaths,
            "survival": self.survival.to_dict(),
            "median_months": self.median_months.to_dict(),
            "published": [each.to_dict() for each in self.published],
        }


@dataclass(frozen=True, slots=True)
class ObservedScore:
    """A score's points held against overall survival from the moment of judgement.

    Attributes
    ----------
    n, deaths, missing : int
        Patients with points and follow-up, their deaths, and the patients without points.
    horizon_months : float
        Time at which the groups are compared.
    concordance : Concordance
        Harrell's.
    concordance_uno : Concordance or None
        Uno's, of deaths up to the horizon; None with left truncation, for which it is not defined.
    groups : tuple of ObservedGroup
        By rising points; none where a score has no groups and too many different points.
    published_for_all : tuple of Published
        Survival published for all patients of the score's own series.
    exclusions : tuple of Exclusion
        Patients left out, and why.
    """

    n: int
    deaths: int
    missing: int
    horizon_months: float
    concordance: Concordance
    concordance_uno: Concordance | None
    groups: tuple[ObservedGroup, ...]
    published_for_all: tuple[Published, ...]
    exclusions: tuple[Exclusion, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "n": self.n,
            "deaths": self.deaths,
            "missing": self.missing,
            "horizon_months": self.horizon_months,
            "concordance": self.concordance.to_dict(),
            "concordance_uno": plain(self.concordance_uno),
            "groups": [each.to_dict() for each in self.groups],
            "published_for_all": [each.to_dict() for each in self.published_for_all],
            "exclusions": plain(list(self.exclusions)),
        }


def observe(
    score: Score, points: pl.DataFrame, cohort: Cohort, *, horizon_months: float | None = None
) -> ObservedScore:
    """Hold points against overall survival.

    Parameters
    ----------
    score : Score
        Whose groups and published survival are shown.
    points : polars.DataFrame
        patient_id, points (null: none) and judged_months, as the function `score` of
        `debulk.prognosis` returns; times run from there, or from the cohort's time zero.
    cohort : Cohort
        With the follow-up of the patients; ``entry_months`` is taken as left truncation.
    horizon_months : float, optional
        Time at which groups are compared; default: the score's own.

    Returns
    -------
    ObservedScore

    Raises
    ------
    InputError
        If no patient has points and follow-up, or the horizon is not above 0.
    """
    horizon = score.horizon_months
    if horizon_months is not None:
        horizon = one_number(horizon_months, "horizon_months")
    if horizon <= 0.0:
        raise InputError("horizon_months", f"{horizon:g}", "Give months above 0")
    rows, exclusions = followed(points, cohort)
    missing = points["points"].null_count()
    entry = late_entry(rows)
    pairs = (rows["time"], rows["dead"], rows["points"])
    return ObservedScore(
        n=rows.height,
        deaths=int(rows["dead"].sum()),
        missing=missing,
        horizon_months=horizon,
        concordance=concordance(*pairs, entry=entry),
        concordance_uno=None
        if entry is not None
        else concordance(*pairs, tau=horizon, method="uno"),
        groups=tuple(_observed_groups(score, rows, horizon)),
        published_for_all=tuple(each for each in score.published if each.group == "all"),
        exclusions=tuple(exclusions),
    )


def _observed_groups(score: Score, rows: pl.DataFrame, horizon: float) -> Iterator[ObservedGroup]:
    if score.groups:
        group = groups_of(score, rows["points"])
        for name in (each.name for each in score.groups):
            published = tuple(each for each in score.published if each.group == name)
            yield from _group(name, rows.filter(group == name), horizon, published)
        return
    values = rows["points"].unique().sort()
    if values.len() > MOST_VALUES:
        return
    for value in values:
        published = tuple(each for each in score.published if each.points == value)
        held = rows.filter(pl.col("points") == value)
        yield from _group(f"{value:g} points", held, horizon, published)


def _group(
    name: str, rows: pl.DataFrame, horizon: float, published: tuple[Published, ...]
) -> Iterator[ObservedGroup]:
    if rows.height == 0:
        return
    curve = kaplan_meier(rows["time"], rows["dead"], entry=late_entry(rows))
    yield ObservedGroup(
        name,
        rows.height,
        int(rows["dead"].sum()),
        curve.estimate_at(horizon),
        curve.quantile(0.5),
        published,
    )
