"""The bias laboratory: how wrong each analysis of a registry is, where the truth is known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import Response

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.emulation.laboratory.cells import Model
from debulk.emulation.laboratory.knobs import Scenario, Selection, Unmeasured
from debulk.web.jobs.queue import job_of, submit
from debulk.web.pages import Moved, Page, Pages
from debulk.web.trust.laboratory_maps import MEASURES, MeasureWord, every_map, size_map, usual
from debulk.web.visitor import ROLES

pages = Pages("trust")

KIND = "laboratory.run"
"""Of the run from the page."""

_RUN_LIMITS = {"registries": (2, 500), "patients": (50, 5000)}
"""What one run from the page may ask for; the command line takes more."""

_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query asks for: a situation, what made its registries, and what is coloured."""

    model: Model
    scenario: Scenario
    selection: Selection
    unmeasured: Unmeasured
    measure: MeasureWord
    patients: int

    def query(self, **changes: object) -> str:
        """The query string that asks for this, with some of it changed."""
        names = ("model", "scenario", "selection", "unmeasured", "measure", "patients")
        values = {name: getattr(self, name) for name in names} | changes
        return "&".join(f"{name}={value}" for name, value in values.items())


@pages.page("/laboratory", "How wrong each analysis of a registry is, where the truth is known.")
def laboratory(
    request: Request,
    model: Model = "simple",
    scenario: Scenario = "null",
    selection: Selection = "mild",
    unmeasured: Unmeasured = "strong",
    measure: MeasureWord = "bias",
    patients: Annotated[int, Query(ge=50, le=100_000)] = 2000,
    job: str | None = None,
) -> Page:
    """Show the packaged table for the situation asked for, and a run of one's own."""
    asked = Asked(model, scenario, selection, unmeasured, measure, patients)
    shown, view = _shown(asked)
    own = None if job is None else job_of(request, job, KIND)
    if own is not None:
        shown = {**shown, "job": own.to_dict(with_result=True)}
    view = {**view, "job": own, "own": None if own is None else _own_rows(own.result)}
    status = 200 if own is None or own.is_over else 202
    return Page("trust/laboratory.html", text("laboratory.title"), shown, view, status)


@pages.form("/laboratory", "Measure registries of another size, in the background.", roles=ROLES)
def measure_another(
    request: Request,
    registries: Annotated[str, Form()] = "",
    patients: Annotated[str, Form()] = "",
    model: Annotated[Model, Form()] = "simple",
    scenario: Annotated[Scenario, Form()] = "null",
    selection: Annotated[Selection, Form()] = "mild",
    unmeasured: Annotated[Unmeasured, Form()] = "strong",
    measure: Annotated[MeasureWord, Form()] = "bias",
) -> Page | Moved | Response:
    """Start a run, or say what is wrong with its numbers."""
    typed = {"registries": registries, "patients": patients}
    numbers, errors = {}, {}
    for name, value in typed.items():
        low, high = _RUN_LIMITS[name]
        if _WHOLE.fullmatch(value.strip()) and low <= int(value) <= high:
            numbers[name] = int(value)
        else:
            errors[name] = text(f"laboratory.wrong.{name}", low=low, high=high, found=value[:40])
    asked = Asked(model, scenario, selection, unmeasured, measure, numbers.get("patients", 2000))
    if errors:
        shown, view = _shown(asked)
        view = {**view, "job": None, "own": None, "typed": typed}
        title = text("laboratory.title")
        return Page("trust/laboratory.html", title, shown, view, status=422, errors=errors)
    situation = {"scenario": scenario, "selection": selection, "unmeasured": unmeasured}
    own = submit(request, KIND, {**situation, "model": model, **numbers})
    return Moved(f"/laboratory?{asked.query()}&job={own.id}", text("laboratory.started"))


