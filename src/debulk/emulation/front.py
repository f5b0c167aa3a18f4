"""A trial emulated from a registry: one protocol, one cohort, the methods side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.emulation.answer_checks import answer_checks
from debulk.emulation.answers import Answer
from debulk.emulation.emulation_result import MILESTONES_MONTHS, Emulation, Question
from debulk.emulation.method_table import MAIN, NAIVE, Method, methods_for
from debulk.emulation.person_time import PersonTime
from debulk.emulation.question.as_known import record_of
from debulk.emulation.question.items import seven_items, strategy_texts
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients, emulated_patients
from debulk.emulation.question.settings import Missing, Settings, Unknown, settings_of
from debulk.emulation.question.soundness import question_checks, refuse_one_strategy
from debulk.emulation.question.untold import not_known
from debulk.emulation.weight_model import WeightModel
from debulk.patients import Cohort
from debulk.protocols import Protocol, load_protocol


def emulate(
    cohort: Cohort,
    protocol: Protocol | str,
    *,
    method: str = MAIN,
    time_zero: str | None = None,
    timing: str | None = None,
    grace_months: float | None = None,
    share: str | None = None,
    local_rule: str | None = None,
    outcome: str | None = None,
    tau_months: float | None = None,
    covariates: Iterable[str] | None = None,
    visit_days: float | None = None,
    model: WeightModel | None = None,
    truncate: float | None = None,
    calendar: str | None = None,
    interval: str = "sandwich",
    replicates: int = 500,
    seed: int = 1,
    unknown: Unknown = "refuse",
    missing: Missing = "refuse",
    require: Iterable[str] = (),
    conf_level: float = 0.95,
    workers: int | None = None,
) -> Emulation:
    """Ask a registry the question of a trial.

    Parameters
    ----------
    cohort : Cohort
        The registry.
    protocol : Protocol or str
        The trial, or the name or path of its protocol; its part `emulation` says how the question
        is put, unless the arguments below do.
    method : str
        A name of `debulk.emulation.method_table.METHODS`, or "all". The naive answer always stands
        beside it.
    time_zero, timing, grace_months, share, local_rule, outcome, covariates
        See `debulk.protocols.emulation_plan.EmulationPlan`; None takes the protocol's.
    tau_months : float, optional
        Horizon of the differences; default the protocol's.
    visit_days : float, optional
        Days between the visits at which treatment may be decided; default a month, 30.4375. Where
        a tumour board meets more rarely, months without a meeting are no visits.
    model : WeightModel, optional
        Model of treatment behind weights and adjustment; default each method's own.
    truncate : float, optional
        Quantile to cap the weights of clone-censor-weight at; the untruncated answer stands beside.
    calendar : str, optional
        Column of the patients with the calendar year of the cohort's time zero, for the check of
        calendar time.
    interval : str
        How clone-censor-weight makes intervals; see there.
    replicates, seed : int
        Of the bootstrap.
    unknown : {"refuse", "assume-met", "exclude"}
        What to do where nothing tells whether a criterion is met.
    missing : {"refuse", "indicator", "complete-cases"}
        What to do where a covariate is unknown at time zero.
    require : iterable of str
        Criteria never assumed: whoever is unknown there is left out, whatever `unknown` says.
    conf_level : float
        Level of all intervals.
    workers : int, optional
        Threads; no result depends on it.

    Returns
    -------
    Emulation

    Raises
    ------
    InputError
        If the question cannot be put to this registry as asked: where, what was found, what to do.
    """
    asked, settings = _asked(
        protocol,
        {
            "time_zero": time_zero,
            "timing": timing,
            "grace_months": grace_months,
            "share": share,
            "local_rule": local_rule,
            "outcome": outcome,
            "covariates": covariates,
        },
        tau_months=tau_months,
        visit_days=visit_days,
        model=model,
        truncate=truncate,
        calendar=calendar,
        interval=interval,
        replicates=replicates,
        seed=seed,
        unknown=unknown,
        missing=missing,
        require=tuple(require),
        conf_level=conf_level,
        workers=workers,
    )
    methods = methods_for(method)
    found = emulated_patients(cohort, asked, settings)
    dated_methods = [each for each in methods if each.dated]
    if dated_methods and method != "all":
        refuse_undated(found, method)
    if dated_methods and not found.undated:
        refuse_one_strategy(found)
    answers, refused = _answers(methods, method, found, settings)
    return _emulation(cohort, asked, settings, found, method, answers, refused)


def ask_question(
    cohort: Cohort,
    protocol: Protocol | str,
    *,
    time_zero: str | None = None,
    timing: str | None = None,
    grace_months: float | None = None,
    share: str | None = None,
    local_rule: str | None = None,
    outcome: str | None = None,
    tau_months: float | None = None,
    covariates: Iterable[str] | None = None,
    visit_days: float | None = None,
    unknown: Unknown = "assume-met",
    missing: Missing = "indicator",
    require: Iterable[str] = (),
) -> Question:
    """Put the question without answering it: participant flow, seven items, checks, not known.

    Parameters
    ----------
    cohort, protocol, time_zero, timing, grace_months, share, local_rule, outcome, tau_months, \
