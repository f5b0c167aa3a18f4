"""A trial emulated from a registry: one protocol, one cohort, the methods side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from debulk.core.provenance import Provenance
from debulk.emulation.answer_checks import answer_checks
from debulk.emulation.answers import Answer
from debulk.emulation.emulation_result import MILESTONES_MONTHS, Emulation, Question
from debulk.emulation.method_table import MAIN, NAIVE, methods_for
from debulk.emulation.question.as_known import record_of
from debulk.emulation.question.control_outcome import control_patients
from debulk.emulation.question.items import seven_items, strategy_texts
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients, emulated_patients
from debulk.emulation.question.settings import Missing, Settings, Unknown, names_of, settings_of
from debulk.emulation.question.soundness import question_checks, refuse_one_strategy
from debulk.emulation.question.untold import not_known
from debulk.emulation.side_by_side import (
    answers_of,
    control_answer,
    decide_on_models,
    refuse_undated,
    refuse_unused,
)
from debulk.emulation.weight_model import WeightModel
from debulk.patients import Cohort
from debulk.protocols import Protocol, load_protocol
from debulk.survival.options import check_kind


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
    event_causes: Iterable[str] | None = None,
    covariates: Iterable[str] | None = None,
    visit_days: float | None = None,
    model: WeightModel | None = None,
    truncate: float | None = None,
    weigh_loss: bool = False,
    calendar: str | None = None,
    negative_control: str | None = None,
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
    time_zero, timing, grace_months, share, local_rule, outcome, event_causes, covariates
        See `debulk.protocols.emulation_plan.EmulationPlan`; None takes the protocol's.
    tau_months : float, optional
        Horizon of the differences; default the protocol's.
    visit_days : float, optional
        Days between the visits at which treatment may be decided; default a month, 30.4375. Where
        a tumour board meets more rarely, months without a meeting are no visits.
    model : WeightModel, optional
        Model of treatment behind weights and adjustment; default each method's own, but for a
        staged strategy with the visit as a spline, since nobody reaches a share at every visit.
    truncate : float, optional
        Quantile to cap the weights of clone-censor-weight at; the untruncated answer stands beside.
    weigh_loss : bool
        Whether clone-censor-weight weighs for loss to follow-up that depends on the covariates and
        on treatment; needs `cutoff_months` in the patients, which tells loss from the cut-off.
    calendar : str, optional
        Column of the patients with the calendar year of the cohort's time zero, for the check of
        calendar time.
    negative_control : str, optional
        Column of the follow-up or the patients with the months, from the cohort's time zero, of an
        event that local treatment cannot change. The main method answers for it too, and the check
        of the negative control outcome judges that answer.
    interval : str
        How clone-censor-weight makes intervals: "sandwich", "known-weights", "bootstrap" (normal),
        "bootstrap-percentile" or "bca".
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
        cohort,
        protocol,
        {
            "time_zero": time_zero,
            "timing": timing,
            "grace_months": grace_months,
            "share": share,
            "local_rule": local_rule,
            "outcome": outcome,
            "event_causes": event_causes,
            "covariates": covariates,
        },
        tau_months=tau_months,
        visit_days=visit_days,
        model=model,
        truncate=truncate,
        weigh_loss=weigh_loss,
        calendar=calendar,
        negative_control=negative_control,
        interval=interval,
        replicates=replicates,
        seed=seed,
        unknown=unknown,
        missing=missing,
        require=names_of(require, "require", "['E3']"),
        conf_level=conf_level,
        workers=workers,
    )
    methods = methods_for(method)
    refuse_unused(methods, settings)
    found = emulated_patients(cohort, asked, settings)
    dated_methods = [each for each in methods if each.dated]
    if dated_methods and method != "all":
        refuse_undated(found, method)
    if dated_methods and not found.undated:
        refuse_one_strategy(found)
    decide_on_models(found, settings)
    controls = None
    if negative_control is not None:
        controls = control_patients(found, cohort, negative_control)
    answers, refused = answers_of(methods, method, found, settings)
    control = None if controls is None else control_answer(method, controls, settings)
    return _emulation(cohort, asked, settings, found, method, answers, refused, control)


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
    event_causes: Iterable[str] | None = None,
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
event_causes, covariates, visit_days, unknown, missing, require
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
        cohort,
        protocol,
        {
            "time_zero": time_zero,
            "timing": timing,
            "grace_months": grace_months,
            "share": share,
            "local_rule": local_rule,
            "outcome": outcome,
            "event_causes": event_causes,
            "covariates": covariates,
        },
        tau_months=tau_months,
        visit_days=visit_days,
        unknown=unknown,
        missing=missing,
        require=names_of(require, "require", "['E3']"),
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


def _asked(
    cohort: Cohort, protocol: Protocol | str, given: dict[str, Any], **others: Any
) -> tuple[Protocol, Settings]:
    check_kind(cohort, Cohort, "cohort", "Give a cohort, as read_cohort gives it")
    asked = protocol if isinstance(protocol, Protocol) else load_protocol(protocol)
    return asked, settings_of(asked, given, **others)


def _emulation(
    cohort: Cohort,
    protocol: Protocol,
    settings: Settings,
    found: EmulatedPatients,
    method: str,
    answers: list[Answer],
    refused: list[tuple[str, str]],
    control: Answer | None,
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
        checks=(*checks, *answer_checks(found, main, settings, control)),
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
