"""The methods that were asked for, each answering the question: what each is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.answers import Answer
from debulk.emulation.clones.intervals import BOOTSTRAPS, read_intervals
from debulk.emulation.method_table import MAIN, METHODS, Method
from debulk.emulation.person_time import PersonTime
from debulk.emulation.question.outcome import CUTOFF
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.question.settings import Settings


def decide_on_models(found: EmulatedPatients, settings: Settings) -> None:
    """Say which models the program chose.

    Raises
    ------
    InputError
        If loss is to be weighed and cannot be told from the cut-off.
    """
    done = found.person_time.complete_visit
    if settings.treatment_model(found.grace) is not settings.model:
        found.flow.decide(
            "the visit enters the model of treatment as a spline, since the share of lesions is "
            "not reached at every visit; patients who reached it within the grace period",
            int(np.sum((done >= 0) & (done < found.grace.visits))),
        )
    if not settings.weigh_loss:
        return
    if not found.loss_told:
        text = f"the patients have no column {CUTOFF}, which tells loss from the cut-off"
        raise InputError("weigh_loss", text, "Give it, or take loss as unrelated to prognosis")
    found.flow.decide(
        f"patients lost to follow-up, for whom {MAIN} weighs by the covariates, the visit as a "
        "spline; every other method takes loss as unrelated to prognosis",
        int(found.person_time.lost.sum()),
    )


def refuse_unused(methods: tuple[Method, ...], settings: Settings) -> None:
    """Refuse a choice that none of the methods asked for would follow.

    Raises
    ------
    InputError
        Naming the choice.
    """
    weighted = ("interval", "replicates", "truncate", "weigh_loss", "calendar")
    takes = {
        "model": any(each.modelled for each in methods),
        **dict.fromkeys(weighted, any(each.bootstrapped for each in methods)),
    }
    for name, used in takes.items():
        if name in settings.chosen and not used:
            found = f"chosen, and {methods[-1].name} has no use for it"
            raise InputError(name, found, f"Leave it out, or ask for {MAIN}")
    if "replicates" in settings.chosen and not BOOTSTRAPS & set(read_intervals(settings.interval)):
        found = f"chosen, and the interval {settings.interval!r} has no use for it"
        raise InputError("replicates", found, "Leave it out, or say interval='bootstrap'")


def answers_of(
    methods: tuple[Method, ...], wanted: str, found: EmulatedPatients, settings: Settings
) -> tuple[list[Answer], list[tuple[str, str]]]:
    """Every answer there is; a method that was asked for by its own name must give one."""
    answers: list[Answer] = []
    refused: list[tuple[str, str]] = []
    for each in methods:
        try:
            if each.dated:
                refuse_undated(found, each.name)
            answers.append(_answer(each, found, settings))
        except InputError as error:
            if each.name == wanted:
                raise
            refused.append((each.name, str(error)))
    if not answers:
        raise InputError("method all", f"none gives an answer: {refused[-1][1]}", "See above")
    return answers, refused


def control_answer(wanted: str, controls: EmulatedPatients, settings: Settings) -> Answer:
    """The main method's answer for the negative control outcome.

    Raises
    ------
    InputError
        If it cannot answer that.
    """
    method = METHODS[MAIN if wanted == "all" else wanted]
    try:
        return _answer(method, controls, settings)
    except InputError as error:
        found = f"{settings.negative_control!r} with {method.name}: {error.where}: {error.found}"
        raise InputError("negative_control", found, error.remedy) from None


def _answer(method: Method, found: EmulatedPatients, settings: Settings) -> Answer:
    options: dict[str, Any] = dict(method.options)
    if method.bootstrapped:
        names = ("interval", "replicates", "seed", "workers", "truncate")
        options |= {name: getattr(settings, name) for name in names}
        options |= {"loss_model": settings.loss_model()}
    model = settings.treatment_model(found.grace)
    if method.modelled and model is not None:
        options["model"] = model
    person_time = found.person_time if method.dated else _ever(found)
    return method.function()(
        person_time,
        found.grace,
        tau_months=settings.tau_months,
        conf_level=settings.conf_level,
        **options,
    )


def _ever(found: EmulatedPatients) -> PersonTime:
    """Person-time for a method that asks only whether, not when: without a date, at once."""
    person_time = found.person_time
    return replace(
        person_time,
        start_months=np.where(found.undated_only, 0.0, person_time.start_months),
        complete_months=np.where(found.undated_only, 0.0, person_time.complete_months),
    )


def refuse_undated(found: EmulatedPatients, method: str) -> None:
    """Refuse a method that needs dates where local treatment has none.

    Raises
    ------
    InputError
        With the number of patients.
    """
    if found.undated:
        raise InputError(
            f"method {method}",
            f"the local treatment of {found.undated} of {found.person_time.patients} patients has "
            "no date, and nobody can tell whether they were treated inside the grace period",
            "Give the dates; without them only method='naive' answers, and it is biased",
        )
