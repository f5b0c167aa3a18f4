"""Figure 1 and what each mechanism is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Annotated, Any

from fastapi import Form, Request

from debulk import __version__
from debulk.core.provenance import Provenance
from debulk.core.strings import text
from debulk.disease.mechanisms import MECHANISMS
from debulk.web.jobs.queue import job_of, submit
from debulk.web.pages import Moved, Page, Pages
from debulk.web.visitor import ROLES

pages = Pages("disease")

JOB_PATIENTS, JOB_DRAWS = 2000, 20
"""Virtual patients of a run from the page, over so many draws of the parameters."""

KIND = "disease.mechanisms"
"""Of the run from the page."""

_SEED = 1

ENDS = ("lower", "upper")


@pages.page("/disease", "The continuum of disease, and what each mechanism does to the effect.")
def disease(request: Request, job: str | None = None) -> Page:
    """Show the packaged continuum and mechanisms, and a run with mechanisms of one's own."""
    data, view = _data(), _view()
    own = None if job is None else job_of(request, job, KIND)
    if own is not None:
        data = {**data, "job": own.to_dict(with_result=True)}
    result = None if own is None else own.result
    off = [] if result is None else result["off"]
    view = {**view, "job": own, "own": None if result is None else _own(result), "off": off}
    status = 200 if own is None or own.is_over else 202
    return Page("disease/continuum.html", text("disease.title"), data, view, status)


@pages.form("/disease", "Switch mechanisms off and see the effect, in the background.", roles=ROLES)
def switch(request: Request, on: Annotated[list[str] | None, Form()] = None) -> Moved:
    """Start a run in which only the mechanisms ticked act."""
    off = [name for name in MECHANISMS if name not in (on or ())]
    job = submit(request, KIND, {"off": off})
    return Moved(f"/disease?job={job.id}#own", text("disease.mechanisms.started"))


