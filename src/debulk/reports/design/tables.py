"""The tables of a design as rows of text: one set for terminal, page, Markdown and Word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.reports.design.wording import (
    allocation_words,
    fixed,
    level,
    month,
    p_value,
    per_cent,
    pieces_words,
    plain_number,
)

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class TextTable:
    """A table whose first column is a label and whose others are numbers.

    Attributes
    ----------
    title : str
    head : tuple of str
        Names of the columns.
    rows : tuple of tuple of str
    note : str
        What a reader must know about it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables_of(answer: Answer) -> list[TextTable]:
    """Every table of a design, in the order of reading.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    found = [design_table(answer), look_table(answer)]
    looks = answer[answer["shown"][-1]]["looks"]
    if any(look["efficacy_z"] is not None for look in looks):
        found.append(bound_table(answer))
    found.append(stop_table(answer))
    if answer["goal"] is not None:
        found.append(goal_table(answer))
    if answer["dilution"] is not None:
        found.append(dilution_table(answer))
    if answer["simulation"] is not None:
        found.append(simulation_table(answer))
    return found


def design_table(answer: Answer) -> TextTable:
    """What is planned: sizes as solved and in whole numbers, then what they rest on."""
    names = {"solved": "as solved", "whole": "whole numbers"}
    blocks = [answer[name] for name in answer["shown"]]
    head = ("", *(names[name] for name in answer["shown"]))
    digits = [4 if name == "solved" else 0 for name in answer["shown"]]
    pairs = list(zip(blocks, digits, strict=True))
    exact = answer["formula"] is not None
    rows = [
        ("Events", *(fixed(each["events"], n if exact else min(n, 1) or 1) for each, n in pairs)),
        ("Patients", *(fixed(each["patients"], n) for each, n in pairs)),
        ("Power", *(f"{100 * each['power']:.2f} %" for each in blocks)),
        ("Months of accrual", *(fixed(each["accrual"]["end_months"], 1) for each in blocks)),
        ("Months to the final analysis", *(fixed(each["duration_months"], 1) for each in blocks)),
    ]
    for name, words in (("alternative", "if the plan is right"), ("null", "under the null")):
        expected = [each[f"expected_{name}"] for each in blocks]
        if all(expected) and len(blocks[0]["looks"]) > 1:
            texts = [
                "never reached" if each["events"] is None else
                f"{each['events']:.0f} (month {month(each['duration_months'])})"
                for each in expected
            ]  # fmt: skip
            rows.append((f"Expected events {words}", *texts))
    return TextTable("The design", head, tuple(rows), _assumed(answer))


def title_of(answer: Answer) -> str:
    """What kind of trial it is."""
    arms = "Single-arm" if answer["test"] == "one-sample" else "Two-arm"
    aim = "non-inferiority" if answer["null_ratio"] > 1.0 else "superiority"
    test = {"logrank": "log-rank test"}.get(answer["test"], answer["test"])
    sides = "one-sided" if answer["sided"] == 1 else "two-sided"
    return f"{arms} survival trial for {aim}: {test}, {sides} alpha {level(answer['alpha'])}"


def _assumed(answer: Answer) -> str:
    """One line with what the numbers rest on."""
    parts = []
    if answer["strata"] is None:
        parts.append(f"hazard ratio {pieces_words(answer['hazard_ratio'])}")
        median = answer["medians"]["control"]
        if median is not None:
            parts.append(f"control median {month(median)} months")
    else:
        parts.append(f"{len(answer['strata'])} strata")
    if answer["null_ratio"] != 1.0:
        parts.append(f"null ratio {plain_number(answer['null_ratio'])}")
    if answer["test"] != "one-sample":
        parts.append(f"allocation {allocation_words(answer['allocation'])}")
    lost = answer["dropout"]
    both = {round(lost["experimental"], 12), round(lost["control"], 12)}
    shares = [level(round(lost[arm], 12)) for arm in ("experimental", "control")]
    parts.append("drop-out a year " + (shares[0] if len(both) == 1 else " and ".join(shares)))
    if answer["formula"] is not None:
        parts.append(f"formula {answer['formula']}")
    return f"Assumed: {'; '.join(parts)}."


def look_table(answer: Answer) -> TextTable:
    """Each analysis: when it comes, and how likely the trial stops there for benefit."""
    looks = answer[answer["shown"][-1]]["looks"]
    digits = 0 if answer["shown"][-1] == "whole" and answer["formula"] else 1
    rows = tuple(
        (
            _name(k, len(looks)),
            per_cent(look["information"], 1),
            fixed(look["events"], digits),
            fixed(look["patients"], digits),
            fixed(look["month"], 1),
            per_cent(look["efficacy_alternative"]),
        )
        for k, look in enumerate(looks)
    )
    head = ("Analysis", "information", "events", "patients", "month", "P(benefit)")
    note = (
        "Month: from the first patient, as expected under the plan. P(benefit): probability "
        "to cross the efficacy boundary first at this analysis if the plan is right."
    )
    return TextTable("Analyses", head, rows, note)


def bound_table(answer: Answer) -> TextTable:
    """Each boundary, as Z and as the hazard ratio that just meets it."""
    looks = answer[answer["shown"][-1]]["looks"]
    columns: list[tuple[str, Any]] = [("efficacy Z", lambda look: _z(look["efficacy_z"]))]
    if _any(looks, "critical_hazard_ratio"):
        columns.append(("HR at most", lambda look: _z(look["critical_hazard_ratio"])))
    columns.append(("nominal p", lambda look: _p(look["nominal_p"])))
    if _any(looks, "futility_z") and answer["rules"]["futility"]:
        # At the last analysis the trial ends whatever Z is: there is no bound for futility.
        interim = {id(look) for look in looks[:-1]}
        columns += [
            (title, lambda look, key=key: _z(look[key] if id(look) in interim else None))
            for title, key in (
                ("futility Z", "futility_z"),
                ("HR at least", "futility_hazard_ratio"),
            )
            if _any(looks, key) and (answer["sided"] == 1 or key == "futility_z")
        ]
    if _any(looks, "harm_z"):
        columns.append(("harm Z", lambda look: _z(look["harm_z"])))
        columns.append(("HR at least", lambda look: _z(look["harm_hazard_ratio"])))
    rows = tuple(
        (_name(k, len(looks)), *(write(look) for _, write in columns))
        for k, look in enumerate(looks)
    )
    sides = "one-sided" if answer["sided"] == 1 else "two-sided"
    note = f"Z above 0 means benefit. Nominal p is {sides}."
    if answer["rules"]["futility"]:
        note += " Futility is " + ("binding." if answer["rules"]["binding"] else "not binding.")
    if answer["sided"] == 2:
        note += " Both sides count: efficacy at or beyond \u00b1 its bound"
        note += ", futility within \u00b1 its own." if answer["rules"]["futility"] else "."
    return TextTable("Boundaries", ("Analysis", *(name for name, _ in columns)), rows, note)


def stop_table(answer: Answer) -> TextTable:
    """The null world: probability of each way to stop where treatment does nothing."""
    world = answer[answer["shown"][-1]]["null_world"]
    rows_of_world = world["looks"]
    names = {
        "efficacy": "benefit" if answer["null_ratio"] <= 1.0 else "non-inferiority",
        "futility": "futility",
        "harm": "harm",
        "opposite": "control better",
    }
    kept = [
        key for key in names if key == "efficacy" or any(row[key] > 0.0 for row in rows_of_world)
    ]
    rows = [
        (
            _name(k, len(rows_of_world)),
            *("\u2013" if row[key] == 0.0 else per_cent(row[key], 2) for key in kept),
        )
        for k, row in enumerate(rows_of_world)
    ]
    if len(rows_of_world) > 1:
        totals = (math.fsum(row[key] for row in rows_of_world) for key in kept)
        rows.append(("Total", *(per_cent(each, 2) for each in totals)))
    note = (
        f"Hazard ratio exactly 1, every boundary followed. Nothing crossed: "
        f"{per_cent(world['none'], 2)}."
    )
    head = ("Stops for", *(names[key] for key in kept))
    return TextTable("If there is no effect", head, tuple(rows), note)


def goal_table(answer: Answer) -> TextTable:
    """One absolute gain, in the patients before and after selection."""
    goals = answer["goal"]["rows"]
    rows = tuple(
        (
            row["population"],
            month(row["control"]),
            month(row["experimental"]),
            fixed(row["hazard_ratio"], 4),
            fixed(row["events"], 0),
        )
        for row in goals
    )
    head = ("Population", "control median", "experimental median", "hazard ratio", "events")
    note = (
        f"The same gain of {plain_number(goals[0]['gain'])} months is a weaker hazard ratio in "
        "patients who live longer anyway. Events: one analysis, Schoenfeld's formula."
    )
    return TextTable("The gain as a hazard ratio", head, rows, note if len(goals) > 1 else "")


def dilution_table(answer: Answer) -> TextTable:
    """The planned hazard ratio before and after dilution."""
    found = answer["dilution"]
    rows = (
        ("planned, treated as assigned", fixed(found["hazard_ratio"], 4)),
        ("as randomised (used)", fixed(found["cox_limit"], 4)),
        ("as randomised, event-weighted average", fixed(found["average"], 4)),
        ("as randomised, log-linear approximation", fixed(found["log_linear"], 4)),
        ("events needed, times", fixed(found["events_inflation"], 3)),
        ("patients needed, times", fixed(found["patients_inflation"], 3)),
    )
    note = "Used: the value to which Cox's estimate tends (Struthers and Kalbfleisch 1986)."
    return TextTable("Dilution", ("Hazard ratio", "value"), rows, note)


def simulation_table(answer: Answer) -> TextTable:
    """Analytic against simulated probabilities."""
    found = answer["simulation"]
    worlds = {"alternative": "plan is right", "null": "null hypothesis"}
    rows = tuple(
        (
            f"{each['what']}, {worlds[each['world']]}",
            fixed(each["analytic"], 4),
            f"{fixed(each['simulated'], 4)} \u00b1 {each['monte_carlo_error']:.4f}",
        )
        for each in found["comparison"]
    )
    note = (
        f"{found['trials']} simulated trials of each kind, seed {found['seed']}; \u00b1 is one "
        "Monte Carlo standard error. The formulas are asymptotic: small differences beyond it "
        "are theirs."
    )
    return TextTable("Check by simulation", ("Probability", "analytic", "simulated"), rows, note)


def _name(k: int, looks: int) -> str:
    return "final" if k + 1 == looks else f"interim {k + 1}"


def _any(looks: list[Mapping[str, Any]], name: str) -> bool:
    return any(look[name] is not None for look in looks)


def _z(value: float | None) -> str:
    return "\u2013" if value is None else fixed(value, 4)


def _p(value: float | None) -> str:
    return "\u2013" if value is None else p_value(value)
