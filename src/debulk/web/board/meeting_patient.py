"""The patient in one line, and the sizes and places of the metastases as drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from debulk.board.case import OLDEST_KEPT_YEARS
from debulk.core.anatomy import ORGANS
from debulk.core.strings import text
from debulk.reports.board.body_map import OrganMark, body_map, paper_body_map, size_bars
from debulk.web.board.meeting_panel import Rule, rule_of, treatable_words

_IN_SITU = {True: "in_situ", False: "removed", None: "unknown"}

Row = Mapping[str, Any]


def patient_line(patient: Row) -> str:
    """Sex, age, site of the primary, WHO and markers, each said to be unknown where it is."""
    age = patient.get("age_years")
    in_situ = _IN_SITU[patient.get("primary_in_situ")]
    parts = [
        _word("sex", patient.get("sex")),
        _age(age),
        _word("site", patient.get("primary_site")),
        text(f"meeting.patient.primary.{in_situ}"),
        _who(patient.get("who_ps")),
        _word("ras", patient.get("ras")),
    ]
    if patient.get("braf") == "mutated":
        parts.append(text("meeting.patient.braf.mutated"))
    if patient.get("msi") == "high":
        parts.append(text("meeting.patient.msi.high"))
    return ", ".join(parts)


def _word(name: str, value: Any) -> str:
    return text(f"meeting.patient.{name}.{value or 'unknown'}")


def _age(age: Any) -> str:
    if age is None:
        return text("meeting.patient.age_unknown")
    if age >= OLDEST_KEPT_YEARS:
        return text("meeting.patient.age_top")
    return text("meeting.patient.age", age=f"{age:g}")


def _who(value: Any) -> str:
    if value is None:
        return text("meeting.patient.who_unknown")
    return text("meeting.patient.who", value=f"{value:g}")


def organ_rows(lesions: Sequence[Row], at: str = "now") -> list[dict[str, Any]]:
    """One row an organ that holds, or held, a metastasis: counts, sizes, what can be treated."""
    largest = max(
        (size for each in lesions for size in sizes(each, at) if size is not None), default=0.0
    )
    rule = rule_of(lesions)
    rows = []
    for organ in ORGANS:
        found = [each for each in lesions if each["organ"] == organ]
        if found and organ != "primary":
            rows.append(_organ_row(organ, found, largest, at, rule))
    return rows


def _organ_row(
    organ: str, lesions: Sequence[Row], largest: float, at: str, rule: Rule
) -> dict[str, Any]:
    visible = [each for each in lesions if each["state"] == "visible"]
    gone = sum(each["state"] == "disappeared" for each in lesions)
    removed = sum(each["state"] == "removed" for each in lesions)
    return {
        "organ": organ,
        "name": text(f"meeting.organs.{organ}"),
        "count": len(visible),
        "disappeared": gone,
        "removed": removed,
        "said": _said(visible, gone, removed, at, rule),
        "bars": size_bars([(*sizes(each, at), each["state"]) for each in lesions], largest),
    }


def _said(visible: Sequence[Row], gone: int, removed: int, at: str, rule: Rule) -> str:
    said = []
    if visible:
        both = zip(*(sizes(each, at) for each in visible), strict=True)
        now, before = ([size for size in each if size is not None] for each in both)
        if not now:
            said.append(text("meeting.body.no_size"))
        elif before:
            largest: dict[str, Any] = {"now": f"{max(now):g}", "before": f"{max(before):g}"}
            said.append(text("meeting.body.largest_before", **largest))
        else:
            said.append(text("meeting.body.largest", now=f"{max(now):g}"))
        said.append(treatable_words(visible, rule))
    if gone:
        said.append(text("meeting.body.disappeared", count=gone))
    if removed:
        said.append(text("meeting.body.removed", count=removed))
    return ", ".join(said)


def sizes(lesion: Row, at: str) -> tuple[float | None, float | None]:
    """Diameter at the moment, and now that before induction too."""
    return lesion["diameter_mm"], lesion["baseline_diameter_mm"] if at == "now" else None


def drawn_body(organs: Sequence[Row], address: str) -> Markup:
    """The body map of the rows of `organ_rows`, with links."""
    return body_map(_marks(organs, address), text("meeting.body.title"))


def drawn_for_paper(organs: Sequence[Row]) -> Markup:
    """The same, small, with counts that can be read."""
    return paper_body_map(_marks(organs, ""), text("meeting.body.title"))


def _marks(organs: Sequence[Row], address: str) -> list[OrganMark]:
    return [
        OrganMark(
            organ=each["organ"],
            count=each["count"],
            name=_mark_name(each),
            address=f"{address}#organ-{each['organ']}",
        )
        for each in organs
        if each["count"] or each["disappeared"]
    ]


def _mark_name(row: Row) -> str:
    if row["count"]:
        return text("meeting.body.mark", organ=row["name"], count=row["count"])
    return text("meeting.body.gone", organ=row["name"], count=row["disappeared"])
