"""The patient in one line, and the sizes and places of the metastases as drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from debulk.board.case import OLDEST_KEPT_YEARS
from debulk.core.anatomy import ORGANS
from debulk.core.strings import text
from debulk.reports.board.body_map import OrganMark, body_map, size_bars

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


def organ_rows(lesions: Sequence[Row]) -> list[dict[str, Any]]:
    """One row an organ that holds, or held, a metastasis: counts, sizes, what can be treated."""
    largest = max(
        (size for each in lesions for size in _sizes(each) if size is not None), default=0.0
    )
    rows = []
    for organ in ORGANS:
        found = [each for each in lesions if each["organ"] == organ]
        if found and organ != "primary":
            rows.append(_organ_row(organ, found, largest))
    return rows


def _organ_row(organ: str, lesions: Sequence[Row], largest: float) -> dict[str, Any]:
    visible = [each for each in lesions if each["state"] == "visible"]
    gone = sum(each["state"] == "disappeared" for each in lesions)
    removed = sum(each["state"] == "removed" for each in lesions)
    treatable = sum(is_treatable(each) for each in visible)
    return {
        "organ": organ,
        "name": text(f"meeting.organs.{organ}"),
        "count": len(visible),
        "disappeared": gone,
        "removed": removed,
        "treatable": treatable,
        "said": _said(visible, gone, removed, treatable),
        "bars": size_bars([(*_sizes(each), each["state"]) for each in lesions], largest),
    }


def _said(visible: Sequence[Row], gone: int, removed: int, treatable: int) -> str:
    said = []
    if visible:
        sizes = [each["diameter_mm"] for each in visible if each["diameter_mm"] is not None]
        before = [each["baseline_diameter_mm"] for each in visible]
        known_before = [each for each in before if each is not None]
        if not sizes:
            said.append(text("meeting.body.no_size"))
        elif known_before:
            both: dict[str, Any] = {"now": f"{max(sizes):g}", "before": f"{max(known_before):g}"}
            said.append(text("meeting.body.largest_before", **both))
        else:
            said.append(text("meeting.body.largest", now=f"{max(sizes):g}"))
        said.append(text("meeting.body.treatable", treatable=treatable, lesions=len(visible)))
    if gone:
        said.append(text("meeting.body.disappeared", count=gone))
    if removed:
        said.append(text("meeting.body.removed", count=removed))
    return ", ".join(said)


def is_treatable(lesion: Row) -> bool:
    """Whether a modality can treat the lesion, each taken by itself."""
    return any(each["state"] == "yes" for each in lesion["modalities"])


def _sizes(lesion: Row) -> tuple[float | None, float | None]:
    return lesion["diameter_mm"], lesion["baseline_diameter_mm"]


def drawn_body(organs: Sequence[Row], address: str) -> Any:
    """The body map of the rows of `organ_rows`."""
    marks = [
        OrganMark(
            organ=each["organ"],
            count=each["count"],
            name=_mark_name(each),
            address=address and f"{address}#organ-{each['organ']}",
        )
        for each in organs
        if each["count"] or each["disappeared"]
    ]
    return body_map(marks, text("meeting.body.title"))


def _mark_name(row: Row) -> str:
    if row["count"]:
        return text("meeting.body.mark", organ=row["name"], count=row["count"])
    return text("meeting.body.gone", organ=row["name"], count=row["disappeared"])
