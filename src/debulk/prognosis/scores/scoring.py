"""A score given to the patients of a cohort."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from debulk import __version__
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Parameter, Provenance, Status
from debulk.patients.border import typed_column
from debulk.patients.cohort import Cohort
from debulk.patients.columns import schema
from debulk.patients.criteria import Criterion, states
from debulk.patients.features import FEATURES
from debulk.patients.rules import parse_rule
from debulk.prognosis.scores.derived import DERIVED, judge
from debulk.prognosis.scores.formula import Item, Score
from debulk.prognosis.scores.library import extra_types, load_score

Missing = Literal["refuse", "zero", "lowest", "highest"]
"""What a patient with an unknown item gets: no points, the points of the known items alone, or the
fewest or most points that the unknown could leave."""


@dataclass(frozen=True)
class ScoredCohort:
    """A cohort's patients with their points, and what must be said beside them.

    Attributes
    ----------
    score : Score
        The score, with what was substituted in it.
    frame : polars.DataFrame
        See `score`.
    missing : str
        The rule for unknown items.
    substitutes : dict of str to str
        Rules that stand in for items, by item.
    unknown_items : dict of str to int
        For each item, the patients in whom it is unknown.
    outside, outside_unknown : int or None
        Patients whom the rule of the score's population excludes, and those it cannot tell of;
        None where the score has no such rule.
    """

    score: Score
    frame: pl.DataFrame
    missing: Missing
    substitutes: dict[str, str]
    unknown_items: dict[str, int]
    outside: int | None
    outside_unknown: int | None

    @property
    def without_points(self) -> int:
        """Patients without points."""
        return self.frame["points"].null_count()

    def provenance(self) -> Provenance:
        """The formula's rows, what was chosen, and who has no points."""
        source = self.score.sources[0]
        identifiers = source.key or source.doi or source.pmid or source.address
        status: Status = "default" if self.missing == "refuse" else "chosen"
        parameters = [
            Parameter("score", self.score.name, "chosen", identifiers),
            Parameter("missing", self.missing, status, "user", self.score.unknown),
        ]
        parameters += [
            Parameter(f"substitute.{name}", rule, "chosen", "user", "stands in for the item's rule")
            for name, rule in self.substitutes.items()
        ]
        without = self.without_points
        left_out = (Exclusion("an item of the score is unknown", without),) if without else ()
        return Provenance(
            version=__version__,
            parameters=tuple(parameters),
            exclusions=left_out,
            remarks=tuple(self.remarks()),
        )

    def remarks(self) -> list[str]:
        """Statements a reader must see."""
        said = [
            f"Made in: {self.score.population}. It orders such patients by risk; it does not say "
            "whom local treatment helps. Anywhere else it is extrapolation.",
            *self.score.notes,
        ]
        n = self.frame.height
        if self.outside is not None:
            unknown = self.outside_unknown or 0
            told = f"; of {unknown} the cohort does not tell" if unknown else ""
            said.append(f"{self.outside} of {n} patients are outside that population{told}.")
        if self.missing != "refuse":
            partly = self.frame.filter(pl.col("missing_items").list.len() > 0).height
            said.append(
                f"{partly} of {n} patients have an unknown item and got points by the rule "
                f"{self.missing!r}, which is not in the publication."
            )
        said += [
            f"Item {name} was judged by the substitute {rule!r}, not by the score's own rule."
            for name, rule in self.substitutes.items()
        ]
        return said


