"""Stored decisions as the registry that other parts of the program read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from debulk.board.decisions.decision import decision_from_dict
from debulk.board.decisions.decisions_as_cohort import DecidedCase, Later, decisions_cohort
from debulk.patients import Cohort

AS_DECIDED = {"yes": True, "partly": False, "no": False}
"""Treated as decided in full; partly is not, and what nobody knows stays unknown."""


def cohort_of_decisions(rows: Iterable[Mapping[str, Any]]) -> Cohort:
    """The cohort of the rows of `debulk.board.records.Decisions.registry`.

    Of a case that was decided at several sittings the last one holds, with the case it saw and the
    last review of it: a patient is one row.

    Raises
    ------
    InputError
        If no case has a signed decision.
    """
    last: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        name = row["decision"]["case_id"]
        if name not in last or _order(row) > _order(last[name]):
            last[name] = row
    return decisions_cohort(_decided(row) for row in last.values())


def _order(row: Mapping[str, Any]) -> tuple[int, int]:
    """A later sitting, and of one sitting the later version, is what holds."""
    return int(row["decision"]["sitting"]), int(row["decision"]["version"])


def _decided(row: Mapping[str, Any]) -> DecidedCase:
    decision = decision_from_dict(row["decision"]["content"])
    return DecidedCase(row["case"], decision, later_of(row["reviews"]))


def later_of(reviews: Iterable[Mapping[str, Any]]) -> Later | None:
    """What became of a patient by the last review that says until when; None without one."""
    known = [each for each in reviews if each["content"].get("last_months") is not None]
    if not known:
        return None
    last = max(known, key=lambda each: int(each["number"]))
    content = last["content"]
    return Later(
        last_months=float(content["last_months"]),
        dead=bool(content["dead"]),
        progression_months=content.get("progression_months"),
        cause=content.get("cause"),
        treated_as_decided=AS_DECIDED.get(last["as_decided"]),
        treatments=tuple(content.get("treatments") or ()),
        assessments=tuple(content.get("assessments") or ()),
    )
