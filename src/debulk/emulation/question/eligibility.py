"""The protocol's criteria, judged at time zero on what a registry holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from debulk.core.errors import InputError
from debulk.emulation.question.as_known import known_at, refuse_whole_record, undated
from debulk.emulation.question.flow import Flow
from debulk.emulation.question.settings import Settings
from debulk.patients import Cohort, Criterion, states
from debulk.patients.criteria import MOMENTS
from debulk.protocols import Protocol

Handling = Literal["judged", "assumed met", "assumed met by the protocol", "not asked"]


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    """One criterion, and what the registry could tell of it.

    Attributes
    ----------
    id, text : str
    met, not_met, unknown : int
        Patients with a time zero, by state.
    handling : str
        What was done where it is unknown; "not asked" is consent to randomisation.
    because : str
        Why the protocol may take it as met.
    """

    id: str
    text: str
    met: int
    not_met: int
    unknown: int
    handling: Handling
    because: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How the criteria were judged: each of them, and what is doubtful about when."""

    criteria: tuple[JudgedCriterion, ...]
    undated: tuple[str, ...]


def keep_eligible(
    flow: Flow, cohort: Cohort, protocol: Protocol, settings: Settings
) -> Eligibility:
    """Leave out whoever does not meet the criteria at time zero.

    Parameters
    ----------
    flow : Flow
        Patients with a column `zero_months`.
    cohort : Cohort
    protocol : Protocol
    settings : Settings
        What to do where nothing tells.

    Raises
    ------
    InputError
        If a criterion looks beyond time zero, is unknown under "refuse", or nobody is left.
    """
    not_asked = {name for step in protocol.funnel if step.consent for name in step.stands_for}
    ordered = [
        protocol.criteria[name]
        for step in protocol.funnel
        for name in (*step.criteria, *step.stands_for)
    ]
    asked = [each for each in ordered if each.id not in not_asked]
    seen = known_at(cohort, flow.rows)
    doubts = _doubts(asked, seen)
    found = states(asked, seen)
    unknown = settings.unknown
    left_out = frozenset(
        each.id
        for each in asked
        if each.id in settings.require or (unknown == "exclude" and each.assume is None)
    )
    judged = [_judged(each, found[each.id], settings, asked=True) for each in asked]
    judged += [
        _judged(each, pl.Series([None] * found.height, dtype=pl.Boolean), settings, asked=False)
        for each in ordered
        if each.id in not_asked
    ]
    if unknown == "refuse":
        _refuse_unknown([each for each in asked if each.id not in left_out], found, protocol)
    why = _reasons(asked, found, left_out)
    flow.leave_out("eligible by the protocol's criteria at time zero", why)
    if flow.rows.height == 0:
        most = flow.steps[-1].left_out[0]
        found_text = f"nobody is eligible; of {most.count:.0f} patients: {most.reason}"
        remedy = "Look at debulk emulate checks, and at the rules of the protocol"
        raise InputError(f"protocol {protocol.name}", found_text, remedy)
    return Eligibility(tuple(judged), tuple(doubts))


def _doubts(asked: list[Criterion], seen: Cohort) -> list[str]:
    names: dict[str, set[str]] = {"entry": set(), "now": set()}
    for each in asked:
        rule = each.parsed(extra=dict(seen.patients.schema))
        for name in rule.names if rule else ():
            refuse_whole_record(name, seen, f"criterion {each.id}")
            names[MOMENTS[each.judged]].add(name)
    told = [text for moment in ("entry", "now") for text in undated(names[moment], seen, moment)]
    return list(dict.fromkeys(told))


def _judged(
    criterion: Criterion, state: pl.Series, settings: Settings, *, asked: bool
) -> JudgedCriterion:
    missing = state.null_count()
    handling: Handling = "judged"
    if not asked:
        handling = "not asked"
    elif criterion.id in settings.require:
        handling = "judged"
    elif missing and criterion.assume == "met":
        handling = "assumed met by the protocol"
    elif missing and settings.unknown == "assume-met":
        handling = "assumed met"
    return JudgedCriterion(
        criterion.id,
        criterion.text,
        met=int(state.sum() or 0),
        not_met=int((~state).sum() or 0),
        unknown=missing,
        handling=handling,
        because=criterion.because,
    )


def _refuse_unknown(asked: list[Criterion], found: pl.DataFrame, protocol: Protocol) -> None:
    """Refuse where somebody fails nothing that is known, and something is unknown."""
    names = [each.id for each in asked if each.assume is None]
    every = [each.id for each in asked]
    open_ = found.filter(~pl.any_horizontal(~pl.col(every).fill_null(value=True)))
    counts = {name: open_[name].null_count() for name in names if open_[name].null_count()}
    if not counts:
        return
    texts = {each.id: each.text for each in asked}
    shown = "; ".join(
        f"{name} in {n} ({texts[name]:.60})"
        for name, n in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:4]
    )
    more = f" and {len(counts) - 4} more" if len(counts) > 4 else ""
    raise InputError(
        f"protocol {protocol.name}, criteria",
        f"unknown in patients who fail no other, of {open_.height}: {shown}{more}",
        "Give the columns, or say unknown='assume-met' or 'exclude' (counted and shown)",
    )


def _reasons(asked: list[Criterion], found: pl.DataFrame, left_out: frozenset[str]) -> pl.Series:
    reason = pl.lit(None, dtype=pl.String)
    for each in reversed(asked):
        text = f"not met: {each.text} ({each.id})"
        reason = pl.when(~pl.col(each.id)).then(pl.lit(text)).otherwise(reason)
    if left_out:
        later = pl.lit(None, dtype=pl.String)
        for each in reversed([each for each in asked if each.id in left_out]):
            text = f"unknown: {each.text} ({each.id})"
            later = pl.when(pl.col(each.id).is_null()).then(pl.lit(text)).otherwise(later)
        reason = pl.coalesce(reason, later)
    return found.select(reason.alias("why")).to_series()
