"""The twelve invented cases in a store, and futures that took no simulation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from debulk.board import case_of_entry
from debulk.board.records import LOCAL_MEMBER
from debulk.board.settings import BoardSettings

_FILE = Path(__file__).parents[2] / "reference" / "patients" / "cases.json"


@cache
def entries() -> dict[str, dict[str, Any]]:
    """Entries of the file of cases by their names there."""
    return {each["case_id"]: each for each in json.loads(_FILE.read_text("utf-8"))["cases"]}


NAMES = tuple(entries())


def store(app: FastAPI, name: str) -> str:
    """Store a case; returns its random identifier."""
    case = case_of_entry(entries()[name])
    return str(app.state.records.cases.create(case.to_dict(), by=LOCAL_MEMBER).case_id)


def store_futures(app: FastAPI, case_id: str, result: dict[str, Any] | None = None) -> None:
    """Store a run of the futures as the worker would have, with an invented result."""
    jobs = app.state.records.jobs
    parameters = {"settings": BoardSettings().to_dict()}
    jobs.add("board.futures", parameters, by=LOCAL_MEMBER, case_id=case_id)
    jobs.finish(jobs.claim_next("test").id, result or invented_futures())


def invented_futures() -> dict[str, Any]:
    """Futures in the shape of `debulk.board.futures`, with the numbers of the design's examples."""
    return {
        "state": "shown",
        "text": {
            "two_years": "Of 100 virtual patients like this one, 54 (41 to 66) are alive after two "
            "years with systemic therapy alone and 56 (43 to 69) with local treatment added: "
            "2 more (9 fewer to 13 more).",
            "medians": "Half of them live longer than 26 (21 to 33) and 27 (20 to 36) months.",
            "five_years": "Over 5 years they live 27 (22 to 32) and 28 (22 to 33) months.",
            "changes": "20 (10 to 30) of 100 live at least 3 months longer.",
            "price": "3 (1 to 6) die within 90 days of it.",
            "chance": "Chance: 8 to 61 months.",
            "knowledge": "Knowledge: 41 to 66.",
            "model": "Model: 49, 55 and 58.",
            "left_out": "None of these ranges covers what all variants leave out.",
            "matched": "Matched on: extent.",
            "monte_carlo": "Standard error 1.0.",
            "null_world": "In a null world both are alike.",
        },
        "options": [
            _option("systemic", "systemic therapy alone", (54.0, 41.0, 66.0), 0),
            _option("local", "local treatment added", (56.0, 43.0, 69.0), 3),
        ],
        "differences": [{"alive": [_interval(year, 2.0, -9.0, 13.0) for year in (1, 2, 3, 5)]}],
        "layers": {},
        "matched": {},
        "equipoise": {
            "model": {
                "gain_of_100": 46,
                "little_of_100": 38,
                "loss_of_100": 16,
                "verdict": "open",
            },
            "text": {
                "model": "In the model: in 46 of 100 parameter draws local treatment adds at least "
                "3 months over 5 years, in 38 the difference is smaller than that either way, in "
                "16 it takes at least 3 months. The model cannot tell the options apart.",
                "trials": "In trials: one randomised trial, hazard ratio 0.88 (0.70 to 1.10).",
                "settings": "3 months and 90 of 100 are settings.",
                "noise": "Half is noise.",
            },
        },
        "provenance": {"version": "0", "seed": 1, "inputs": {}, "parameters": []},
    }


def _option(
    name: str, title: str, alive: tuple[float, float, float], dead_of_treatment: int
) -> dict[str, Any]:
    months = list(range(61))
    falling = [1.0 - month / 75.0 for month in months]
    curve = {
        "months": months,
        "estimate": falling,
        "lower": [each * 0.8 for each in falling],
        "upper": [min(1.0, each * 1.2) for each in falling],
    }
    icons = [
        {
            "years": year,
            "alive": round(alive[0]),
            "dead": 100 - round(alive[0]),
            "dead_within_90_days": dead_of_treatment,
        }
        for year in (2, 5)
    ]
    price = {
        "died_90_days_of_100_treated": _interval(None, 3.0, 1.0, 6.0),
        "complication_of_100_treated": _interval(None, 20.0, 12.0, 30.0),
    }
    return {
        "option": name,
        "title": title,
        "curves": {"overall": curve, "progression_free": None},
        "alive": [_interval(year, *alive) for year in (1, 2, 3, 5)],
        "icons": icons,
        "price": price if dead_of_treatment else None,
    }


def _interval(year: int | None, estimate: float, lower: float, upper: float) -> dict[str, Any]:
    values: dict[str, Any] = {"estimate": estimate, "lower": lower, "upper": upper}
    return values if year is None else {"years": year, **values}
