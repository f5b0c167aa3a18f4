"""Treatment as a time-dependent covariate: Mantel and Byar's test, and Cox's model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.results import Estimate
from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.cox_fit import fit_cox
from debulk.emulation.methods.question import (
    SPLINES,
    MethodQuestion,
    ask,
    baseline_terms,
    distinct,
    refuse_not_finite,
    refuse_one_group,
)
from debulk.emulation.methods.two_groups import causes_of
from debulk.emulation.person_time import Flags, Floats, PersonTime
from debulk.emulation.weight_model import WeightModel, design_of
from debulk.survival.contrasts import normal_estimate
from debulk.survival.options import check_kind, check_word
from debulk.survival.rank.logrank import logrank

NAMES = ("untreated", "treated")

Adjustment = Literal["none", "time-zero", "time-varying"]
"""Which covariates stand beside treatment."""

_NO_IMMORTAL_TIME = (
    "No immortal time, but nothing is done about who is selected for treatment: the healthier who "
    "are chosen later compare well with those who are not."
)
_WARNINGS: dict[Adjustment, str] = {
    "none": _NO_IMMORTAL_TIME,
    "time-zero": "No immortal time, but selection for treatment after time zero stays: covariates "
    "are those of time zero.",
    "time-varying": "A conditional hazard ratio of being treated now, given the covariates now. "
    "Where treatment acts through those covariates, adjusting for them takes its effect away.",
}
_OTHER_ESTIMAND = (
    "Treated against untreated person-time: another question than the strategies of a trial, and "
    "without risks or restricted means of its own."
)


@dataclass(frozen=True)
class TreatedTime:
    """Intervals of constant treatment (and covariates), in months from time zero.

    Attributes
    ----------
    entry, time : (R,) float64
        At risk after `entry`, up to `time`.
    cause : (R,) int8
        Of the event at the end of the interval; 0 for none.
    treated : (R,) bool
    patient : (R,) int64
    row : (R,) int64
        Visit whose covariates hold in the interval.
    """

    entry: Floats
    time: Floats
    cause: npt.NDArray[np.int8]
    treated: Flags
    patient: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]

    def subset(self, chosen: Flags) -> TreatedTime:
        """Some of the intervals."""
        if np.all(chosen):
            return self
        return TreatedTime(
            self.entry[chosen],
            self.time[chosen],
            self.cause[chosen],
            self.treated[chosen],
            self.patient[chosen],
            self.row[chosen],
        )


def mantel_byar(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
) -> Answer:
    """Compare treated with untreated person-time (Mantel and Byar 1974, JASA 69:81).

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
        Only whether it is staged matters: treated then means that the share was reached.
    tau_months : float
        Not used by the numbers, which take all follow-up; checked and passed on.
    conf_level : float
    curves : bool
        There are none: nobody lives in treated or in untreated person-time alone.

    Returns
    -------
    Answer
        Hazard ratio of the time-dependent Cox model without covariates; the log-rank test over
        person-time stands in `details` (statistic, p, observed, expected).

    Raises
    ------
    InputError
        If nobody is treated, or no untreated person-time is left.
    """
    question = ask(person_time, grace, tau_months, conf_level, curves)
    spans = treated_time(question)
    labels = np.where(spans.treated, NAMES[1], NAMES[0])
    test = logrank(spans.time, spans.cause == 1, labels, entry=spans.entry, reference=NAMES[0])
    return _answer(
        question,
        spans,
        _ratio(question, spans, None, ()),
        "mantel-byar",
        "Treated against untreated person-time (Mantel and Byar)",
        "none",
        {
            "test": test.test,
            "statistic": test.statistic,
            "p": test.p,
            "observed": dict(test.observed),
            "expected": dict(test.expected),
        },
    )


def time_varying_cox(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
    covariates: Adjustment = "time-varying",
    model: WeightModel = SPLINES,
) -> Answer:
    """Fit Cox's model with treatment as a time-dependent covariate.

    Parameters
    ----------
    person_time, grace, tau_months, conf_level, curves
        As `mantel_byar`.
    covariates : {"none", "time-zero", "time-varying"}
        Beside treatment: none, those at time zero, or the last known at each visit.
    model : WeightModel
        Terms of the covariates; its month has no part in Cox's model.

    Returns
    -------
    Answer
        Conditional hazard ratio, with the model's own interval.

    Raises
    ------
    InputError
        If nobody is treated, no untreated person-time is left, or a covariate is not finite.
    """
    check_kind(model, WeightModel, "model")
    check_word(covariates, Adjustment, "covariates")
    question = ask(person_time, grace, tau_months, conf_level, curves)
    spans = treated_time(question, visits=covariates == "time-varying")
    others, terms = _terms(question, spans, covariates, model)
    words = {"none": "", "time-zero": ", covariates at time zero"}
    return _answer(
        question,
        spans,
        _ratio(question, spans, others, terms),
        f"time-dependent, {covariates} covariates" if covariates != "none" else "time-dependent",
        "Cox's model with time-dependent treatment"
        + words.get(covariates, ", time-varying covariates"),
        covariates,
        {"terms": terms},
    )


def treated_time(question: MethodQuestion, *, visits: bool = False) -> TreatedTime:
    """Follow-up cut where treatment begins, and at each visit where asked.

    Raises
    ------
    InputError
        If nobody is treated, or everybody from the start of follow-up.
    """
    person_time = question.person_time
    start = question.treated_months
    at_once = start <= person_time.entry_months
    if not np.any(question.ever):
        refuse_one_group(question.ever, "at any time")
    if np.all(at_once):
        refuse_one_group(at_once, "from the start")
    if visits:
        patient = person_time.patient
        row = np.arange(patient.size)
        begin = person_time.visit * person_time.visit_months
        end = np.append(begin[1:], 0.0)
        last = person_time.first[1:] - 1
        end[last] = person_time.time_months
        final = np.zeros(patient.size, dtype=np.bool_)
        final[last] = True
    else:
        patient = np.arange(person_time.patients)
        row = person_time.first[:-1]
        begin = np.zeros(patient.size)
        end = person_time.time_months
        final = np.ones(patient.size, dtype=np.bool_)
    begin = np.maximum(begin, person_time.entry_months[patient])
    begun = np.where(np.isnan(start), np.inf, start)[patient]
    cause = np.where(final, person_time.cause[patient], 0).astype(np.int8)
    cut = (begin < begun) & (begun < end)
    treated = begun <= begin
    first_end = np.where(cut, begun, end)
    spans = TreatedTime(
        np.concatenate([begin, begun[cut]]),
        np.concatenate([first_end, end[cut]]),
        np.concatenate([np.where(cut, 0, cause), cause[cut]]).astype(np.int8),
        np.concatenate([treated, np.ones(int(cut.sum()), dtype=np.bool_)]),
        np.concatenate([patient, patient[cut]]),
        np.concatenate([row, row[cut]]),
    )
    return spans.subset(spans.entry < spans.time)


def _terms(
    question: MethodQuestion, spans: TreatedTime, covariates: Adjustment, model: WeightModel
) -> tuple[Floats | None, tuple[str, ...]]:
    person_time = question.person_time
    if covariates == "none":
        return None, ()
    if covariates == "time-zero":
        everyone = np.ones(person_time.patients, dtype=np.bool_)
        values, names = baseline_terms(person_time, everyone, model)
        return values[spans.patient], names
    refuse_not_finite(person_time, spans.row)
    without_month = WeightModel(model.form, model.knots, "linear", model.covariates)
    design, names = design_of(person_time, spans.row, without_month)
    kept = [place for place, name in enumerate(names) if name not in ("intercept", "visit")]
    return np.ascontiguousarray(design[:, kept]), tuple(names[place] for place in kept)


def _ratio(
    question: MethodQuestion, spans: TreatedTime, others: Floats | None, terms: tuple[str, ...]
) -> Estimate:
    run = fit_cox(spans.entry, spans.time, spans.cause == 1, spans.treated, others, terms)
    coef, error = run.first
    causes = causes_of(question.person_time.cause)
    what = "hazard ratio" if causes == (1,) else "cause-specific hazard ratio"
    return normal_estimate(
        f"{what}, treated / untreated person-time",
        coef,
        error,
        (question.person_time.patients, int(np.count_nonzero(spans.cause == 1))),
        question.conf_level,
        "Time-dependent Cox, Efron's ties; se of the log ratio, interval on its scale.",
        exponential=True,
    )


def _answer(
    question: MethodQuestion,
    spans: TreatedTime,
    ratio: Estimate,
    method: str,
    title: str,
    covariates: Adjustment,
    details: dict[str, Any],
) -> Answer:
    events = spans.cause == 1
    sides = dict(zip(NAMES, (~spans.treated, spans.treated), strict=True))
    months = {name: float(np.sum((spans.time - spans.entry)[side])) for name, side in sides.items()}
    return Answer(
        method=method,
        title=title,
        contrast="treated or not",
        estimand="Conditional hazard ratio of treated against untreated person-time.",
        hazard_ratio=ratio,
        rmst_difference=None,
        risk_difference=None,
        tau_months=question.tau_months,
        patients={name: distinct(spans.patient[side]) for name, side in sides.items()},
        events={name: int(np.count_nonzero(events & side)) for name, side in sides.items()},
        caveats=(_WARNINGS[covariates], _OTHER_ESTIMAND, *question.caveats),
        interval="Model-based (inverse information).",
        details={"person_months": months, **details},
    )