def run(parameters: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The job: the effect in ORCHESTRA's patients with some mechanisms off, beside three worlds."""
    from debulk.trials.mechanisms.contrasts import effect_in
    from debulk.trials.mechanisms.counterfactual import follow_pool, settings_for
    from debulk.trials.mechanisms.pool import recruit_pool

    progress(0.0, text("disease.mechanisms.drawing"))
    settings = settings_for("orchestra", None, _SEED)
    pool = recruit_pool(settings, JOB_PATIENTS, JOB_DRAWS, lambda done, wanted: None)
    model = settings.disease
    worlds = {
        "full": model,
        "chosen": model.without(*parameters["off"]),
        "bare_removal": model.bare_removal(),
        "null": model.null_world(),
    }
    found = {}
    for done, (name, world) in enumerate(worlds.items(), 1):
        found[name] = effect_in(follow_pool(pool, world)).to_dict(model.structures[: pool.draws])
        progress(done / len(worlds), text(f"disease.worlds.{name}"))
    size = {"patients": len(pool), "draws": pool.draws}
    provenance = Provenance(version=__version__, seed=_SEED).to_dict()
    return {**size, "off": parameters["off"], "worlds": found, "provenance": provenance}


@cache
def _packaged(name: str) -> dict[str, Any]:
    file = files("debulk.data") / "disease" / f"{name}.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


@cache
def _data() -> dict[str, Any]:
    continuum = _packaged("continuum")
    return {
        "warning": text("futures.remarks.provisional"),
        "continuum": continuum,
        "mechanisms": _packaged("mechanisms"),
        "targets": _targets(),
        "provenance": continuum["provenance"],
    }


def _targets() -> list[dict[str, Any]]:
    """Which target says what about the model."""
    from debulk.disease import load_targets

    return [
        {
            "target": each.title,
            "informs": each.informs,
            "published": each.published,
            "lower": each.lower if isfinite(each.lower) else None,
            "upper": each.upper if isfinite(each.upper) else None,
            "unit": each.unit,
            "evidence": list(each.evidence),
        }
        for each in load_targets()
        if each.informs
    ]


@cache
def _view() -> dict[str, Any]:
    from debulk.reports.continuum_figure import continuum_chart
    from debulk.reports.disease_pages import continuum_page
    from debulk.reports.mechanisms.figure import page_chart
    from debulk.reports.mechanisms.tables import text_tables
    from debulk.reports.mechanisms.wording import conclusions

    continuum, mechanisms = _packaged("continuum"), _packaged("mechanisms")
    figure_1, worth = continuum_page(continuum), conclusions(mechanisms)[0]
    return {
        "figure_1": figure_1,
        "figure": continuum_chart(continuum).to_dict(),
        "figure_words": text("disease.figure.description", sentence=figure_1.sentence),
        "dumbbells": page_chart(mechanisms),
        "dumbbell_rows": _dumbbell_rows(mechanisms),
        "dumbbell_words": _dumbbell_words(mechanisms, worth),
        "worth": worth,
        "worth_tables": text_tables(mechanisms),
        "targets": [_target_row(each) for each in _data()["targets"]],
        "choices": [(name, text(f"disease.what.{name.replace('-', '_')}")) for name in MECHANISMS],
    }


def _dumbbell_rows(mechanisms: Mapping[str, Any]) -> list[tuple[str, ...]]:
    from debulk.reports import words
    from debulk.reports.mechanisms.figure import dumbbell_rows

    rows = []
    for each in dumbbell_rows(mechanisms):
        off = words.DASH if each["off"] is None else words.ratio(each["off"])
        spread = each.get("lower") is not None
        limits = words.limits(each["lower"], each["upper"]) if spread else words.DASH
        rows.append((each["row"], words.ratio(each["on"]), off, limits))
    return rows


def _dumbbell_words(mechanisms: Mapping[str, Any], worth: str) -> str:
    """What the dumbbells show: the mechanism that moves the effect most, and the worlds."""
    from debulk.reports import words
    from debulk.reports.mechanisms.figure import dumbbell_rows

    most = dumbbell_rows(mechanisms)[0]
    ratios = {end: words.ratio(most[end]) for end in ("on", "off")}
    name = text(f"disease.what.{most['row'].replace('-', '_')}")
    return text("disease.mechanisms.description", worth=worth, most=name, **ratios)


def _target_row(each: Mapping[str, Any]) -> tuple[str, ...]:
    from debulk.reports.target_tables import shown
    from debulk.reports.words import DASH

    ends = [shown(each[end], each["unit"]) if each[end] is not None else DASH for end in ENDS]
    published = DASH if each["published"] is None else shown(each["published"], each["unit"])
    return (
        each["target"],
        each["informs"],
        published,
        text("disease.targets.from_to", lower=ends[0], upper=ends[1]),
    )


def _own(result: Mapping[str, Any]) -> dict[str, Any]:
    """A run of one's own in words and rows."""
    from debulk.reports import words

    rows = []
    for name, world in result["worlds"].items():
        ratio, error, spread = (
            world["hazard_ratio"],
            world["monte_carlo_error"],
            world["parameters"],
        )
        rows.append(
            (
                text(f"disease.worlds.{name}"),
                f"{words.ratio(ratio)} ± {error:.3f}",
                words.DASH if not spread else words.limits(spread["lower"], spread["upper"]),
                f"{world['rmst_difference_months']:+.1f} ± {world['rmst_error_months']:.1f}",
            )
        )
    full, chosen = result["worlds"]["full"], result["worlds"]["chosen"]
    told = text(
        "disease.mechanisms.own",
        full=words.ratio(full["hazard_ratio"]),
        chosen=words.ratio(chosen["hazard_ratio"]),
        error=f"{chosen['monte_carlo_error']:.3f}",
        count=len(result["off"]),
    )
    return {"text": told, "rows": rows, "provenance": result.get("provenance")}
