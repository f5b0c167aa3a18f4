"""Sequential trials (Hernan and others 2008; Danaei and others 2013): one begins at every visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.core.streams import claim, uniforms
from debulk.emulation.answers import Answer, StrategyCurve
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.question import SPLINES, ask, distinct, refuse_not_finite
from debulk.emulation.methods.sequence_outcome import (
    FollowUpTerms,
    Outcome,
    Standardised,
    contrasts,
    fit_outcome,
    refuse_beyond,
)
from debulk.emulation.methods.trial_sequence import (
    Effect,
    Pooling,
    Sequence,
    Staying,
    Window,
    log_weights,
    sequence_of,
    staying_of,
)
from debulk.emulation.methods.two_groups import causes_of
from debulk.emulation.person_time import Floats, PersonTime
from debulk.emulation.weight_model import WeightModel, design_of
from debulk.survival.contrasts import normal_estimate
from debulk.survival.options import check_flag, check_kind, check_word, whole_number

NAMES = ("not treated now", "treated now")

_RESAMPLE = claim(5020, "patients of a bootstrap resample of sequential trials")
_MOST_FAILED = 0.01

_WARNINGS: dict[Effect, str] = {
    "per-protocol": "Compares treatment at a visit with none there and {until}: not the grace "
    "period's strategy. Selection by anything not among the covariates stays.",
    "intention-to-treat": "Compares treatment at a visit with none there, whatever comes after: "
    "controls who are treated later dilute the contrast. Selection by anything not among the "
    "covariates stays.",
}
_UNTIL: dict[Window, str] = {
    "grace": "up to the last visit of the grace period",
    "ever": "ever after",
}
_CONDITIONAL = (
    "The hazard ratio is conditional on trial and covariates at its start; curves and differences "
    "are standardised over all patient-trials, in which who stays eligible for long counts often."
)

_UNEXPLAINED = (
    "{} patient-trials were censored by a treatment given while not eligible; no weight stands "
    "for them."
)


def sequential_trials(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
    effect: Effect = "per-protocol",
    window: Window = "grace",
    outcome: Outcome = "cox",
    follow_up: FollowUpTerms = "spline",
    model: WeightModel = SPLINES,
    pooling: Pooling = "patient-visits",
    stabilised: bool = False,
    replicates: int = 0,
    seed: int = 0,
) -> Answer:
    """Pool trials that begin at every visit of the grace period.

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
        Its visits are those at which trials begin.
    tau_months : float
        Horizon since a trial's start.
    conf_level : float
    curves : bool
        Whether standardised curves, and the differences read from them, are made.
    effect : {"per-protocol", "intention-to-treat"}
        Per-protocol censors a control at the visit at which it is treated and weights those who
        stay by 1 / P(staying) over the eligible visits since the trial began.
    window : {"grace", "ever"}
        Per-protocol: treatment up to the last visit of the grace period, or whenever, censors.
    outcome : {"cox", "pooled logistic"}
        Exact times, or one row an interval; the latter's ratio is one of odds an interval.
    follow_up : {"spline", "quadratic"}
        Time since the trial's start in the pooled logistic model.
    model : WeightModel
        Terms of the treatment model; of the covariates and the trial in the outcome model too.
    pooling : {"patient-visits", "trial-visits"}
        Whether the treatment model counts a visit once, or for each trial that runs there.
    stabilised : bool
        Whether weights carry the share that stays as numerator.
    replicates : int
        Bootstrap resamples of patients, all models refitted, for the intervals; 0 for the sandwich
        over patients, and then none for the differences.
    seed : int

    Returns
    -------
    Answer

    Raises
    ------
    InputError
        If no trial has both arms, a covariate decides treatment, the horizon is too far, or more
        than 1 % of the resamples cannot be fitted.
    """
    _check_words(effect, window, outcome, follow_up, pooling)
    check_flag(stabilised, "stabilised")
    check_kind(model, WeightModel, "model")
    whole_number(seed, "seed", 0, 2**63 - 1)
    if whole_number(replicates, "replicates", 0, 100_000) == 1:
        raise InputError("replicates", f"found {replicates!r}", "Give 0, or 2 and more")
    if model.form != "logistic":
        raise InputError("model", f"form {model.form!r}", "Sequential trials use a logistic model")
    question = ask(person_time, grace, tau_months, conf_level, curves)
    sequence = sequence_of(question, effect, window)
    refuse_beyond(sequence, question.tau_months)
    refuse_not_finite(person_time, sequence.row)
    design, names = design_of(person_time, sequence.row, model)
    wanted = curves or replicates > 0
    analysis = _Analysis(
        sequence,
        staying_of(sequence, window, model) if effect == "per-protocol" else None,
        np.ascontiguousarray(design[:, 1:]),
        names[1:],
        causes_of(person_time.cause) if wanted else (1,),
        outcome,
        follow_up,
        pooling,
        stabilised,
        wanted,
    )
    found = analysis.fit(np.ones(person_time.patients))
    errors, failed = np.array([found.error, np.nan, np.nan]), 0
    if replicates:
        errors, failed = _bootstrap(analysis, person_time.patients, replicates, seed)
    estimates = _estimates(sequence, found.effects, errors, outcome, replicates)
    details = _details(sequence, found.sums, effect, window, failed, replicates)
    arms = found.arms if curves else ()
    return _answer(sequence, estimates, arms, effect, window, outcome, details)


@dataclass(frozen=True)
class _Fit:
    """Effects: log ratio and, where wanted, differences; its error, weights' sums, both curves."""

    effects: Floats
    error: float
    sums: Floats
    arms: tuple[Standardised, ...]


