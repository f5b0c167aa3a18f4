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
    if rows.height == 0:
        found = f"of {points.height} patients none has points and follow-up"
        raise InputError("cohort", found, "Give the columns the score asks for, and followup")
    entry = _entry(rows)
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


def followed(points: pl.DataFrame, cohort: Cohort) -> tuple[pl.DataFrame, list[Exclusion]]:
    """Patients with points and time at risk, and who is left out.

    Parameters
    ----------
    points : polars.DataFrame
        patient_id, points and judged_months, as the function `score` returns.
    cohort : Cohort
        With the follow-up of the patients.

    Returns
    -------
    polars.DataFrame
        The columns of `points` and of the follow-up, with time (months from the moment of
        judgement, null of it: time zero), dead, and entry (months, 0 without left truncation).
    list of Exclusion
    """
    entry = cohort.patients.select("patient_id", "entry_months")
    rows = points.join(cohort.followup, on="patient_id", how="left", maintain_order="left")
    rows = rows.join(entry, on="patient_id", how="left", maintain_order="left")
    start = pl.col("judged_months").fill_null(0.0)
    rows = rows.with_columns(
        (pl.col("last_months") - start).alias("time"),
        (pl.col("entry_months") - start).fill_null(0.0).clip(lower_bound=0.0).alias("entry"),
    )
    late = (pl.col("entry") > 0) & (pl.col("entry") >= pl.col("time"))
    steps = [
        ("no points: an item is unknown", pl.col("points").is_null()),
        ("no follow-up", pl.col("time").is_null()),
        ("follow-up ends before the moment of judgement", pl.col("time") < 0),
        ("follow-up ends before entry", late),
    ]
    exclusions = []
    for reason, leaves in steps:
        kept = rows.filter(~leaves)
        if kept.height < rows.height:
            exclusions.append(Exclusion(reason, rows.height - kept.height))
        rows = kept
    return rows, exclusions


def _entry(rows: pl.DataFrame) -> pl.Series | None:
    return rows["entry"] if (rows["entry"] > 0).any() else None


def _observed_groups(score: Score, rows: pl.DataFrame, horizon: float) -> Iterator[ObservedGroup]:
    if score.groups:
        for place, group in enumerate(score.groups):
            inside = pl.col("points") >= group.least
            if place + 1 < len(score.groups):
                inside &= pl.col("points") < score.groups[place + 1].least
            published = tuple(each for each in score.published if each.group == group.name)
            yield from _group(group.name, rows.filter(inside), horizon, published)
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
    curve = kaplan_meier(rows["time"], rows["dead"], entry=_entry(rows))
    yield ObservedGroup(
        name,
        rows.height,
        int(rows["dead"].sum()),
        curve.estimate_at(horizon),
        curve.quantile(0.5),
        published,
    )
