"""Criteria: what a patient must fulfil, and whether each is met, not met or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.cohort import Cohort
from debulk.patients.features import feature_types
from debulk.patients.lesion_features import COUNTS
from debulk.patients.rules import Rule, parse_rule
from debulk.patients.sight import Moment

if TYPE_CHECKING:
    from debulk.treatments import Modality

Judged = Literal["at entry", "latest", "before randomisation"]
"""The moment a criterion is judged at."""

MOMENTS: dict[str, Moment] = {"at entry": "entry", "latest": "now", "before randomisation": "now"}
"""The moment of the feature table that each moment of judgement looks at."""

STATES = pl.Enum(["met", "not met", "unknown"])
"""States of a criterion."""

Features = Mapping[str, pl.DataFrame]

_MANY = 1_000_000  # added to a lower bound of a count: as good as infinity


@dataclass(frozen=True, slots=True)
class Criterion:
    """A requirement; an exclusion is written as one too, so *met* always speaks for the patient.

    Attributes
    ----------
    id : str
        Short identifier, such as E3.
    text : str
        What it says.
    judged : {"at entry", "latest", "before randomisation"}
        When it is judged.
    rule : str or None
        Boolean SQL expression over the feature table; None where no column can answer.
    assume : "met" or None
        What to take an unknown state for.
    because : str
        Why there is no rule, or why met may be assumed.

    Raises
    ------
    InputError
        If the moment, the rule or the assumption is not allowed.
    """

    id: str
    text: str
    judged: Judged
    rule: str | None = None
    assume: Literal["met"] | None = None
    because: str = ""

    def __post_init__(self) -> None:
        where = f"criterion {self.id}"
        if self.judged not in MOMENTS:
            raise InputError(where, f"judged {self.judged!r}", nearest(str(self.judged), MOMENTS))
        if self.assume not in (None, "met"):
            raise InputError(where, f"assume {self.assume!r}", "Say met, or leave it out")

    def parsed(self, *, extra: Mapping[str, pl.DataType] | None = None) -> Rule | None:
        """The rule, read and checked; None where there is none.

        Raises
        ------
        InputError
            If it is no rule.
        """
        if self.rule is None:
            return None
        return parse_rule(self.rule, where=f"criterion {self.id}", extra=extra)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "id": self.id,
            "text": self.text,
            "judged": self.judged,
            "rule": self.rule,
            "assume": self.assume,
            "because": self.because,
        }


def states(
    criteria: Iterable[Criterion],
    source: Cohort | Features,
    *,
    modalities: Mapping[str, Modality] | None = None,
) -> pl.DataFrame:
    """State of every criterion for every patient.

    Parameters
    ----------
    criteria : iterable of Criterion
        The criteria.
    source : Cohort or mapping of moment to feature table
        A cohort, or the tables of ``Cohort.features`` by moment ("entry", "now").
    modalities : mapping of str to Modality, optional
        Cards by which a cohort's lesions are judged treatable; default: the packaged ones.

    Returns
    -------
    polars.DataFrame
        patient_id and a Boolean column a criterion: true is met, false not met, null unknown.
        `assume` is not applied here.

    Raises
    ------
    InputError
        If a rule cannot be evaluated or two criteria share an identifier.

    Notes
    -----
    Logic is three-valued (Kleene). Where a list of lesions is incomplete, its counts are lower
    bounds: a state is given only if it is the same at the bound and at infinity.
    """
    chosen = _distinct(criteria)
    tables = feature_tables(chosen, source, modalities)
    first = next(iter(tables.values()))
    found: dict[str, pl.Series] = {}
    for moment, table in tables.items():
        judged = [each for each in chosen if MOMENTS[each.judged] == moment]
        found |= _states_at(judged, table)
    return pl.DataFrame([first["patient_id"], *(found[each.id] for each in chosen)])


def judgement(criteria: Iterable[Criterion], source: Cohort | Features) -> pl.DataFrame:
    """State of every criterion for every patient, with the values it saw, for people to read.

    Parameters
    ----------
    criteria : iterable of Criterion
        The criteria, at least one.
    source : Cohort or mapping of moment to feature table
        A cohort, or the tables of ``Cohort.features`` by moment ("entry", "now").

    Returns
    -------
    polars.DataFrame
        A row a patient and criterion: patient_id, criterion, text, judged, state (met, not met,
        unknown), value, assumed (whether the state would be taken for met all the same).

    Raises
    ------
    InputError
        If there is no criterion, a rule cannot be evaluated or two share an identifier.
    """
    chosen = _distinct(criteria)
    tables = feature_tables(chosen, source)
    found = states(chosen, tables)
    parts = []
    for number, criterion in enumerate(chosen):
        table = tables[MOMENTS[criterion.judged]]
        parts.append(
            pl.DataFrame(
                {
                    "patient_id": found["patient_id"],
                    "criterion": [criterion.id] * found.height,
                    "text": [criterion.text] * found.height,
                    "judged": [criterion.judged] * found.height,
                    "state": _words(found[criterion.id]),
                    "value": _values(criterion, table),
                    "assumed": found[criterion.id].is_null() & (criterion.assume == "met"),
                }
            )
            .with_row_index("_row")
            .with_columns(pl.lit(number).alias("_number"))
        )
    if not parts:
        raise InputError("criteria", "there is none", "Give at least one criterion")
    return pl.concat(parts).sort("_row", "_number").drop("_row", "_number")


def eligibility(states: pl.DataFrame) -> pl.DataFrame:
    """Whether each patient meets all criteria.

    Parameters
    ----------
    states : polars.DataFrame
        As the function `states` returns.

    Returns
    -------
    polars.DataFrame
        patient_id and eligible: met when all are met, not met when one is not met, else unknown.
    """
    names = [name for name in states.columns if name != "patient_id"]
    every = states.select(pl.all_horizontal(names) if names else pl.lit(value=True)).to_series()
    if not names:
        every = pl.Series([True] * states.height)
    return pl.DataFrame([states["patient_id"], _words(every).alias("eligible")])


def feature_tables(
    criteria: Iterable[Criterion],
    source: Cohort | Features,
    modalities: Mapping[str, Modality] | None = None,
) -> Features:
    """The feature tables the criteria look at, holding only what their rules ask for."""
    if not isinstance(source, Cohort):
        needed = {MOMENTS[each.judged] for each in criteria}
        for moment in sorted(needed - set(source)):
            raise InputError("features", f"none given for {moment!r}", f"Give {moment!r} too")
        if not source:
            raise InputError("features", "none given", "Give at least one table")
        return source
    own = dict(source.patients.schema)
    names: dict[str, set[str]] = {}
    for each in criteria:
        rule = each.parsed(extra=own)
        names.setdefault(MOMENTS[each.judged], set()).update(rule.names if rule else ())
    # Patients' own columns come along whether asked for or not.
    wanted = names or {"now": set()}
    return {
        moment: source.features(
            moment="entry" if moment == "entry" else "now",
            only=sorted(asked),
            modalities=modalities,
        )
        for moment, asked in wanted.items()
    }


def _distinct(criteria: Iterable[Criterion]) -> list[Criterion]:
    chosen = list(criteria)
    seen: set[str] = {"patient_id"}
    for each in chosen:
        if each.id in seen:
            raise InputError("criteria", f"{each.id!r} comes twice", "Give each its own name")
        seen.add(each.id)
    return chosen


def _states_at(criteria: Sequence[Criterion], table: pl.DataFrame) -> dict[str, pl.Series]:
    """State of criteria that are judged by one table; all in one pass, since a pass costs more."""
    rules = _rules_on(criteria, table)
    read = {name: rule for name, rule in rules.items() if rule is not None}
    plain = table.select(rule.expression.alias(name) for name, rule in read.items())
    nothing = pl.Series([None] * table.height, dtype=pl.Boolean)
    found = {name: plain[name] if name in read else nothing.alias(name) for name in rules}
    partial = _incomplete(table)
    counting = {n: r for n, r in read.items() if COUNTS & set(r.names)} if partial.any() else {}
    named = {name for rule in counting.values() for name in rule.names}
    most = table.with_columns(pl.col(name) + _MANY for name in sorted(COUNTS & named))
    rising = [rule.expression.alias(name) for name, rule in counting.items() if rule.rising]
    bound = most.select(rising)
    for name, rule in counting.items():
        if rule.rising:
            agree = (plain[name] == bound[name]).fill_null(value=False)
            found[name] = plain[name].set(partial & ~agree, None)
        else:
            found[name] = plain[name].set(partial, None)
    return found


def _rules_on(criteria: Sequence[Criterion], table: pl.DataFrame) -> dict[str, Rule | None]:
    """The rule of each criterion, whose names are all columns of the table."""
    usual = feature_types()
    extra = {name: kind for name, kind in table.schema.items() if usual.get(name) != kind}
    rules = {each.id: each.parsed(extra=extra) for each in criteria}
    held = set(table.columns)
    for criterion, rule in rules.items():
        for name in rule.names if rule else ():
            if name not in held:
                where = f"criterion {criterion}"
                raise InputError(where, f"the table has no {name!r}", f"Ask for {name} in only=")
    return rules


def _incomplete(table: pl.DataFrame) -> pl.Series:
    if "lesion_list_complete" not in table.columns:
        return pl.Series([False] * table.height, dtype=pl.Boolean)
    return table["lesion_list_complete"].eq_missing(other=False)


def _words(states: pl.Series) -> pl.Series:
    word = pl.when(states).then(pl.lit("met")).when(~states).then(pl.lit("not met"))
    frame = pl.select(word.otherwise(pl.lit("unknown")).cast(STATES).alias("state"))
    return frame.to_series()


def _values(criterion: Criterion, table: pl.DataFrame) -> list[str]:
    """What the rule saw: each feature it names, with its value."""
    rule = criterion.parsed(extra=dict(table.schema))
    if rule is None:
        return [""] * table.height
    partial = _incomplete(table).to_list()
    shown = []
    for row, values in enumerate(table.select(rule.names).iter_rows(named=True)):
        parts = [
            _shown(name, value, at_least=partial[row] and name in COUNTS)
            for name, value in values.items()
        ]
        shown.append("; ".join(parts))
    return shown


def _shown(name: str, value: object, *, at_least: bool) -> str:
    if value is None:
        return f"{name} unknown"
    if isinstance(value, bool):
        return f"{name} = {'yes' if value else 'no'}"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{name} {'at least' if at_least else '='} {text}"