covariates, visit_days, unknown, missing, require
        As in `emulate`, but what is unknown is shown, not refused, where nothing else is said.

    Returns
    -------
    Question

    Raises
    ------
    InputError
        As in `emulate`.
    """
    asked, settings = _asked(
        protocol,
        {
            "time_zero": time_zero,
            "timing": timing,
            "grace_months": grace_months,
            "share": share,
            "local_rule": local_rule,
            "outcome": outcome,
            "covariates": covariates,
        },
        tau_months=tau_months,
        visit_days=visit_days,
        unknown=unknown,
        missing=missing,
        require=tuple(require),
    )
    found = emulated_patients(cohort, asked, settings)
    checks = question_checks(found, settings)
    return Question(
        protocol=asked.name,
        patients=found.person_time.patients,
        flow=tuple(found.flow.steps),
        criteria=found.eligibility.criteria,
        items=seven_items(found, asked, settings, checks),
        checks=checks,
        not_known=not_known(cohort, asked, found, settings),
        decisions=tuple(found.flow.decisions),
        provenance=_provenance(cohort, asked, settings, found),
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


def _asked(
    protocol: Protocol | str, given: dict[str, Any], **others: Any
) -> tuple[Protocol, Settings]:
    asked = load_protocol(protocol) if isinstance(protocol, str) else protocol
    return asked, settings_of(asked, given, **others)


def _answers(
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


def _answer(method: Method, found: EmulatedPatients, settings: Settings) -> Answer:
    options: dict[str, Any] = dict(method.options)
    if method.bootstrapped:
        names = ("interval", "replicates", "seed", "workers", "truncate")
        options |= {name: getattr(settings, name) for name in names}
    if method.modelled and settings.model is not None:
        options["model"] = settings.model
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


def _emulation(
    cohort: Cohort,
    protocol: Protocol,
    settings: Settings,
    found: EmulatedPatients,
    method: str,
    answers: list[Answer],
    refused: list[tuple[str, str]],
) -> Emulation:
    main = _main(method, answers)
    checks = question_checks(found, settings)
    clones = 2 * found.person_time.patients if main.method == MAIN else 0
    return Emulation(
        protocol=protocol.name,
        title=protocol.title,
        method=method,
        answer=main,
        answers=tuple(answers),
        refused=tuple(refused),
        patients=found.person_time.patients,
        clones=clones,
        flow=tuple(found.flow.steps),
        excluded=found.flow.left_out,
        criteria=found.eligibility.criteria,
        strategies=_strategies(protocol, found, main),
        items=seven_items(found, protocol, settings, checks),
        checks=(*checks, *answer_checks(found, main, settings.model)),
        not_known=not_known(cohort, protocol, found, settings),
        decisions=tuple(found.flow.decisions),
        published=_published(protocol, settings),
        provenance=_provenance(cohort, protocol, settings, found),
        person_time=found.person_time,
        grace=found.grace,
    )


def _main(method: str, answers: list[Answer]) -> Answer:
    """The answer that stands for all: of the method asked for, else the least biased there is."""
    if method == NAIVE or len(answers) == 1:
        return answers[0]
    if method == "all":
        return next((each for each in answers if each.method == MAIN), answers[-1])
    return answers[-1]


def _strategies(protocol: Protocol, found: EmulatedPatients, main: Answer) -> dict[str, Any]:
    texts = strategy_texts(found.grace, found.person_time.visit_months)
    titles = {arm.name: arm.title for arm in protocol.arms}
    curves = {each.strategy: each for each in main.curves}
    told: dict[str, Any] = {}
    for name, text in texts.items():
        curve = curves.get(name)
        survival = None
        if curve is not None and curve.time_months.size:
            last = float(curve.time_months[-1])
            survival = {str(m): curve.at(m) if m <= last else None for m in MILESTONES_MONTHS}
        told[name] = {
            "title": titles[name],
            "text": text,
            "patients": main.patients.get(name),
            "events": main.events.get(name),
            "survival": survival,
        }
    return told


def _published(protocol: Protocol, settings: Settings) -> dict[str, Any] | None:
    """The trial's own result of survival, which does not stand beside one of progression."""
    from debulk.evidence import published_result

    if not protocol.published_as or settings.plan.outcome != "os":
        return None
    result = published_result(protocol.published_as)
    return None if result is None else result.to_dict()


def _provenance(
    cohort: Cohort, protocol: Protocol, settings: Settings, found: EmulatedPatients
) -> Provenance:
    from debulk import __version__

    record = record_of(cohort)
    inputs = dict(record.inputs)
    if protocol.sha256:
        inputs[protocol.source_name] = protocol.sha256
    return Provenance(
        version=__version__,
        seed=settings.seed,
        inputs=inputs,
        parameters=settings.parameters(protocol),
        exclusions=(*record.exclusions, *found.flow.left_out),
        remarks=(f"cohort: {record.source}", *record.decisions, *found.flow.decisions),
    )
