"""A design beside pinned ones: the same few numbers, and the difference from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.results import plain
from debulk.core.strings import text
from debulk.reports.words import DASH, MINUS, patients, ratio, share
from debulk.web.trials.answers import Answered, answer_of
from debulk.web.trials.asked import Faults, fields_of, query_of

_WRITE = {
    "hazard_ratio": ratio,
    "control_median_months": lambda value: f"{value:.1f}",
    "events": lambda value: patients(round(value)),
    "patients": lambda value: patients(round(value)),
    "asked": lambda value: patients(round(value)),
    "accrual_months": lambda value: f"{value:.0f}",
    "duration_months": lambda value: f"{value:.0f}",
    "power": lambda value: f"{100.0 * value:.1f} %",
    "false_benefit": share,
    "looks": lambda value: f"{value}",
    "expected_events": lambda value: patients(round(value)),
}
"""Numbers in the order of reading, and how each is written."""

_ITSELF = "by=gain"
"""Query of the design that every field starts with, as a pin, which cannot be empty."""


def summary_of(found: Answered) -> dict[str, Any]:
    """The few numbers by which designs are compared; None where a design has none."""
    answer = found.answer
    size = answer["whole"]
    expected = size["expected_alternative"]
    several = len(size["looks"]) > 1
    return dict(
        plain(
            {
                "hazard_ratio": answer["hazard_ratio"][-1][1],
                "control_median_months": answer["medians"]["control"],
                "events": size["events"],
                "patients": size["patients"],
                "asked": size["patients"] / (1.0 - found.asked.numbers["refusal"]),
                "accrual_months": size["accrual"]["end_months"],
                "duration_months": size["duration_months"],
                "power": size["power"],
                "false_benefit": size["null_world"]["benefit"],
                "looks": len(size["looks"]),
                "expected_events": expected["events"] if several and expected else None,
            }
        )
    )


def compared(found: Answered, pins: Mapping[str, str]) -> dict[str, Any]:
    """The design shown and each pinned one.

    Parameters
    ----------
    found : Answered
        This design.
    pins : mapping of str to str
        Queries by pin; empty where nothing is pinned.

    Returns
    -------
    dict
        `this` and by pin: `query`, `numbers`, `difference` (pinned less this); or `error`.
    """
    here = summary_of(found)
    rows: dict[str, Any] = {"this": here}
    for name, pinned in pins.items():
        if pinned:
            rows[name] = _pinned(name, pinned, here)
    return rows


def _pinned(name: str, pinned: str, here: Mapping[str, Any]) -> dict[str, Any]:
    query = query_of(fields_of(pinned))
    try:
        there = summary_of(answer_of(query))
    except Faults as faults:
        why = " ".join(faults.messages.values())
        return {"query": query, "error": text("designer.faults.pinned", name=name.upper(), why=why)}
    difference = {
        key: None if value is None or here[key] is None else value - here[key]
        for key, value in there.items()
    }
    return {"query": query, "numbers": there, "difference": difference}


def compare_rows(found: Mapping[str, Any]) -> list[list[str]]:
    """The table: a row a number, a column a design."""
    rows = []
    for key, write in _WRITE.items():
        row = [text(f"designer.compare.rows.{key}"), _written(found["this"][key], write)]
        for name in ("a", "b"):
            if "numbers" in found.get(name, {}):
                pinned = found[name]
                row.append(_beside(pinned["numbers"][key], pinned["difference"][key], write))
        rows.append(row)
    return rows


def _written(value: float | None, write: Any) -> str:
    return DASH if value is None else str(write(value))


def _beside(value: float | None, difference: float | None, write: Any) -> str:
    said = _written(value, write)
    if difference is None:
        return said
    size = str(write(abs(difference)))
    sign = "+" if difference > 0.0 else MINUS
    none = not any(digit in size for digit in "123456789")
    shown = "=" if none else f"{sign}{size}"
    return text("designer.compare.difference", value=said, difference=shown)


def pin_links(path: str, query: str, pins: Mapping[str, str]) -> list[dict[str, str]]:
    """Links that pin this design, open a pinned one, or take it away.

    Parameters
    ----------
    path : str
        Of the designer.
    query : str
        Of this design, without pins.
    pins : mapping of str to str
        Queries by pin; empty where nothing is pinned.
    """
    here = fields_of(query)
    links = []
    for name, pinned in pins.items():
        upper = name.upper()
        added = query_of({**here, **pins, name: query or _ITSELF}, pins=True)
        links.append({"address": f"{path}?{added}#compare",
                      "words": text("designer.compare.pin", name=upper)})  # fmt: skip
        if pinned:
            opened = query_of({**fields_of(pinned), **pins}, pins=True)
            dropped = query_of({**here, **pins, name: ""}, pins=True)
            links.append({"address": f"{path}?{opened}",
                          "words": text("designer.compare.open", name=upper)})  # fmt: skip
            links.append({"address": f"{path}?{dropped}#compare",
                          "words": text("designer.compare.drop", name=upper)})  # fmt: skip
    return links
