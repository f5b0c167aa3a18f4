"""Hypotheses, test, assumptions and the numbers that follow, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from debulk.reports.design.wording import (
    FORMULAS,
    allocation_words,
    dropout_words,
    joined,
    level,
    month,
    per_cent,
    pieces_words,
    plain_number,
    whole,
)

Answer = Mapping[str, Any]


def sample_size_text(answer: Answer) -> str:
    """Hypotheses, test, level, power, assumptions, events and patients.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    sentences = [
        _comparison(answer),
        _hypotheses(answer),
        _test(answer),
        _control(answer),
        _effect(answer),
        _numbers(answer),
        _accrual(answer),
    ]
    return " ".join(each for each in sentences if each)


def _comparison(answer: Answer) -> str:
    if answer["test"] == "one-sample":
        return (
            f"The trial has one arm; its {answer['endpoint']} is compared with a control curve "
            "that is taken as known."
        )
    return (
        f"The primary endpoint is {answer['endpoint']}. Patients are allocated "
        f"{allocation_words(answer['allocation'])} to the experimental and the control arm."
    )


def _hypotheses(answer: Answer) -> str:
    null = plain_number(answer["null_ratio"])
    kind = answer["test"].partition(":")[0]
    if kind in ("rmst", "milestone", "max-combo", "fleming-harrington"):
        return (
            "The null hypothesis is that survival is the same in both arms; the alternative, that "
            + (
                "it is longer in the experimental arm."
                if answer["sided"] == 1
                else "it differs, where a benefit is what the trial is planned to find."
            )
        )
    name = "average hazard ratio" if kind == "average-hazard-ratio" else "hazard ratio"
    against = (
        "the patients to the control curve" if kind == "one-sample" else ("experimental to control")
    )
    if answer["null_ratio"] > 1.0:
        return (
            f"Non-inferiority is to be shown: the null hypothesis is that the {name} ({against}) "
            f"is {null} or more, the margin; the alternative is that it is below {null}."
        )
    if answer["sided"] == 2:
        return (
            f"The null hypothesis is that the {name} ({against}) is {null}; the two-sided "
            f"alternative is that it is not, and power is stated for a benefit."
        )
    return (
        f"The null hypothesis is that the {name} ({against}) is {null} or more; the "
        f"alternative is that it is below {null}."
    )


def _test(answer: Answer) -> str:
    sides = "one-sided" if answer["sided"] == 1 else "two-sided"
    looks = len(answer["whole"]["looks"])
    over = " over all analyses together" if looks > 1 else ""
    strata = answer["strata"]
    names = f", stratified by {joined([each['name'] for each in strata])}" if strata else ""
    return (
        f"It is tested with {test_words(answer)}{names}, at a {sides} type I error of "
        f"{level(answer['alpha'])}{over}."
    )


def test_words(answer: Answer) -> str:
    """The test, with its article."""
    name, _, numbers = answer["test"].partition(":")
    if name == "fleming-harrington":
        rho, gamma = numbers.split(",")
        return (
            f"the weighted log-rank test of Fleming and Harrington (rho = {rho}, gamma = {gamma})"
        )
    if name == "rmst":
        return f"the difference in restricted mean survival time up to {numbers} months"
    if name == "milestone":
        return f"the difference in survival at {numbers} months (Kaplan-Meier)"
    if answer["null_ratio"] != 1.0:
        return "the log-rank test, as the score test of Cox's model at that ratio"
    return {
        "logrank": "the log-rank test",
        "max-combo": "the MaxCombo test, the largest of several weighted log-rank statistics",
        "average-hazard-ratio": "the log-rank test, planned by the average hazard ratio",
        "one-sample": "the one-sample log-rank test",
    }[name]


def _control(answer: Answer) -> str:
    medians = answer["medians"]
    if answer["strata"] is not None:
        rows = [
            f"{each['name']} ({level(round(each['share'], 12))} of the patients, "
            f"{_survival(each['hazard_control'])}, "
            f"hazard ratio {pieces_words(each['hazard_ratio'])})"
            for each in answer["strata"]
        ]
        return f"The strata are assumed to be {joined(rows)}."
    hazard = answer["hazard_control"]
    if len(hazard) == 1:
        where = (
            "The control curve" if answer["test"] == "one-sample" else "Survival in the control arm"
        )
        return (
            f"{where} is assumed to be exponential with a median of "
            f"{month(medians['control'])} months."
        )
    text = f"The hazard of the control arm is assumed to be {pieces_words(hazard, 'per month')}"
    if medians["control"] is not None:
        text += f", which is a median of {month(medians['control'])} months"
    return text + "."


