"""Interim analyses, their boundaries, and what happens without an effect, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports.design.wording import (
    count,
    fixed,
    joined,
    level,
    month,
    p_value,
    per_cent,
    plain_number,
    rule_words,
    spends,
    whole,
)

Answer = Mapping[str, Any]


def interim_text(answer: Answer) -> str:
    """When the looks come, and where the trial stops.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    looks = answer["whole"]["looks"]
    if len(looks) == 1:
        return _single(answer, looks[0])
    sentences = [
        _moments(answer, looks),
        _efficacy(answer, looks),
        _futility(answer, looks),
        _harm(answer, looks),
    ]
    return " ".join(each for each in sentences if each)


def _single(answer: Answer, look: Mapping[str, Any]) -> str:
    text = "No interim analysis of efficacy is planned. "
    text += f"The null hypothesis is rejected where Z is at least {fixed(look['efficacy_z'])}"
    if look["critical_hazard_ratio"] is not None:
        text += (
            f", which is an estimated hazard ratio of {fixed(look['critical_hazard_ratio'])} "
            "or less"
        )
    if answer["sided"] == 2:
        text += ", or where it is as far on the other side"
    return text + "."


def _moments(answer: Answer, looks: list[Mapping[str, Any]]) -> str:
    interim = looks[:-1]
    events = joined([whole(each["events"]) for each in interim])
    shares = joined([per_cent(each["information"], 0) for each in interim])
    months = joined([month(each["month"]) for each in interim])
    single = len(interim) == 1
    noun, verb = ("interim analysis", "is") if single else ("interim analyses", "are")
    plural = "month" if single else "months"
    return (
        f"{count(len(interim)).capitalize()} {noun} {verb} planned, after {events} events "
        f"({shares} of the final number), expected at {plural} {months}."
    )


def _efficacy(answer: Answer, looks: list[Mapping[str, Any]]) -> str:
    rule = answer["rules"]["efficacy"]
    bounds = [each for each in looks if each["efficacy_z"] is not None]
    z = joined([fixed(each["efficacy_z"]) for each in bounds])
    ratios = [each["critical_hazard_ratio"] for each in bounds]
    levels = [each["nominal_p"] for each in bounds]
    sides = "one-sided" if answer["sided"] == 1 else "two-sided"
    text = (
        f"The efficacy boundary is set by {rule_words(rule)}: the null hypothesis is rejected "
        f"where Z is at least {z} at {_analyses(len(bounds), len(looks))}"
    )
    known = []
    if all(each is not None for each in levels):
        known.append(f"nominal {sides} p at most {joined([p_value(each) for each in levels])}")
    if all(each is not None for each in ratios):
        known.append(f"estimated hazard ratio at most {joined([fixed(each) for each in ratios])}")
    text += (f" ({'; '.join(known)})" if known else "") + "."
    if answer["sided"] == 2:
        text += " The boundaries are symmetric: the trial also stops where Z is as far below 0."
    if len(bounds) < len(looks):
        text += " No error is spent at the analyses before."
    if spends(rule):
        text += (
            " If an analysis takes place at another number of events, its boundary is calculated "
            "again by the same function at the events observed."
        )
    return text


def _analyses(bounds: int, looks: int) -> str:
    if bounds < looks:
        return "the final analysis" if bounds == 1 else f"the last {count(bounds)} analyses"
    return f"the {count(bounds)} analyses"


def _futility(answer: Answer, looks: list[Mapping[str, Any]]) -> str:
    rule = answer["rules"]["futility"]
    if rule is None:
        return "There is no boundary for futility."
    bounds = [each for each in looks[:-1] if each["futility_z"] is not None]
    if not bounds:
        return "The rule for futility leaves no bound at an interim analysis."
    z = joined([fixed(each["futility_z"]) for each in bounds])
    ratios = [each["futility_hazard_ratio"] for each in bounds]
    what = "Z" if answer["sided"] == 1 else "the distance of Z from 0"
    text = f"For futility the trial stops where {what} is at most {z} ({rule_words(rule)}"
    if answer["sided"] == 1 and all(each is not None for each in ratios):
        text += f"; estimated hazard ratio at least {joined([fixed(each) for each in ratios])}"
    text += "). "
    if answer["rules"]["binding"]:
        return text + (
            "This boundary is binding: the efficacy boundary relies on it, and the type I error "
            "is kept only if the trial does stop."
        )
    return text + (
        "This boundary is non-binding: the type I error is kept even if the trial goes on; the "
        "power stated counts on the trial stopping."
    )


def _harm(answer: Answer, looks: list[Mapping[str, Any]]) -> str:
    rule = answer["rules"]["harm"]
    bounds = [each for each in looks if each["harm_z"] is not None]
    if rule is None or not bounds:
        return ""
    z = joined([fixed(each["harm_z"]) for each in bounds])
    ratios = joined([fixed(each["harm_hazard_ratio"]) for each in bounds])
    return (
        f"For harm the trial stops where Z is at most {z} (estimated hazard ratio at least "
        f"{ratios}), by {rule_words(rule)} with a one-sided error of "
        f"{level(answer['rules']['harm_alpha'])} of its own; the efficacy boundary does not rely "
        "on it."
    )


def null_world_text(answer: Answer) -> str:
    """What happens where the treatment has no effect at all.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    found = answer["whole"]["null_world"]
    rows = found["looks"]
    superiority = answer["null_ratio"] == 1.0
    claim = "a benefit" if superiority else f"a hazard ratio below {_null(answer)}"
    text = (
        "If the treatment has no effect at all (hazard ratio exactly 1), the trial shows "
        f"{claim} with a probability of {per_cent(found['benefit'])}"
    )
    if len(rows) > 1:
        text += f" ({_by_look(rows, 'efficacy')})"
        reasons = (("futility", "for futility"), ("harm", "for harm"),
                   ("opposite", "in favour of the control arm"))  # fmt: skip
        for name, words in reasons:
            total = sum(row[name] for row in rows)
            if total > 0.0:
                stops = rows[:-1] if name == "futility" else rows
                text += f"; it stops {words} with {per_cent(total)} ({_by_look(stops, name)})"
        text += f"; and it ends without crossing a boundary with {per_cent(found['none'])}"
    elif answer["sided"] == 2:
        text += f", and in favour of the control arm with {per_cent(rows[0]['opposite'])}"
    text += "."
    expected = answer["whole"]["expected_null"]
    if len(rows) > 1 and superiority and expected is not None and expected["events"] is not None:
        text += f" It then ends after {expected['events']:.0f} events on average" + (
            f", {month(expected['duration_months'])} months after the first patient enters."
            if expected["duration_months"] is not None
            else "."
        )
    return text


def _by_look(rows: list[Mapping[str, Any]], name: str) -> str:
    return joined([per_cent(row[name]) for row in rows]) + (
        " at the analyses in turn" if len(rows) > 1 else " at the first analysis"
    )


def _null(answer: Answer) -> str:
    return plain_number(answer["null_ratio"])
