"""The pooling laboratory: one's own choice of studies, method and interval, with every check."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from debulk.core.strings import text
from debulk.reports.disease_pages import Table
from debulk.reports.evidence.page import Picture
from debulk.reports.evidence.pool_page import (
    cumulative_picture,
    cumulative_table,
    funnel_picture,
    funnel_table,
    left_out_picture,
    left_out_table,
    pool_tables,
)
from debulk.reports.evidence.wording import INTERVALS as INTERVAL_WORDS
from debulk.reports.evidence.wording import METHODS as METHOD_WORDS
from debulk.reports.evidence.wording import pooled_sentence, weight_words
from debulk.reports.words import signless_zero
from debulk.web.evidence.drawing import drawn
from debulk.web.evidence.explore_page import Chosen, trial_view
from debulk.web.evidence.laboratory_of_pools import (
    GROUPS,
    INTERVALS,
    MEASURES,
    METHODS,
    Wanted,
    checked,
    quantities,
)
from debulk.web.evidence.selection import Selection, choices
from debulk.web.pages import Page, Pages

pages = Pages("evidence")

_PICTURES = {
    "leave_one_out": (left_out_picture, left_out_table),
    "cumulative": (cumulative_picture, cumulative_table),
    "small_study": (funnel_picture, funnel_table),
}
"""Of each check: what draws it, and what lists it."""
_COLUMNS = (
    *("study", "kind", "measure", "estimate", "lower", "upper"),
    *("estimate_on_scale", "se_on_scale", "scale", "weight", "patients", "source"),
)


def wanted_of(
    selection: Chosen,
    kind: Annotated[str, Query(max_length=20)] = "",
    measure: Annotated[str, Query(max_length=20)] = "hazard ratio",
    method: Annotated[str, Query(max_length=10)] = "reml",
    interval: Annotated[str, Query(max_length=12)] = "hksj",
    quantity: Annotated[str, Query(max_length=120)] = "",
    without: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> Wanted:
    """What the query string asks for; without a kind, that of the design."""
    usual = "series" if selection.design and selection.design not in GROUPS["randomised"] else ""
    left_out = tuple(sorted(set(without or ())))
    kind = kind or usual or "randomised"
    return Wanted(selection, kind, measure, method, interval, quantity, left_out)


@pages.page("/evidence/pool", "A pool of one's own: studies, method, interval, and its checks.")
def pool(
    request: Request,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    form: Annotated[str, Query(alias="as", pattern="^(|csv)$")] = "",
) -> Page | Response:
    """Show the pool and its checks, or give the studies as a table."""
    del request
    errors = wanted.selection.problems() | _wrong_words(wanted)
    shown = _usual(wanted, errors)
    data, view = _shown(shown)
    if form == "csv" and not errors:
        headers = {"Content-Disposition": 'attachment; filename="pool.csv"'}
        return Response(_csv(data), media_type="text/csv; charset=utf-8", headers=headers)
    data = {**data, "selection": wanted.selection.to_dict(), "asked": _asked(wanted)}
    status = 422 if errors else 200
    title = text("evidence.pool.title")
    return Page("evidence/pool.html", title, data, view, status=status, errors=errors)


def _asked(wanted: Wanted) -> dict[str, Any]:
    names = ("kind", "measure", "method", "interval", "quantity", "without")
    return {name: getattr(wanted, name) for name in names}


_WORDS = {"kind": tuple(GROUPS), "measure": MEASURES, "method": METHODS, "interval": INTERVALS}


def _wrong_words(wanted: Wanted) -> dict[str, str]:
    asked = _asked(wanted)
    return {
        name: text("evidence.adjusting.wrong_word", found=asked[name])
        for name, known in _WORDS.items()
        if asked[name] not in known
    }


def _usual(wanted: Wanted, errors: dict[str, str]) -> Wanted:
    """What is shown beside the messages: the usual in the place of what is wrong."""
    usual = Wanted(Selection())
    mended = {name: getattr(usual, name) for name in _WORDS if name in errors}
    if wanted.selection.problems():
        mended["selection"] = wanted.selection.but(year_from="", year_to="")
    return replace(wanted, **mended)


@lru_cache(maxsize=64)
def _shown(wanted: Wanted) -> tuple[dict[str, Any], dict[str, Any]]:
    told = checked(wanted)
    result = told["pool"]
    said = told["text"] if result is None else pooled_sentence(result)
    data = {**told, "text": said, "apart": text("evidence.apart")}
    if result is not None:
        data["provenance"] = result["provenance"]
    view: dict[str, Any] = {
        "choices": choices() | _choices(wanted),
        "trials": trial_view(told),
        "pictures": [],
        "tables": [],
        "influence": [],
        "studies": sorted(set(wanted.without) | {each["name"] for each in _studies(wanted)}),
    }
    if result is not None:
        view["pictures"] = [
            _picture(name, draw(result), listed(result))
            for name, (draw, listed) in _PICTURES.items()
            if result[name] is not None
        ]
        beside = [each["table"] for each in view["pictures"]]
        view["tables"] = [each for each in pool_tables(result)[1:] if each not in beside]
        view["influence"] = _influence_rows(told["influence"])
    return data, view


def _picture(name: str, made: Picture, table: Table) -> dict[str, Any]:
    columns = [(head, place > 0) for place, head in enumerate(table.heads)]
    words = {"name": name, "alt": made.alt, "columns": columns, "table": table}
    return {**words, "chart": drawn(made.chart)}


def _studies(wanted: Wanted) -> list[dict[str, Any]]:
    """Those that would be pooled if none were left out."""
    everybody = replace(wanted, without=())
    found = everybody.pooled_with(everybody.how)["pool"]
    return [] if found is None else list(found["studies"])


def _choices(wanted: Wanted) -> dict[str, list[tuple[str, str]]]:
    known = quantities(wanted.selection, wanted.kind, wanted.measure)
    asked = [wanted.quantity] if wanted.quantity and wanted.quantity not in known else []
    return {
        "kind": [(word, text(f"evidence.pool.kinds.{word}")) for word in GROUPS],
        "measure": [(word, word) for word in MEASURES],
        "method": [(word, METHOD_WORDS[word]) for word in METHODS],
        "interval": [(word, INTERVAL_WORDS[word]) for word in INTERVALS],
        "quantity": [("", text("evidence.any")), *((word, word) for word in (*known, *asked))],
    }


def _influence_rows(found: dict[str, Any] | None) -> list[tuple[str, ...]]:
    if found is None:
        return []
    return [
        (
            each["name"],
            *(_digits(each[name]) for name in ("rstudent", "dffits", "cooks_distance", "hat")),
            weight_words(each["weight"]),
            ", ".join(each["rules"]).replace("_", " "),
        )
        for each in found["rows"]
    ]


def _digits(value: float | None) -> str:
    return text("evidence.pool.no_value") if value is None else signless_zero(f"{value:.2f}")


def _csv(data: dict[str, Any]) -> str:
    """Studies and the pool, one row each, on the scale that readers know and on that of pooling."""
    made = io.StringIO()
    writer = csv.DictWriter(made, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    result = data["pool"]
    if result is None:
        return made.getvalue()
    common = {"measure": result["measure"], "scale": result["scale"]}
    for study, natural in zip(result["studies"], result["natural"]["studies"], strict=True):
        ends = {name: natural[name] for name in ("estimate", "lower", "upper")}
        row = {"study": study["name"], "kind": "study", **ends, **common}
        row |= {"estimate_on_scale": study["estimate"], "se_on_scale": study["se"]}
        row |= {name: study[name] for name in ("weight", "patients", "source")}
        writer.writerow(row)
    ends = {name: result["natural"][name] for name in ("estimate", "lower", "upper")}
    whole = {"study": "", "kind": "pooled", **ends, **common}
    writer.writerow(whole | {"estimate_on_scale": result["estimate"], "se_on_scale": result["se"]})
    writer.writerow(
        {"study": "", "kind": "prediction", **result["natural"]["prediction"], **common}
    )
    return made.getvalue()