@dataclass(frozen=True)
class _Analysis:
    """All that an analysis of one resample, or of everybody, starts from."""

    sequence: Sequence
    staying: Staying | None
    baseline: Floats
    names: tuple[str, ...]
    causes: tuple[int, ...]
    outcome: Outcome
    follow_up: FollowUpTerms
    pooling: Pooling
    stabilised: bool
    differences: bool

    def fit(self, counts: Floats) -> _Fit:
        """Weights, outcome, curves and effects where each patient counts so many times."""
        question = self.sequence.question
        sums = np.zeros(question.person_time.visit.size)
        if self.staying is not None:
            sums = log_weights(self.sequence, self.staying, counts, self.pooling, self.stabilised)
        found = fit_outcome(
            self.sequence,
            sums,
            self.baseline,
            self.names,
            counts,
            self.causes,
            self.outcome,
            self.follow_up,
        )
        if not self.differences:
            return _Fit(np.array([found.treatment]), found.error, sums, ())
        tau, loads = question.tau_months, counts[self.sequence.patient]
        without, treated = (found.standardised(side, tau, loads) for side in (False, True))
        both = contrasts(without, treated, tau, smooth=self.outcome == "pooled logistic")
        return _Fit(np.array([found.treatment, *both]), found.error, sums, (without, treated))


def _check_words(
    effect: Effect, window: Window, outcome: Outcome, follow_up: FollowUpTerms, pooling: Pooling
) -> None:
    check_word(effect, Effect, "effect")
    check_word(window, Window, "window")
    check_word(outcome, Outcome, "outcome")
    check_word(follow_up, FollowUpTerms, "follow_up")
    check_word(pooling, Pooling, "pooling")


def _bootstrap(
    analysis: _Analysis, patients: int, replicates: int, seed: int
) -> tuple[Floats, int]:
    """Standard deviation over resamples of patients; a resample is a count a patient."""
    everyone = np.arange(patients)
    found, failed = [], 0
    for replicate in range(replicates):
        drawn = uniforms(seed, replicate, everyone, _RESAMPLE, 0) * patients
        counts = np.bincount(drawn.astype(np.int64), minlength=patients).astype(np.float64)
        try:
            found.append(analysis.fit(counts).effects)
        except InputError:
            failed += 1
    if failed > _MOST_FAILED * replicates:
        told = f"{failed} of {replicates} resamples cannot be fitted"
        raise InputError("bootstrap", told, "Use fewer terms, or the sandwich (replicates=0)")
    return np.std(np.stack(found), axis=0, ddof=1), failed


