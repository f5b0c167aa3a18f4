"""Studies pooled for a page: the answer of `debulk evidence pool`, or why there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.evidence.answers.answering import answer
from debulk.evidence.answers.asked import Asked
from debulk.evidence.answers.filtering import filtered_findings
from debulk.evidence.answers.selecting import Filters, chosen
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.web.evidence.selection import SERIES, Selection, command_of

Group = tuple[str, ...]
"""Designs that may be pooled together: those of randomised trials, or those of series."""

Answer = dict[str, Any]

_KEPT = 256
"""Selections whose numbers are kept; each is some tens of kilobytes."""

_OPTION = re.compile(r"--([a-z][a-z-]*)")


def filters_of(
    selection: Selection,
    group: Group,
    *,
    measure: str | None = None,
    quantity: str | None = None,
    without: tuple[str, ...] = (),
) -> Filters | None:
    """The options of `debulk evidence pool` that choose as the selection does.

    Returns
    -------
    Filters or None
        None where the selection asks for designs of the other group alone.
    """
    assert group in (RANDOMISED, SERIES), "randomised trials and series are never mixed"
    designs = selection.designs(group)
    if not designs:
        return None
    comparison = [selection.comparison] if selection.comparison else None
    filters = replace(
        Filters.among(selection.codes()),
        outcome=selection.outcome,
        quantity=quantity,
        design=list(designs),
        comparison=comparison,
        measure=measure,
    )
    left_out = selection.outside_years() | set(without)
    if left_out:
        # The command refuses to leave out what the other filters do not choose.
        left_out &= set(filtered_findings([], **filters.of_findings())["study"])
    return replace(filters, without=sorted(left_out)) if left_out else filters


@lru_cache(maxsize=_KEPT)
def pooled(
    selection: Selection,
    group: Group,
    *,
    measure: str | None = "hazard ratio",
    quantity: str | None = None,
    without: tuple[str, ...] = (),
    asked: Asked | None = None,
) -> Answer:
    """Pool what a selection chooses from one group of designs.

    Parameters
    ----------
    selection : Selection
    group : tuple of str
        `RANDOMISED` or `SERIES`; never both.
    measure, quantity, without
        As the options of the command.
    asked : Asked, optional
        Method and checks; those of the command by default.

    Returns
    -------
    dict
        ``state`` ("pooled" or "not_pooled"), ``text`` (why not), ``command``, and ``pool``: what
        ``debulk evidence pool --json`` prints, or None.
    """
    how = asked or Asked()
    try:
        filters = filters_of(selection, group, measure=measure, quantity=quantity, without=without)
        if filters is None:
            return not_pooled(text("evidence.other_design"))
        command = command_of(filters, *options_of(how))
        result = answer(chosen(filters), how)
    except InputError as error:
        return not_pooled(said(error))
    return {"state": "pooled", "text": "", "command": command, "pool": result}


def not_pooled(why: str) -> Answer:
    """What stands where nothing could be pooled."""
    return {"state": "not_pooled", "text": why, "command": None, "pool": None}


def options_of(asked: Asked) -> list[str]:
    """The options of the command that pool so; what is usual is not said."""
    usual = Asked()
    told: list[str] = []
    for name in ("method", "interval"):
        if getattr(asked, name) != getattr(usual, name):
            told += [f"--{name}", getattr(asked, name)]
    for name in ("leave_one_out", "small_study"):
        if getattr(asked, name):
            told.append(f"--{name.replace('_', '-')}")
    if asked.cumulative_by:
        told += ["--cumulative-by", asked.cumulative_by]
    return told


def said(error: InputError) -> str:
    """A complaint of the command in the words of the page, whose fields are no options."""
    found, remedy = (said_of_options(each).rstrip(".") for each in (error.found, error.remedy))
    return f"{found[:1].upper()}{found[1:]}. {remedy}."


def said_of_options(words: str) -> str:
    """Words in which each option of the command is told as the field of the page."""
    return _OPTION.sub(_field, words)


def _field(option: re.Match[str]) -> str:
    return f"“{option[1].replace('-', ' ')}”"