def _survival(hazard: list[list[float]]) -> str:
    """Survival of the controls of a stratum."""
    if len(hazard) == 1:
        return f"control median {month(math.log(2.0) / hazard[0][1])} months"
    return f"control hazard {pieces_words(hazard, 'per month')}"


def _effect(answer: Answer) -> str:
    if answer["strata"] is not None:
        return ""
    ratio = answer["hazard_ratio"]
    medians = answer["medians"]
    after = ""
    if None not in medians.values() and medians["experimental"] != medians["control"]:
        after = (
            f", which is a median of {month(medians['experimental'])} against "
            f"{month(medians['control'])} months"
        )
    if answer["dilution"] is not None:
        return _dilution(answer) + (
            f" The trial is planned for a hazard ratio of {plain_number(ratio[0][1])}{after}."
        )
    if answer["goal"] is not None:
        goal = answer["goal"]["rows"][-1]
        return (
            f"A gain of {plain_number(goal['gain'])} months in median survival is to be shown "
            f"in those who are randomised: a hazard ratio of {plain_number(ratio[0][1])}{after}."
        )
    if len(ratio) > 1:
        return f"The hazard ratio is assumed to be {pieces_words(ratio)}{after}."
    return f"The trial is planned for a hazard ratio of {plain_number(ratio[0][1])}{after}."


def _dilution(answer: Answer) -> str:
    given = {each["name"]: each["value"] for each in answer["provenance"]["parameters"]}
    parts = []
    not_treated = given.get("option.not_treated")
    crossover = given.get("option.crossover")
    if not_treated:
        parts.append(
            f"{level(not_treated)} of the experimental arm is assumed never to get the treatment"
        )
    if crossover:
        parts.append(f"{level(crossover)} of the control arm is assumed to get it at once")
    planned = plain_number(answer["planned_hazard_ratio"])
    return (
        f"In patients treated as assigned the hazard ratio is assumed to be {planned}; "
        f"{joined(parts) if parts else 'all are'}, which leaves "
        f"{plain_number(answer['dilution']['cox_limit'])} between the arms as randomised."
    )


def _numbers(answer: Answer) -> str:
    size = answer["whole"]
    power = per_cent(size["power"])
    if answer["formula"] is None:
        return (
            f"{whole(size['patients'])} patients give a power of {power}, and about "
            f"{size['events']:.0f} events are expected by the final analysis."
        )
    formula = FORMULAS[answer["formula"]]
    looks = ", every stopping boundary followed" if len(size["looks"]) > 1 else ""
    return (
        f"{whole(size['events'])} events are needed by the formula of {formula} and give a "
        f"power of {power}{looks}; they are expected from {whole(size['patients'])} patients."
    )


def _accrual(answer: Answer) -> str:
    size = answer["whole"]
    accrual, follow = size["accrual"], size["follow_up_months"]
    rates = list(zip(accrual["starts_months"], accrual["rates"], strict=True))
    if len(rates) == 1:
        text = (
            f"Patients are assumed to enter uniformly over {month(accrual['end_months'])} months "
            f"({plain_number(rates[0][1], 3)} a month)"
        )
    else:
        text = (
            f"Accrual is assumed to be {_rates(rates)}, and to be complete at month "
            f"{month(accrual['end_months'])}"
        )
    lost = dropout_words(answer["dropout"])
    end = f"The final analysis is expected {month(size['duration_months'])} months after the first"
    end += " patient enters"
    if follow >= 0.0:
        end += f", {month(follow)} months after the last"
    else:
        end += f", {month(-follow)} months before the last would have entered"
    if answer["formula"] is not None:
        end += "; it takes place when the events have been observed"
    return f"{text}; {lost}. {end}."


def _rates(rates: list[tuple[float, float]]) -> str:
    return pieces_words([(start, rate) for start, rate in rates], "patients a month")
