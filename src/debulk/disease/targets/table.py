"""The table of targets, read from its file and held against the table of evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.core.yaml_files import YamlDocument, parse_yaml, read_yaml, validated
from debulk.disease.summaries import patient_summary
from debulk.disease.targets import intervals
from debulk.disease.targets.schema import TableModel, TargetModel
from debulk.evidence.firewall import firewall_violations
from debulk.evidence.record import finding
from debulk.evidence.schema import Role

IntervalKind = Literal["published", "derived", "10%"]
INTERVAL_KINDS: tuple[IntervalKind, ...] = get_args(IntervalKind)
"""Where an interval comes from: its source, the source's n, or nothing but the value."""

SUMMARY = "summary:"
"""Prefix of the name of a summary of patient data, in place of a key of the table of evidence."""

ONE_SIDED_ERROR = 0.1
"""Assumption: standard error of a limit that a source gives as a direction alone, on its scale."""

_NATURAL: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "share": (0.0, 1.0),
        "points": (-1.0, 1.0),
        "ratio": (0.0, math.inf),
        "months": (0.0, math.inf),
        "days": (0.0, math.inf),
        "cm": (0.0, math.inf),
    }
)
"""Limits that numbers of a unit have by nature: what a direction alone leaves open ends there."""

_ROLES: tuple[Role, ...] = ("calibration",)
_PER_CENT = "%"
_CM_PER_MM = 0.1


@dataclass(frozen=True, slots=True)
class Target:
    """One published number that the model is held to.

    Attributes
    ----------
    name, title, theme : str
        Name in files and options; what it is; the heading it stands under.
    cohort, arms : str, tuple of str
        Whom it was measured in, by name in `debulk.disease.targets.cohorts`.
    measure : str
        What was measured, by name in `debulk.disease.targets.measures`.
    months : float or None
        The month that the measure is about, where it needs one.
    unit : {"share", "months", "days", "cm", "ratio", "points"}
        Points are a difference of shares.
    evidence : tuple of str
        Keys of rows of role calibration, or ``summary:`` and the name of a summary of patient
        data; empty for an assumption.
    assumption : str
        Why it is a target without evidence; empty where there is evidence.
    soft : bool
        Whether it guides calibration without counting as evidence.
    published : float or None
        The number; None where the source gives a range or a direction alone.
    lower, upper : float
        Interval; infinite where the source gives a direction alone.
    interval : {"published", "derived", "10%"}
    rule : str
        How the interval was made, in words.
    scale : {"log", "logit", "identity"}
        On which distances from it are measured.
    group : str
        Targets of one group share what the model cannot reproduce of their source.
    informs : str
        What it says about the model, in words.
    """

    name: str
    title: str
    theme: str
    cohort: str
    arms: tuple[str, ...]
    measure: str
    months: float | None
    unit: str
    evidence: tuple[str, ...]
    assumption: str
    soft: bool
    published: float | None
    lower: float
    upper: float
    interval: IntervalKind
    rule: str
    scale: str
    group: str
    informs: str

    def contains(self, value: float) -> bool:
        """Whether a value lies inside the interval, bounds included."""
        return self.lower <= value <= self.upper

    def to_scale(self, value: float) -> float:
        """A value on the scale of the target; NaN where it has none there."""
        if self.scale == "log":
            return math.log(value) if value > 0.0 else math.nan
        if self.scale == "logit":
            return math.log(value / (1.0 - value)) if 0.0 < value < 1.0 else math.nan
        return value

    def off_scale(self, value: float) -> float:
        """A value on the scale of the target as a number in its unit: the inverse of `to_scale`."""
        if self.scale == "log":
            return math.exp(value)
        return 1.0 / (1.0 + math.exp(-value)) if self.scale == "logit" else value

    @property
    def one_sided(self) -> bool:
        """Whether the source tells a direction alone."""
        return math.isinf(self.lower) or math.isinf(self.upper)

    def centre(self) -> float:
        """The published number on the scale of the target; the middle of an interval alone.

        A target that is one-sided has its limit.
        """
        if self.published is not None:
            return self.to_scale(self.published)
        ends = [self.to_scale(each) for each in (self.lower, self.upper) if math.isfinite(each)]
        return sum(ends) / len(ends)

    def error(self) -> float:
        """Standard error on the scale of the target: its interval's width over 2 times 1.96.

        A one-sided target has `ONE_SIDED_ERROR`.
        """
        if self.one_sided:
            return ONE_SIDED_ERROR
        width = self.to_scale(self.upper) - self.to_scale(self.lower)
        return width / (2.0 * intervals.Z_95)

    def distance(self, value: float) -> float:
        """Standard errors from the published number, on the scale of the target.

        0 on the right side of a one-sided target; NaN where the value has no place on the scale.
        """
        if self.one_sided and self.contains(value):
            return 0.0
        return (self.to_scale(value) - self.centre()) / self.error()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON.

        A limit that the source leaves open is the one that its unit has by nature (a ratio is not
        below 0), else None. ``centre`` is the middle of the interval on the scale of the target,
        in its unit, where nothing is published but the interval (the limit where it is one-sided);
        None elsewhere.
        """
        told = {each.name: plain(getattr(self, each.name)) for each in fields(self)}
        least, most = _NATURAL[self.unit]
        told["lower"] = plain(max(self.lower, least) if math.isinf(self.lower) else self.lower)
        told["upper"] = plain(min(self.upper, most) if math.isinf(self.upper) else self.upper)
        alone = self.published is None
        told["centre"] = plain(self.off_scale(self.centre())) if alone else None
        return told


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table of evidence or a summary of patient data: what a target takes from it."""

    key: str
    value: float | None
    lower: float | None
    upper: float | None
    unit: str
    statistic: str
    words: str

    def number(self, unit: str, where: str) -> float:
        """The value in the unit of a target."""
        if self.value is None:
            raise InputError(where, f"{self.key} has no number", "Name rows that have one")
        return self.value * self.factor(unit)

    def factor(self, unit: str) -> float:
        """What numbers are multiplied by to have the unit of a target."""
        if self.unit.startswith(_PER_CENT) and unit in ("share", "points"):
            return 0.01
        return _CM_PER_MM if (self.unit, unit) == ("mm", "cm") else 1.0