def _estimates(
    sequence: Sequence, values: Floats, errors: Floats, outcome: Outcome, replicates: int
) -> list[Estimate | None]:
    question = sequence.question
    sizes = _sizes(sequence)
    ratio = "hazard ratio" if outcome == "cox" else "odds ratio of the event in an interval"
    how = f"{replicates} resamples of patients" if replicates else "sandwich over patients"
    arms = f"{NAMES[1]} / {NAMES[0]}"
    result: list[Estimate | None] = [
        normal_estimate(
            f"conditional {ratio}, {arms}",
            float(values[0]),
            float(errors[0]),
            sizes,
            question.conf_level,
            f"Pooled over the trials; se of the log ratio by {how}, interval on its scale.",
            exponential=True,
        )
    ]
    until = f"to {question.tau_months:g} months, {NAMES[1]} - {NAMES[0]}"
    for place, what in enumerate(("restricted mean time before the event", "risk of the event"), 1):
        if values.size == 1:
            result.append(None)
            continue
        note = f"Standardised over patient-trials; interval by {how}."
        if not replicates:
            note = "Standardised over patient-trials; intervals by the bootstrap only (replicates)."
        result.append(
            normal_estimate(
                f"{what} {until}",
                float(values[place]),
                float(errors[place]),
                sizes,
                question.conf_level,
                note,
            )
        )
    return result


def _sizes(sequence: Sequence) -> tuple[int, int]:
    had = sequence.question.event[sequence.patient]
    return distinct(sequence.patient), distinct(sequence.patient[had])


def _details(
    sequence: Sequence, sums: Floats, effect: Effect, window: Window, failed: int, replicates: int
) -> dict[str, Any]:
    controls = ~sequence.treated
    last = np.exp(sums[sequence.last_row] - sums[sequence.row])[controls]
    number = sequence.question.grace.visits
    return {
        "effect": effect,
        "window": window,
        "trials": [
            {
                "visit": visit,
                NAMES[0]: int(np.count_nonzero(controls & (sequence.visit == visit))),
                NAMES[1]: int(np.count_nonzero(~controls & (sequence.visit == visit))),
            }
            for visit in range(number)
        ],
        "artificially_censored": int(np.count_nonzero(sequence.censored)),
        "censored_while_not_eligible": _unexplained(sequence),
        "largest_weight": float(last.max()),
        "mean_last_weight": float(last.mean()),
        "replicates": replicates,
        "replicates_failed": failed,
    }


def _unexplained(sequence: Sequence) -> int:
    """Controls treated at a visit at which they were not eligible, which no weight makes up for."""
    eligible = sequence.question.person_time.eligible
    left = sequence.last_row[sequence.censored] + 1
    return int(np.count_nonzero(~eligible[left]))


def _answer(
    sequence: Sequence,
    estimates: list[Estimate | None],
    arms: tuple[Standardised, ...],
    effect: Effect,
    window: Window,
    outcome: Outcome,
    details: dict[str, Any],
) -> Answer:
    question = sequence.question
    sides = dict(zip(NAMES, (~sequence.treated, sequence.treated), strict=True))
    happened = sequence.cause == 1
    replicates = details["replicates"]
    unexplained = details["censored_while_not_eligible"]
    return Answer(
        method=f"sequential trials, {effect}",
        title=f"Sequential trials at {question.grace.visits} visits, {effect} ({outcome})",
        contrast="strategies",
        estimand="Treatment at a visit against none there, among those eligible and untreated at "
        "it, pooled over visits.",
        hazard_ratio=estimates[0],
        rmst_difference=estimates[1],
        risk_difference=estimates[2],
        tau_months=question.tau_months,
        patients={name: distinct(sequence.patient[side]) for name, side in sides.items()},
        events={name: distinct(sequence.patient[side & happened]) for name, side in sides.items()},
        curves=tuple(
            _curve(sequence, name, side, arm)
            for (name, side), arm in zip(sides.items(), arms, strict=False)
        ),
        caveats=(
            _WARNINGS[effect].format(until=_UNTIL[window]),
            _CONDITIONAL,
            *((_UNEXPLAINED.format(unexplained),) if unexplained else ()),
            *question.caveats,
        ),
        interval=f"Bootstrap by patient, {replicates} resamples, normal interval."
        if replicates
        else "Sandwich over patients, weights as known; no interval for curves and differences.",
        details=details,
    )


def _curve(sequence: Sequence, name: str, side: Any, arm: Standardised) -> StrategyCurve:
    """A standardised curve; it has no errors of its own here."""
    unknown = np.full(arm.time.size, np.nan)
    months = np.sort(sequence.months[side])
    at_risk = months.size - np.searchsorted(months, arm.time, side="left")
    causes = causes_of(sequence.question.person_time.cause)
    competing = {}
    if causes != (1,):
        competing = {each: arm.incidence[:, place] for place, each in enumerate(causes)}
    return StrategyCurve(
        name,
        arm.time,
        arm.survival,
        unknown,
        unknown,
        unknown,
        at_risk.astype(np.float64),
        competing,
    )
