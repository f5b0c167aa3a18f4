"""The simulated part of the designer in words and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.strings import text
from debulk.reports.words import patients, ratio, share
from debulk.web.trials.answers import Answered


def simulation_view(found: Answered, simulated: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows of each run: sentences, and a table of formula beside simulation."""
    design, protocol = simulated["design"], simulated["protocol"]
    shown: dict[str, Any] = {"sentences": [], "rows": [], "columns": [], "protocol": None}
    if design is not None and design["result"] is not None:
        shown |= _design(found, design["result"])
    if protocol is not None and protocol["result"] is not None:
        shown["protocol"] = _protocol(protocol["result"])
    return shown


def _design(found: Answered, result: Mapping[str, Any]) -> dict[str, Any]:
    planned, null = result["alternative"], result["null"]
    analytic = {name: sum(result["analytic"][name]) for name in ("alternative", "null")}
    ratios, months = planned["hazard_ratio"], planned["duration_months"]
    sentences = [
        text(
            "designer.simulated.power",
            power=_percent(planned["power"]["estimate"]),
            se=_points(planned["power"]["se"]),
            analytic=_percent(analytic["alternative"]),
        ),
        text(
            "designer.simulated.error",
            error=_percent(null["power"]["estimate"]),
            se=_points(null["power"]["se"]),
        ),
        text(
            "designer.simulated.estimate",
            median=ratio(ratios["median"]),
            lower=ratio(ratios["lower"]),
            upper=ratio(ratios["upper"]),
        ),
        text(
            "designer.simulated.months",
            median=f"{months['median']:.0f}",
            lower=f"{months['lower']:.0f}",
            upper=f"{months['upper']:.0f}",
        ),
        _proportional(found, result),
    ]
    names = ("what", "analytic", "simulated")
    columns = [(text(f"designer.simulated.columns.{name}"), name != "what") for name in names]
    return {"sentences": sentences, "rows": _rows(result, analytic), "columns": columns}


def _proportional(found: Answered, result: Mapping[str, Any]) -> str:
    weighted = result.get("weighted")
    if weighted is None:
        return text("designer.simulated.proportional")
    planned = result["alternative"]
    return text(
        "designer.simulated.changing",
        median=ratio(planned["hazard_ratio"]["median"]),
        late=ratio(found.answer["hazard_ratio"][-1][1]),
        weighted=_percent(weighted["power"]["estimate"]),
        se=_points(weighted["power"]["se"]),
        power=_percent(planned["power"]["estimate"]),
    )


def _rows(result: Mapping[str, Any], analytic: Mapping[str, float]) -> list[list[str]]:
    trials = result["trials"]
    rows = []
    shares = result["alternative"]["crossing"]["efficacy"]
    if len(shares) > 1:
        for place, (formula, found) in enumerate(
            zip(result["analytic"]["alternative"], shares, strict=True), start=1
        ):
            what = text("designer.simulated.rows.look", n=place)
            error = (found * (1.0 - found) / trials) ** 0.5
            rows.append([what, _percent(formula), _with_error(found, error)])
    for name, world in (("power", "alternative"), ("error", "null")):
        power = result[world]["power"]
        simulated = _with_error(power["estimate"], power["se"])
        what = text(f"designer.simulated.rows.{name}")
        rows.append([what, _percent(analytic[world]), simulated])
    return rows


def _protocol(result: Mapping[str, Any]) -> str:
    effect = result["effect"]
    error, ratios = effect["type_1_error"], effect["hazard_ratio"]
    return text(
        "designer.simulated.protocol_result",
        trials=result["trials"],
        power=_percent(effect["power"]["estimate"]),
        se=_points(effect["power"]["se"]),
        error=share(error["estimate"]),
        ratio=ratio(ratios["median"]),
        lower=ratio(ratios["lower"]),
        upper=ratio(ratios["upper"]),
        randomised=patients(round(result["randomised_range"]["median"])),
    )


def _percent(value: float) -> str:
    return f"{100.0 * value:.1f} %"


def _points(error: float) -> str:
    return f"{100.0 * error:.2f}"


def _with_error(value: float, error: float) -> str:
    return f"{_percent(value)} \u00b1 {_points(error)}"