def score(
    name: str | Path | Score,
    cohort: Cohort,
    *,
    missing: Missing = "refuse",
    substitute: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Give a published score to the patients of a cohort.

    Parameters
    ----------
    name : str, Path or Score
        A packaged score's name, the path of a score's file, or a score.
    cohort : Cohort
        The patients. Each is judged at ``board_months``, else at the first local treatment of
        metastases (what it treats still counts), else by all that is known.
    missing : {"refuse", "zero", "lowest", "highest"}
        What a patient with an unknown item gets: no points (the default); the known items' points,
        as if the unknown items gave none; the fewest or the most points possible.
    substitute : mapping of str to str, optional
        Items whose own rule is replaced by another, such as ``{"disease_free_interval":
        "synchronous"}``: another score, strictly, and named as such in every result.

    Returns
    -------
    polars.DataFrame
        One row a patient, in the cohort's order: patient_id, judged_months (null: all that is
        known), points (null where `missing` gives none), lowest and highest (points possible),
        group (given too where all points possible fall into one), known_items, missing_items.

    Raises
    ------
    InputError
        If there is no such score, an option is not allowed, a substitute is no rule, or every
        item is unknown in every patient.

    Examples
    --------
    >>> from debulk.patients import example_cohort
    >>> score("konopke", example_cohort())["points"].drop_nulls().to_list()[:3]
    [0.0, 1.0, 2.0]
    """
    found = scored(name, cohort, missing=missing, substitute=substitute)
    if found.frame.height and all(n == found.frame.height for n in found.unknown_items.values()):
        said = f"no item of {found.score.title} is known in any patient"
        raise InputError("cohort", said, needs(found.score, ()))
    return found.frame


def scored(
    name: str | Path | Score,
    cohort: Cohort,
    *,
    missing: Missing = "refuse",
    substitute: Mapping[str, str] | None = None,
) -> ScoredCohort:
    """As `score`, with what must be said beside the points; no error where nothing is known."""
    chosen = name if isinstance(name, Score) else load_score(name)
    if missing not in get_args(Missing):
        raise InputError("missing", f"{missing!r}", nearest(str(missing), get_args(Missing)))
    if missing != "refuse" and any(each.value for each in chosen.items):
        found = f"{missing!r}, and {chosen.title} is a measurement, without points to assume"
        raise InputError("missing", found, "Leave it at refuse")
    replaced = _checked(substitute or {}, chosen, cohort)
    table = _table(chosen, replaced, cohort)
    bounds = [_item_points(each, replaced.get(each.id), table) for each in chosen.items]
    frame = _frame(chosen, table, bounds, missing)
    unknown = {
        item.id: int((~each["known"]).sum())
        for item, each in zip(chosen.items, bounds, strict=True)
    }
    outside, not_told = _outside(chosen, table)
    return ScoredCohort(chosen, frame, missing, replaced, unknown, outside, not_told)


def _checked(substitute: Mapping[str, str], chosen: Score, cohort: Cohort) -> dict[str, str]:
    known = {each.id: each for each in chosen.items}
    extra = dict(cohort.patients.schema) | extra_types(chosen.inputs)
    for name, rule in substitute.items():
        if name not in known:
            found = f"{chosen.title} has no item {name!r}"
            raise InputError("substitute", found, nearest(name, known))
        if len(known[name].levels) != 1:
            found = f"item {name!r} has not one number of points, but several"
            raise InputError("substitute", found, "Fill the column it asks for instead")
        parse_rule(rule, where=f"substitute for {name}", extra=extra)
    return dict(substitute)


def _table(chosen: Score, replaced: Mapping[str, str], cohort: Cohort) -> pl.DataFrame:
    """Everything the rules ask for, one row a patient: features, what is derived, own inputs."""
    judged = judge(cohort)
    extra = dict(cohort.patients.schema) | extra_types(chosen.inputs)
    rules = [rule for item in chosen.items for rule in _rules(item, replaced.get(item.id))]
    rules += [chosen.within] if chosen.within else []
    names = [name for rule in rules for name in parse_rule(rule, extra=extra).names]
    asked = {name for name in names if name in FEATURES}
    table = judged.cohort.features(moment="now", only=sorted(asked))
    own = set(cohort.patients.columns)
    derived = [name for name in ("judged_months", *DERIVED) if name not in own]
    table = table.with_columns(judged.table[name] for name in derived)
    columns = []
    for name, column in chosen.inputs.items():
        if name in own:
            columns.append(typed_column(table[name], column, "patients"))
        else:
            columns.append(pl.Series(name, [None] * table.height, dtype=column.dtype))
    return table.with_columns(columns)


def _rules(item: Item, substitute: str | None) -> list[str]:
    if substitute is not None:
        return [substitute]
    return [f"{item.value} >= 0"] if item.value else [each.rule for each in item.levels]


def _item_points(item: Item, substitute: str | None, table: pl.DataFrame) -> pl.DataFrame:
    """Fewest and most points an item can give each patient, and whether it is known."""
    if item.value:
        value = table[item.value].cast(pl.Float64)
        bounds = [value.alias("lowest"), value.alias("highest")]
        return pl.DataFrame([*bounds, value.is_not_null().alias("known")])
    rules = _rules(item, substitute)
    asked = [
        Criterion(f"{item.id}.{place}", item.text, "latest", rule)
        for place, rule in enumerate(rules)
    ]
    found = states(asked, {"now": table}).drop("patient_id")
    lowest, highest = [pl.lit(0.0)], [pl.lit(0.0)]
    for level, name in zip(item.levels, found.columns, strict=True):
        met = pl.col(name)
        lowest.append(pl.when(met).then(level.points).otherwise(0.0))
        highest.append(pl.when(met.fill_null(value=True)).then(level.points).otherwise(0.0))
    bounds_of = found.select(
        pl.max_horizontal(lowest).alias("lowest"), pl.max_horizontal(highest).alias("highest")
    )
    return bounds_of.with_columns((pl.col("lowest") == pl.col("highest")).alias("known"))


def _frame(
    chosen: Score, table: pl.DataFrame, bounds: list[pl.DataFrame], missing: Missing
) -> pl.DataFrame:
    known = pl.DataFrame(
        [each["known"].alias(item.id) for item, each in zip(chosen.items, bounds, strict=True)]
    )
    lowest = _sum([each["lowest"] for each in bounds])
    highest = _sum([each["highest"] for each in bounds])
    only_known = _sum([each["lowest"].set(~each["known"], 0.0) for each in bounds])
    complete = known.select(pl.all_horizontal(pl.all())).to_series()
    points = {
        "refuse": lowest.set(~complete, None),
        "zero": only_known,
        "lowest": lowest,
        "highest": highest,
    }[missing]
    names = {"known_items": True, "missing_items": False}
    lists = [_named(known, wanted).alias(name) for name, wanted in names.items()]
    return pl.DataFrame(
        [
            table["patient_id"],
            table["judged_months"].cast(pl.Float64),
            points.alias("points"),
            lowest.alias("lowest"),
            highest.alias("highest"),
            _groups(chosen, points, lowest, highest),
            *lists,
        ]
    )


def _sum(parts: list[pl.Series]) -> pl.Series:
    total = parts[0]
    for each in parts[1:]:
        total = total + each
    return total


def _named(known: pl.DataFrame, wanted: bool) -> pl.Series:
    """Items of each patient that are known, or that are not."""
    names = [
        pl.when(pl.col(name) == wanted).then(pl.lit(name)).otherwise(None) for name in known.columns
    ]
    return known.select(pl.concat_list(names).list.drop_nulls().alias("items")).to_series()


def _groups(chosen: Score, points: pl.Series, lowest: pl.Series, highest: pl.Series) -> pl.Series:
    """Groups: of the points, or, where there are none, of all points possible if they agree."""
    group = pl.Enum([each.name for each in chosen.groups])
    if not chosen.groups:
        return pl.Series("group", [None] * points.len(), dtype=group)
    named = pl.DataFrame([points.alias("p"), lowest.alias("l"), highest.alias("h")]).select(
        _group(chosen, "p", group), _group(chosen, "l", group), _group(chosen, "h", group)
    )
    agreed = pl.when(pl.col("l") == pl.col("h")).then(pl.col("l"))
    return named.select(pl.coalesce("p", agreed).alias("group")).to_series()


def _group(chosen: Score, column: str, dtype: pl.Enum) -> pl.Expr:
    found = pl.lit(None, dtype=dtype)
    for each in chosen.groups:
        named = pl.lit(each.name, dtype=dtype)
        found = pl.when(pl.col(column) >= each.least).then(named).otherwise(found)
    return found.alias(column)


def _outside(chosen: Score, table: pl.DataFrame) -> tuple[int | None, int | None]:
    if not chosen.within:
        return None, None
    rule = Criterion("within", chosen.population, "latest", chosen.within)
    found = states([rule], {"now": table})["within"]
    return int((~found).sum()), found.null_count()


def needs(chosen: Score, items: Collection[str]) -> str:
    """What a cohort must hold for some items of a score, in a sentence."""
    extra = extra_types(chosen.inputs)
    names = dict.fromkeys(
        name
        for item in chosen.items
        if not items or item.id in items
        for rule in _rules(item, None)
        for name in parse_rule(rule, extra=extra).names
    )
    asked = []
    patients = [name for name in names if name in schema("patients") or name in chosen.inputs]
    if patients:
        asked.append(f"the columns {', '.join(patients)} of patients")
    if any(name in FEATURES for name in names):
        asked.append("the table lesions (organ, diameter_mm)")
    if "disease_free_interval_months" in names:
        asked.append("synchronous of patients, or detected_months of lesions")
    return f"Give {'; '.join(asked)}"