def run(parameters: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The job: one situation of the laboratory."""
    from debulk.emulation.laboratory.cells import Cell, Experiment
    from debulk.emulation.laboratory.packaged import shortened
    from debulk.emulation.laboratory.running import run_laboratory

    def told(done: int, wanted: int) -> None:
        progress(done / wanted, text("laboratory.progress", done=done, wanted=wanted))

    table = run_laboratory(Experiment((Cell(**parameters),)), workers=1, progress=told)
    return {"cells": shortened(table.to_list())}


@lru_cache(maxsize=512)
def _shown(asked: Asked) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the twin shows, and what the page draws, of the packaged table."""
    from debulk.reports.emulation.laboratory_page import situation_of

    cells = _table(asked.model)
    cell, sizes = _cell(asked)
    every, by_size = every_map(cells, asked.measure), size_map(sizes, asked.measure)
    data = {
        "asked": {name: getattr(asked, name) for name in Asked.__slots__},
        "sizes": [each["patients"] for each in sizes],
        "cell": {name: value for name, value in cell.items() if name != "sizes"},
        "every": every["values"],
        "by_size": [] if by_size is None else by_size["values"],
        "text": _read_out(cell),
        "provenance": cell["provenance"],
    }
    view = {
        "choices": _choices(asked),
        "rows": _rows(cell),
        "every": every,
        "by_size": by_size,
        "sizes_words": text(
            "laboratory.sizes", sizes=", ".join(f"{each['patients']:,}" for each in sizes)
        ),
        "situation": situation_of(cell),
        "typed": {"registries": "100", "patients": str(asked.patients)},
    }
    return data, view


@cache
def _table(model: Model) -> list[dict[str, Any]]:
    from debulk.emulation.laboratory.packaged import packaged_table

    return packaged_table(model)


def _cell(asked: Asked) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The situation at the size asked for, and every size of it that is packaged."""
    wanted = (asked.scenario, asked.selection, asked.unmeasured)
    for cell in _table(asked.model):
        if (cell["scenario"], cell["selection"], cell["unmeasured"]) == wanted:
            sizes = sorted((cell, *cell.get("sizes", ())), key=lambda each: each["patients"])
            near = min(sizes, key=lambda each: abs(each["patients"] - asked.patients))
            return near, sizes
    remedy = text("laboratory.not_made.do")
    found = text("laboratory.not_made.found", model=asked.model, scenario=asked.scenario)
    raise InputError("scenario", found, remedy)


def _read_out(cell: Mapping[str, Any]) -> str:
    """The one sentence to take away: the naive answer and the best one, beside the truth."""
    by_name = {each["method"]: usual(each) for each in cell["methods"]}
    naive, best = by_name["naive"], by_name["clone-censor-weight-natural"]
    words: dict[str, Any] = {
        "patients": f"{cell['patients']:,}",
        "unmeasured": text(f"laboratory.frailty.{cell['unmeasured']}"),
        "truth": _ratio(naive["truth"]),
        "naive": _ratio(naive["truth"] + naive["bias"]),
        "naive_coverage": f"{100 * naive['coverage']:.0f}",
        "best": _ratio(best["truth"] + best["bias"]),
        "best_coverage": f"{100 * best['coverage']:.0f}",
        "registries": f"{cell['registries']:,}",
    }
    return text("laboratory.read_out", **words)


def _ratio(log_ratio: float) -> str:
    return f"{math.exp(log_ratio):.2f}"


def _rows(cell: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for method in cell["methods"]:
        ratio = usual(method)
        rows.append(
            (
                str(method["title"]),
                _ratio(ratio["truth"]),
                _ratio(ratio["truth"] + ratio["bias"]),
                f"{ratio['bias']:+.3f} ± {ratio['monte_carlo_error']:.3f}",
                f"{100 * ratio['coverage']:.0f} ± {100 * ratio['coverage_error']:.1f}",
                f"{100 * ratio['rejected']:.0f} ± {100 * ratio['rejected_error']:.1f}",
            )
        )
    return rows


def _own_rows(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not result:
        return None
    cell = result["cells"][0]
    provenance = cell.get("provenance")
    return {"text": _read_out(cell), "rows": _rows(cell), "provenance": provenance}


def _choices(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    from debulk.emulation.laboratory.knobs import SELECTIONS, STRENGTHS

    made = dict.fromkeys(str(each["scenario"]) for each in _table(asked.model))
    words: dict[str, tuple[str, ...]] = {
        "model": ("simple", "disease"),
        "scenario": tuple(made),
        "selection": SELECTIONS,
        "unmeasured": STRENGTHS,
        "measure": tuple(MEASURES),
    }
    return {
        name: [(each, text(f"laboratory.{name}.{each.replace('-', '_')}")) for each in values]
        for name, values in words.items()
    }