def _row(key: str) -> _Row:
    if key.startswith(SUMMARY):
        found = patient_summary(key.removeprefix(SUMMARY))
        limits = (found.value, found.lower, found.upper)
        return _Row(key, *limits, found.unit, f"95 % of {found.n} patients", found.meaning)
    row = finding(key)
    words = f"{row.text} {row.note} {row.statistic} {row.population}"
    return _Row(key, row.value, row.lower, row.upper, row.unit, row.statistic, words)


@lru_cache(maxsize=1)
def packaged_targets() -> tuple[Target, ...]:
    """The targets that ship with the program."""
    name = "targets.yaml"
    text = resources.files("debulk.data").joinpath("disease", name).read_text(encoding="utf-8")
    return _targets(parse_yaml(text, name))


def load_targets(path: Path | None = None) -> tuple[Target, ...]:
    """The targets of a file, in its order.

    Parameters
    ----------
    path : Path, optional
        A file like the packaged ``targets.yaml``; the packaged one if left out.

    Raises
    ------
    InputError
        If the file does not fit its schema, a name comes twice, a row of evidence does not exist
        or has another role than calibration, or a number is not that of its row.
    """
    return packaged_targets() if path is None else _targets(read_yaml(path))


def target_named(name: str, targets: tuple[Target, ...]) -> Target:
    """The target of that name.

    Raises
    ------
    InputError
        If there is none; the nearest are offered.
    """
    for each in targets:
        if each.name == name:
            return each
    found = f"no target is called {name!r}"
    raise InputError("target", found, nearest(name, [each.name for each in targets]))


def _targets(document: YamlDocument) -> tuple[Target, ...]:
    table = validated(TableModel, document)
    _hold_firewall(document, table)
    made: dict[str, Target] = {}
    for number, row in enumerate(table.targets):
        if row.name in made:
            raise document.error(
                ("targets", number, "name"), f"{row.name!r} comes twice", "Keep one"
            )
        made[row.name] = _target(row, f"{document.name}, target {row.name}")
    return tuple(made.values())


