"""Effects from the table of evidence: rows of findings become studies to pool."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion
from debulk.evidence.effects.completing import completed_hazard_ratio
from debulk.evidence.effects.effect import Effect, NotEnough
from debulk.evidence.effects.gathering import StudyRow, gather
from debulk.evidence.effects.limits import from_limits, half_unit_of
from debulk.evidence.effects.proportions import (
    ProportionScale,
    events_of_percentage,
    proportion_effect,
    require_percentage,
)
from debulk.evidence.effects.study_effects import Measure, Scale, StudyEffects, a_measure
from debulk.evidence.effects.survival_proportions import survival_proportion_effect
from debulk.evidence.record import Finding, citation, finding
from debulk.evidence.schema import FORBIDDEN_ROLES

GROUPS = ("key", "role", "year", "quantity", "group")
"""Columns of the table that are kept for subgroups and for whoever must tell the rows apart."""

LEVEL = re.compile(r"(\d{2}(?:\.\d+)?)\s*%\s*(?:confidence\s+)?(?:interval|CI)\b", re.IGNORECASE)
COUNT = re.compile(r"(\d+) of (\d+)")
NO_INTERVAL = re.compile(
    r"\b(?:range|IQR|interquartile|percentile|pct|PI|prediction|SD)\b", re.IGNORECASE
)
SURVIVAL = re.compile(r"survival|\b(?:OS|PFS|DFS|RFS|EFS|LTPFS|LRFS|LC)\b")
REVIEW = re.compile(r"\b\d+ studies\b")
RATIOS: dict[str, Measure] = {
    "hazard ratio": "hazard ratio",
    "hr": "hazard ratio",
    "ahr": "hazard ratio",
    "odds ratio": "odds ratio",
    "or": "odds ratio",
    "risk ratio": "risk ratio",
    "relative risk": "risk ratio",
}
"""Beginning of a quantity, in small letters, to the measure it is."""


def effects_from_findings(
    rows: pl.DataFrame | Sequence[str],
    *,
    measure: Measure | None = None,
    scale: ProportionScale = "logit",
    patients: Mapping[str, int] | None = None,
) -> StudyEffects:
    """Make effects for pooling from published findings.

    Parameters
    ----------
    rows : polars.DataFrame or sequence of str
        Rows of `debulk.evidence.findings`, with any further columns, or keys of findings.
    measure : Measure, optional
        What they are; default what their quantities say.
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        Of proportions; ratios are pooled as logarithms.
    patients : mapping of str to int, optional
        Key of a finding to the patients it describes, where the table knows only those of the whole
        study.

    Returns
    -------
    StudyEffects
        Named by study, with the citation as source; ``groups`` holds key, role, year, quantity,
        group, and every further column of the frame. A hazard ratio without limits takes its error
        from other findings of its study (p value, deaths), whose keys a remark gives. What has no
        error then, or limits that are no interval, is left out with the reason. Intervals are
        taken as 95 % unless the row says another level. Held-out (validation) studies may be
        pooled, for description; a remark counts them.

    Raises
    ------
    InputError
        If two rows are of one study, rows are of different measures, an interval excludes its
        estimate, a number is impossible, or nothing is left.

    Notes
    -----
    A percentage takes, in this order: counts that it prints ("1 of 37"); its interval, as an
    effective number of patients; `patients`, or the study's own number where the row describes the
    whole study. Without an interval a survival proportion ignores censoring, and says so.
    """
    frame = _frame(rows)
    found = [Finding(**{name: row[name] for name in _NAMES}) for row in frame.iter_rows(named=True)]
    _refuse_twice(found)
    chosen = _measure_of(found, measure)
    counts = dict(patients or {})
    extra = [name for name in frame.columns if name not in _NAMES]
    kept, exclusions = [], []
    for row, cells in zip(found, frame.iter_rows(named=True), strict=True):
        try:
            effect = _effect(row, chosen, scale, counts.get(row.key))
        except NotEnough as error:
            exclusions.append(Exclusion(f"{_name(row)} ({row.key}): {error.found}", 1))
            continue
        except InputError as error:
            where = f"finding {row.key!r}, {error.where}"
            raise InputError(where, error.found, error.remedy) from None
        # An empty word of the table is a missing value of a group.
        groups = {name: None if cells[name] == "" else cells[name] for name in (*GROUPS, *extra)}
        known = counts.get(row.key, _patients(row))
        kept.append(StudyRow(_name(row), effect, known, citation(row), groups))
    used: Scale = scale if chosen == "proportion" else "log"
    told_of_all = _remarks([row for row in found if _name(row) in {each.name for each in kept}])
    return gather(kept, chosen, used, where="findings", exclusions=exclusions, remarks=told_of_all)


_NAMES = tuple(each.name for each in fields(Finding))


def _frame(rows: pl.DataFrame | Sequence[str]) -> pl.DataFrame:
    if not isinstance(rows, pl.DataFrame):
        if isinstance(rows, str) or not rows:
            raise InputError("findings", f"{rows!r} is no list of keys", "Give a list of keys")
        return pl.DataFrame([_as_cells(finding(key)) for key in rows], infer_schema_length=None)
    for name in _NAMES:
        if name not in rows.columns:
            remedy = f"Give rows of debulk.evidence.findings(). {nearest(name, rows.columns)}"
            raise InputError("findings", f"there is no column {name!r}", remedy)
    if rows.height == 0:
        raise InputError("findings", "no row is chosen", "Choose wider filters")
    return rows


def _name(row: Finding) -> str:
    return row.study or row.key


def _refuse_twice(found: Sequence[Finding]) -> None:
    keys: dict[str, str] = {}
    for row in found:
        name = _name(row)
        if name in keys:
            told = f"{keys[name]!r} and {row.key!r} are both of the study {name!r}"
            raise InputError("findings", told, "A study enters once: choose one of the two")
        keys[name] = row.key


def _measure_of(found: Sequence[Finding], wanted: Measure | None) -> Measure:
    """The one measure of all rows; a row that does not say takes the one that is wanted."""
    if wanted is not None and wanted not in (*RATIOS.values(), "proportion"):
        told = f"findings hold no {wanted} with its error"
        raise InputError("measure", told, "Give a table of your own")
    measures = {row.key: measure_of(row.quantity, row.unit) or wanted for row in found}
    (first, measure), *rest = measures.items()
    for key, each in measures.items():
        if each is None:
            told = f"the quantity of {key!r} does not say what it measures"
            raise InputError(
                "measure", told, "Say which measure it is, as in 'hazard ratio' or 'proportion'"
            )
    for key, each in rest:
        if each != measure:
            told = f"{first!r} is {a_measure(measure or '')}, {key!r} {a_measure(each or '')}"
            raise InputError("findings", told, "Pool one measure at a time")
    if measure is None or wanted not in (None, measure):
        told = f"{first!r} is {a_measure(measure or '')}, no {wanted}"
        raise InputError("measure", told, "Leave measure out, or choose other rows")
    return measure


def measure_of(quantity: str, unit: str) -> Measure | None:
    """What a finding measures, as far as it can be pooled.

    Parameters
    ----------
    quantity, unit : str
        As in the table of findings.

    Returns
    -------
    str or None
        A ratio, ``"proportion"``, or None.
    """
    if unit == "%":
        return "proportion"
    words = quantity.casefold()
    for word, measure in RATIOS.items():
        if re.match(rf"{word}\b", words) or unit.casefold() == word:
            return measure
    return None


def _effect(row: Finding, measure: Measure, scale: ProportionScale, given: int | None) -> Effect:
    return _proportion(row, scale, given) if measure == "proportion" else _ratio(row)


def _patients(row: Finding) -> int | None:
    """Patients of the row; the table counts those of the whole study."""
    return row.n if row.group in ("", "all") else None


def _ratio(row: Finding) -> Effect:
    if row.value is None:
        raise NotEnough("value", "no number is printed", "Leave it out")
    lower, upper = _interval(row)
    if lower is None or upper is None:
        if measure_of(row.quantity, row.unit) == "hazard ratio":
            return completed_hazard_ratio(row)
        raise NotEnough("value", f"{row.value:g} has no interval", "Leave it out")
    name = row.quantity if len(row.quantity) < 40 else "ratio"
    level = _level(row)
    return from_limits(row.value, lower, upper, conf_level=level, name=name, argument="value")


def _interval(row: Finding) -> tuple[float | None, float | None]:
    """The limits, unless the row says that they are a range or the like."""
    if row.lower is not None and NO_INTERVAL.search(row.statistic):
        found = f"its limits are no confidence interval ({row.statistic})"
        raise NotEnough("lower", found, "Leave it out")
    return row.lower, row.upper


def _level(row: Finding) -> float:
    found = LEVEL.search(row.statistic)
    return float(found[1]) / 100.0 if found else 0.95


def _proportion(row: Finding, scale: ProportionScale, given: int | None) -> Effect:
    if row.value is None:
        raise NotEnough("value", "no number is printed", "Leave it out")
    percent = require_percentage("value", row.value)
    counts, n = _printed_counts(row, percent), given if given is not None else _patients(row)
    if counts is not None:
        return _of_counts(*counts, scale)
    lower, upper = _interval(row)
    if lower is not None and upper is not None:
        low, high = (require_percentage(*each) for each in (("lower", lower), ("upper", upper)))
        share, limits = percent / 100.0, (low / 100.0, high / 100.0)
        return survival_proportion_effect(
            share, n, lower=limits[0], upper=limits[1], conf_level=_level(row), scale=scale
        )
    if n is None:
        found = "no interval, and the patients of this group are not known"
        raise NotEnough("n", found, "Give a table of your own with the patients in a column n")
    if SURVIVAL.search(row.quantity):
        return survival_proportion_effect(percent / 100.0, n, scale=scale)
    events, remark = events_of_percentage(percent, n)
    return _of_counts(events, float(n), scale).remarked(remark)


def _printed_counts(row: Finding, percent: float) -> tuple[float, float] | None:
    """Counts that make the percentage printed beside them; other counts mean something else."""
    found = COUNT.search(row.statistic)
    if found is None:
        return None
    events, patients = float(found[1]), float(found[2])
    fits = patients > 0 and abs(100.0 * events / patients - percent) <= half_unit_of(percent)
    return (events, patients) if fits else None


def _of_counts(events: float, patients: float, scale: ProportionScale) -> Effect:
    empty = events in (0.0, patients)
    return proportion_effect(events, patients, scale, correction=0.5 if empty else 0.0)


def _remarks(rows: Sequence[Finding]) -> list[str]:
    told = []
    held_out = [_name(row) for row in rows if row.role in FORBIDDEN_ROLES]
    if held_out:
        told.append(
            f"Held out, pooled to describe and never to set a number: {', '.join(held_out)}"
        )
    reviews = [_name(row) for row in rows if REVIEW.search(row.population)]
    if reviews:
        told.append(f"Reviews, whose studies may stand beside them: {', '.join(reviews)}")
    quantities = sorted({row.quantity for row in rows})
    if len(quantities) > 1:
        told.append(f"Quantities differ: {'; '.join(quantities)}")
    assumed = [
        _name(row)
        for row in rows
        if row.lower is not None and row.upper is not None and not LEVEL.search(row.statistic)
    ]
    if assumed:
        told.append(f"Level of the interval not stated, taken as 95 %: {', '.join(assumed)}")
    special = [(row, LEVEL.search(row.statistic)) for row in rows]
    told += [f"{_name(row)}: {row.statistic}" for row, level in special if level]
    partial = [_name(row) for row in rows if row.verified != "yes" or row.secondary]
    if partial:
        told.append(f"Not seen in full in the original source: {', '.join(partial)}")
    return told


def _as_cells(row: Finding) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}
