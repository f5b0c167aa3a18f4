"""One page of an emulated trial: answer, warning, checks, what is not known, and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from debulk.reports import words
from debulk.reports.disease_pages import Table
from debulk.reports.emulation.curve_figures import methods_chart, strategy_curves_chart
from debulk.reports.emulation.flow_figure import flow_chart, flow_diagram
from debulk.reports.emulation.weight_figures import balance_chart, weight_chart
from debulk.reports.evidence.page import EvidencePage, Picture, write_evidence

MARKS = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
"""How the state of a check is written."""


def write_emulation_page(folder: Path, result: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the figures of an emulated trial and a page with all of them into a folder.

    Parameters
    ----------
    folder : Path
        An existing folder.
    result : mapping
        `Emulation.to_dict()`.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    return write_evidence(folder, pictures_of(result), page_of(result), "emulation")


def pictures_of(result: Mapping[str, Any]) -> list[Picture]:
    """The figures of an emulated trial, as far as its answer has what they show."""
    main = _main_answer(result)
    strategies = result["strategies"] if result["clones"] else {}
    arms = {name: int(each["patients"] or 0) for name, each in strategies.items()}
    pictures = [
        Picture(
            "methods",
            methods_chart(result["answers"], _published(result), "What each method answers"),
            "Forest plot of the hazard ratios of all methods, in the table below.",
        )
    ]
    if main["curves"]:
        pictures.append(
            Picture(
                "curves",
                strategy_curves_chart(main),
                "Survival under each strategy with pointwise bands, weights at risk below.",
            )
        )
    pictures.append(
        Picture(
            "flow",
            flow_chart(flow_diagram(result["flow"], arms), "Participant flow"),
            "Patients left after each step and why the others are not, in the table below.",
        )
    )
    checks = {each["check"]: each["details"] for each in result["checks"]}
    if "positivity" in checks and "weight tails" in checks:
        chances, visits = checks["positivity"], checks["weight tails"]
        stand = weight_chart(
            chances["chance_of_treatment"], visits["visits"], chances["least_chance"]
        )
        alt = "Chances of treatment and effective numbers of clones, visit by visit."
        pictures.append(Picture("weights", stand, alt))
    if checks.get("balance"):
        panels = balance_chart(checks["balance"]["rows"], checks["balance"]["most_difference"])
        alt = "Standardised differences of each covariate over visits, weighted and unweighted."
        pictures.append(Picture("balance", panels, alt))
    return pictures


def page_of(result: Mapping[str, Any]) -> EvidencePage:
    """The words and tables of the page."""
    return EvidencePage(
        title=f"{result['title']}: emulated from a registry",
        kicker=f"{result['patients']} patients, {_main_answer(result)['title']}",
        sentence=_sentence(result),
        tables=(
            _methods(result),
            _checks("The seven items of the trial", result["items"]),
            _checks("Checks", result["checks"]),
            *_unmeasured(result),
            _flow(result),
        ),
        # The first caveat of each method stands beside its numbers, in the table.
        remarks=(*result["answers"][0]["caveats"][:1], *_main_answer(result)["caveats"][1:]),
        assumptions=tuple(result["decisions"]),
        exclusions=tuple(
            f"{each['patients']} patients: {each['reason']}" for each in result["excluded"]
        ),
        sources=tuple(f"Not known: {each}" for each in result["not_known"]),
    )


def _sentence(result: Mapping[str, Any]) -> str:
    main, naive = _main_answer(result), result["answers"][0]
    failed = [each["check"] for each in result["checks"] if each["state"] == "fail"]
    parts = [f"{main['title']}: hazard ratio {_interval(main['effect']['hazard_ratio'])}."]
    if naive["method"] != main["method"]:
        ratio = _interval(naive["effect"]["hazard_ratio"])
        parts.append(f"Beside it, as a warning, ever against never treated: {ratio}.")
    published = _published(result)
    if published is not None:
        parts.append(f"The trial itself: {_numbers(published, 'hazard_ratio')}.")
    if failed:
        parts.append(f"Checks that failed: {', '.join(failed)}.")
    return " ".join(parts)


def _main_answer(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer that stands for all: the one whose effect the result carries."""
    found: Mapping[str, Any] = next(
        each for each in result["answers"] if each["method"] == result["effect_of"]
    )
    return found


def _published(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    published: Mapping[str, Any] | None = result["published"]
    if published is None or published.get("hazard_ratio") is None:
        return None
    return published


def _methods(result: Mapping[str, Any]) -> Table:
    rows = [
        (
            str(each["title"]),
            _interval(each["effect"]["hazard_ratio"]),
            _interval(each["effect"]["rmst_difference"]),
            _interval(each["effect"]["risk_difference"]),
            str(each["caveats"][0]) if each["caveats"] else "",
        )
        for each in result["answers"]
    ]
    rows += [(each["method"], "no answer", "", "", each["why"]) for each in result["refused"]]
    tau = f"to {result['tau_months']:g} months" if result["tau_months"] is not None else ""
    heads = ("method", "hazard ratio", f"RMST difference {tau}", f"risk difference {tau}", "note")
    return Table("What each method answers", "Local treatment against none.", heads, tuple(rows))


def _checks(title: str, checks: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple((str(each["check"]), MARKS[each["state"]], str(each["text"])) for each in checks)
    return Table(title, "Unknown: these data cannot tell.", ("check", "state", "found"), rows)


def _unmeasured(result: Mapping[str, Any]) -> tuple[Table, ...]:
    """Tipping points over a grid of strengths and shares (array approach), where there are any."""
    found = {each["check"]: each["details"] for each in result["checks"]}
    told = found.get("unmeasured selection") or {}
    if not told or told["e_value"]["limit"] == 1.0:
        return ()  # no answer, or one that holds no effect: nothing to explain
    points = told["tipping_points"]
    shares = sorted({each["share_untreated"] for each in points})
    rows = []
    for strength in sorted({each["strength"] for each in points}):
        at = {each["share_untreated"]: each for each in points if each["strength"] == strength}
        cells = (at[share]["share_for_limit"] for share in shares)
        rows.append(
            (f"{strength:g}", *("no share" if c is None else words.share(c) for c in cells))
        )
    heads = ("strength", *(f"{100 * share:.0f} % of the others" for share in shares))
    note = (
        "Share of the treated who must have an unrecorded factor, that changes the hazard by the "
        "strength, for the interval of the hazard ratio to reach 1."
    )
    return (Table("What would explain the answer away", note, heads, tuple(rows)),)


def _flow(result: Mapping[str, Any]) -> Table:
    rows = []
    for step in result["flow"]:
        rows.append((str(step["step"]), str(step["patients"]), ""))
        rows += [("", str(each["patients"]), str(each["reason"])) for each in step["left_out"]]
    heads = ("step", "patients", "left out because")
    return Table("Participant flow", "Each patient leaves at one step.", heads, tuple(rows))


def _interval(estimate: Mapping[str, Any] | None) -> str:
    return "none" if estimate is None else _numbers(estimate, "estimate")


def _numbers(values: Mapping[str, Any], key: str) -> str:
    told = [
        "not reached" if values[name] is None else f"{values[name]:.2f}"
        for name in (key, "lower", "upper")
    ]
    return f"{told[0]} ({told[1]} to {told[2]})"