def _hold_firewall(document: YamlDocument, table: TableModel) -> None:
    uses = {}
    for number, row in enumerate(table.targets):
        for key in row.evidence:
            if not key.startswith(SUMMARY):
                uses[f"{number} {row.name} {key}"] = key
    for violation in firewall_violations(uses, allow=_ROLES):
        place, name, _ = violation.where.split(" ", 2)
        found = f"target {name} cites {violation.key!r}: {violation.found}"
        where = ("targets", int(place), "evidence")
        raise document.error(where, found, "Cite rows of role calibration alone")


def _target(row: TargetModel, where: str) -> Target:
    rows = [_row(key) for key in row.evidence]
    _hold_printed(row, rows, where)
    published = _published(row, rows, where)
    lower, upper, kind, rule = _interval(row, rows, published, where)
    if not lower < upper:
        raise InputError(where, f"its interval is {lower:g} to {upper:g}", "Correct the interval")
    return Target(
        name=row.name,
        title=row.title,
        theme=row.theme,
        cohort=row.cohort,
        arms=tuple(row.arms),
        measure=row.measure,
        months=row.months,
        unit=row.unit,
        evidence=tuple(row.evidence),
        assumption=row.assumption or "",
        soft=row.soft or not row.evidence,
        published=published,
        lower=lower,
        upper=upper,
        interval=kind,
        rule=rule,
        scale=row.scale,
        group=row.group or row.cohort,
        informs=row.informs or "",
    )


def _published(row: TargetModel, rows: list[_Row], where: str) -> float | None:
    """The number typed in, or of the first row: as it is, over n, or less that of the second."""
    if row.published is not None:
        if row.printed is None and not row.assumption:
            _hold_value(row.published, rows, row, where)
        return row.published
    if row.difference and len(rows) > 1:
        return rows[0].number(row.unit, where) - rows[1].number(row.unit, where)
    if row.of is not None and rows:
        return rows[0].number(row.unit, where) / row.of
    if rows and rows[0].value is not None and row.between is None:
        return rows[0].number(row.unit, where)
    return None


def _interval(
    row: TargetModel, rows: list[_Row], published: float | None, where: str
) -> tuple[float, float, IntervalKind, str]:
    if row.between is not None:
        ends = sorted(_row(key).number(row.unit, where) for key in row.between)
        return ends[0], ends[-1], "published", "between what its sources print"
    if row.lower is not None or row.upper is not None:
        low = -math.inf if row.lower is None else row.lower
        return low, math.inf if row.upper is None else row.upper, "published", "as printed"
    if row.interval == "source":
        if not rows or rows[0].lower is None or rows[0].upper is None:
            raise InputError(where, "its source prints no interval", "Give a rule or 10%")
        factor = rows[0].factor(row.unit)
        rule = rows[0].statistic or "as printed"
        return rows[0].lower * factor, rows[0].upper * factor, "published", rule
    if published is None:
        raise InputError(where, "has no value", "Give between, lower or upper")
    if row.interval == "10%":
        return (*intervals.tenth(published), "10%", "within 10 %")
    assert isinstance(row.interval, dict)
    [(rule, number)] = row.interval.items()
    if row.difference and rule == "median":
        second, first = (each.number(row.unit, where) for each in rows[:2])
        low, high = intervals.difference_of_medians(first, second, number)
        return low, high, "derived", f"difference of medians, {number:g} patients an arm"
    low, high = intervals.derived(rule, published, number, where)
    return low, high, "derived", f"{rule.replace('_', ' ')}, {number:g} {intervals.RULES[rule][1]}"


def _hold_printed(row: TargetModel, rows: list[_Row], where: str) -> None:
    """What is typed in must be legible in the row cited."""
    if row.printed is None:
        return
    if not any(row.printed in each.words for each in rows):
        found = f"{row.printed!r} stands in none of its rows"
        raise InputError(where, found, "Quote a row of the table of evidence")


def _hold_value(published: float, rows: list[_Row], row: TargetModel, where: str) -> None:
    known = [each.number(row.unit, where) for each in rows if each.value is not None]
    if known and not any(math.isclose(published, each, rel_tol=1e-9) for each in known):
        found = f"{published:g} is not what {rows[0].key} says ({known[0]:g})"
        raise InputError(where, found, "Leave the number out: it is taken from the row")
