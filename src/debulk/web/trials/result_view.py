"""What the result of a design shows: figures, tables, charts with their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from debulk.core.strings import text
from debulk.reports.words import DASH, patients, ratio, share
from debulk.trials.packaged_funnels import packaged_funnel
from debulk.web.trials.answers import Answered, acronym, protocol_of, published_by
from debulk.web.trials.comparing import compare_rows
from debulk.web.trials.simulation_view import simulation_view

Columns = Sequence[tuple[str, bool]]
_KEPT = 128
_DRAWING = Lock()
"""Altair's checks are switched off for all threads at once, so that one draws at a time."""
_HRS_SHOWN = 9
_MONTHS_SHOWN = 10
_NEARER = 0.5
"""The sentence on power is about this share of the planned effect, on the log scale."""


def result_view(
    found: Answered, simulated: Mapping[str, Any], compare: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything the template of the result needs beside the data."""
    return {
        **drawn_of(found),
        "simulation": simulation_view(found, simulated),
        "compare_rows": compare_rows(compare),
        "pinned_names": [name for name in ("a", "b") if "numbers" in compare.get(name, {})],
        "trial": _trial(found),
    }


def said_of(found: Answered) -> str:
    """What the status line says."""
    size = found.answer["whole"]
    return text(
        "designer.status",
        deaths=patients(round(size["events"])),
        patients=patients(round(size["patients"])),
        months=f"{size['duration_months']:.0f}",
        power=f"{100.0 * size['power']:.1f}",
    )


@lru_cache(maxsize=_KEPT)
def drawn_of(found: Answered) -> dict[str, Any]:
    """Figures, tables and charts: the same for everybody who opens the design."""
    from altair.utils.schemapi import debug_mode

    from debulk.reports.design.charts import design_charts, specifications
    from debulk.reports.design.funnel_chart import funnel_chart

    answer = found.answer
    with _DRAWING, debug_mode(False):
        drawn = {**design_charts(answer, width="container"), "funnel": funnel_chart(found.funnel)}
        charts = specifications(drawn)
    return {
        "figures": _figures(found),
        "looks": _look_table(answer),
        "charts": [
            _power(answer, charts),
            _calendar(answer, charts),
            _funnel(found, charts),
        ],
        "notes": _notes(found),
        "why_rows": _why_rows(found),
    }


def _figures(found: Answered) -> list[dict[str, str]]:
    """Four numbers at the top, each with what it rests on."""
    size = found.answer["whole"]
    accrual, events = size["accrual"], size["events"]
    asked = size["patients"] / (1.0 - found.asked.numbers["refusal"])
    details = {
        "events": text("designer.numbers.events_detail", share=share(events / size["patients"])),
        "patients": text(
            "designer.numbers.patients_detail",
            rate=f"{accrual['rates'][-1]:.1f}",
            asked=patients(round(asked)),
        ),
        "duration": text(
            "designer.numbers.months_detail",
            accrual=f"{accrual['end_months']:.0f}",
            follow_up=f"{size['follow_up_months']:.0f}",
        ),
        "power": text("designer.numbers.power_detail", alpha=share(size["null_world"]["benefit"])),
    }
    expected = size["expected_alternative"]
    if len(size["looks"]) > 1 and expected and expected["events"] is not None:
        details["events"] += "; " + text(
            "designer.numbers.expected",
            events=patients(round(expected["events"])),
            months=f"{expected['duration_months']:.0f}",
        )
    values = {
        "events": patients(round(events)),
        "patients": patients(round(size["patients"])),
        "duration": f"{size['duration_months']:.0f}",
        "power": f"{100.0 * size['power']:.1f} %",
    }
    return [
        {"label": text(f"designer.numbers.{name}"), "value": value, "detail": details[name]}
        for name, value in values.items()
    ]


def _look_table(answer: Mapping[str, Any]) -> dict[str, Any]:
    looks = answer["whole"]["looks"]
    worlds = answer["whole"]["null_world"]["looks"]
    futility = any(each["futility_hazard_ratio"] is not None for each in looks[:-1])
    names = ["look", "share", "events", "month", "benefit", "futility", "planned", "none"]
    if not futility:
        names.remove("futility")
    columns = [(text(f"designer.looks.columns.{name}"), name != "look") for name in names]
    rows = []
    for place, (look, world) in enumerate(zip(looks, worlds, strict=True)):
        final = place + 1 == len(looks)
        cells = {
            "look": text("designer.looks.final")
            if final
            else text("designer.looks.interim", n=place + 1),
            "share": share(look["information"]),
            "events": patients(round(look["events"])),
            "month": f"{look['month']:.0f}",
            "benefit": _ratio(look["critical_hazard_ratio"]),
            "futility": DASH if final else _ratio(look["futility_hazard_ratio"]),
            "planned": share(look["efficacy_alternative"]),
            "none": share(world["efficacy"]),
        }
        rows.append([cells[name] for name in names])
    return {"columns": columns, "rows": rows}


def _ratio(value: float | None) -> str:
    return DASH if value is None else ratio(value)


def _chart(name: str, specification: Any, words: Mapping[str, str], columns: Columns,
           rows: list[list[str]]) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "heading": text(f"designer.charts.{name}.heading"),
        "specification": specification,
        **words,
        "columns": columns,
        "rows": rows,
    }


def _power(answer: Mapping[str, Any], charts: Mapping[str, Any]) -> dict[str, Any]:
    curve, whole = answer["curves"]["power"], answer["whole"]
    by_ratio = curve["by"] == "hazard_ratio"
    band = curve["rows"][0]["power_fewer_events"] is not None
    near = min(curve["rows"], key=lambda row: abs(row["share"] - _NEARER))
    planned = answer["hazard_ratio"][-1][1]
    values = [row["hazard_ratio"] for row in curve["rows"]]
    key = "sentence" if by_ratio else "sentence_changing"
    said: dict[str, Any] = {"near": ratio(near["hazard_ratio"]), "planned": ratio(planned)}
    sentence = text(f"designer.charts.power.{key}", power=share(near["power"]), **said)
    description = text(
        "designer.charts.power.description",
        least=ratio(min(values)),
        most=ratio(max(values)),
        planned=ratio(planned),
        power_planned=share(whole["power"]),
        band=text("designer.charts.power.band") + " " if band else "",
        null=share(whole["null_world"]["benefit"]),
    )
    names = ["ratio" if by_ratio else "share", "power", *(("fewer", "more") if band else ())]
    columns = [(text(f"designer.charts.power.columns.{name}"), True) for name in names]
    step = max(1, len(curve["rows"]) // _HRS_SHOWN)
    rows = [
        [
            ratio(row["hazard_ratio"]) if by_ratio else share(row["share"]),
            share(row["power"]),
            *((share(row["power_fewer_events"]), share(row["power_more_events"])) if band else ()),
        ]
        for row in curve["rows"][::step]
    ]
    words = {"sentence": sentence, "description": description}
    return _chart("power", charts["power"], words, columns, rows)


def _calendar(answer: Mapping[str, Any], charts: Mapping[str, Any]) -> dict[str, Any]:
    whole, calendar = answer["whole"], answer["curves"]["calendar"]
    half = next(row["month"] for row in calendar if row["events"] >= 0.5 * whole["events"])
    said: dict[str, Any] = {
        "patients": patients(round(whole["patients"])),
        "accrual": f"{whole['accrual']['end_months']:.0f}",
        "events": patients(round(whole["events"])),
        "months": f"{whole['duration_months']:.0f}",
    }
    words = {
        "sentence": text("designer.charts.calendar.sentence", **said),
        "description": text("designer.charts.calendar.description",
                            months=f"{calendar[-1]['month']:.0f}", half=f"{half:.0f}"),
    }  # fmt: skip
    names = ("month", "patients", "events", "none")
    columns = [(text(f"designer.charts.calendar.columns.{name}"), True) for name in names]
    keys = ("patients", "events", "events_without_effect")
    step = max(1, len(calendar) // _MONTHS_SHOWN)
    rows = [
        [f"{row['month']:.0f}", *(patients(round(row[key])) for key in keys)]
        for row in calendar[::step]
    ]
    return _chart("calendar", charts["calendar"], words, columns, rows)


def _funnel(found: Answered, charts: Mapping[str, Any]) -> dict[str, Any]:
    steps = found.funnel
    first, last = steps[0], steps[-1]
    simulated = last["from"] == "simulated"
    randomised = found.answer["whole"]["patients"]
    said: dict[str, Any] = {
        "randomised": patients(round(randomised)),
        "first": patients(round(first["patients"])),
        "first_step": first["step"],
        "treated": patients(round(last["patients"])),
        "how": text(f"designer.charts.funnel.{'completely' if simulated else 'as_assigned'}"),
    }
    numbers = "; ".join(f"{each['step']} {patients(round(each['patients']))}" for each in steps)
    words = {
        "sentence": text("designer.charts.funnel.sentence", **said),
        "description": text("designer.charts.funnel.description", steps=numbers),
    }
    names = (("step", False), ("patients", True), ("from", False))
    columns = [(text(f"designer.charts.funnel.columns.{name}"), number) for name, number in names]
    rows = [
        [each["step"], patients(round(each["patients"])),
         text(f"designer.charts.funnel.{each['from']}")]
        for each in steps
    ]  # fmt: skip
    chart = _chart("funnel", charts["funnel"], words, columns, rows)
    return chart | {"note": _funnel_note(found)}


def _funnel_note(found: Answered) -> str | None:
    name = found.asked.words["population"]
    packaged = packaged_funnel(protocol_of(name)) if name else None
    if packaged is None:
        return None
    said: dict[str, Any] = {"trials": packaged.trials, "patients": packaged.patients_from}
    return text("designer.charts.funnel.note", trial=acronym(name), **said)


def _notes(found: Answered) -> list[str]:
    """What the population's trial planned and the evidence does not say."""
    from debulk.trials.planned_effects import planned_effect

    name = found.asked.words["population"]
    if not name:
        return []
    effect = planned_effect(protocol_of(name))
    if effect is None:
        return [text("designer.no_effect", trial=acronym(name))]
    if effect.median_control_months is None:
        return [text("designer.no_median", trial=acronym(name))]
    return []


def _why_rows(found: Answered) -> list[list[str]]:
    if found.why is None:
        return []
    return [
        [
            row["population"],
            f"{row['control']:.1f}",
            f"{row['experimental']:.1f}",
            ratio(row["hazard_ratio"]),
            patients(round(row["events"])),
        ]
        for row in found.why["rows"]
    ]


def _trial(found: Answered) -> dict[str, Any] | None:
    """The population's trial: how it is called, and where its published control median is from."""
    name = found.asked.words["population"]
    if not name:
        return None
    published = published_by(name)
    source = published.source if published is not None else None
    return {"name": name, "acronym": acronym(name), "source": source}
