"""Inverse probability and overlap weights at one moment: a question without a grace period.

Weights at time zero need treatment that is decided at time zero. Grouping by treatment at any time
in the grace period would bring immortal time back, whatever the weights; so there are two questions
and no third: treated at the first visit or not, from time zero; or treated by the end of the grace
period or not, from there on, among those alive and event-free there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.logistic import fit_logistic
from debulk.emulation.methods.landmark import (
    at_landmark,
    counts_left_out,
    landmark_follow_up,
    words_of_left_out,
)
from debulk.emulation.methods.question import (
    SPLINES,
    MethodQuestion,
    ask,
    baseline_terms,
    refuse_one_group,
)
from debulk.emulation.methods.two_groups import (
    TwoGroups,
    causes_of,
    curves_of,
    differences,
    hazard_ratio,
)
from debulk.emulation.person_time import Flags, Floats, PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival.options import check_kind, check_word

Weights = Literal["inverse-probability", "overlap"]
Moment = Literal["time-zero", "landmark"]

_TARGETS: dict[Weights, str] = {
    "inverse-probability": "everybody of the comparison treated against nobody (ATE)",
    "overlap": "the patients for whom either choice was open, weighted by how open it was (ATO; "
    "Li, Morgan and Zaslavsky 2018)",
}
_WARNINGS: dict[Moment, str] = {
    "time-zero": "Answers for treatment at the first visit only; later treatment counts as no "
    "treatment, so it is diluted where most are treated later.",
    "landmark": "Answers only for those alive and event-free at the landmark; weights by "
    "covariates at time zero leave what happened between (progression, response) unadjusted.",
}
_UNMEASURED = "Selection by anything not among the covariates stays."


@dataclass(frozen=True)
class Propensity:
    """Weights from a logistic model of treatment, and how they move with its coefficients.

    Attributes
    ----------
    weights : (n,) float64
    slopes : (n, p) float64
        Derivative of each weight by the coefficients.
    scores : (n, p) float64
        Derivative of each patient's log-likelihood.
    covariance : (p, p) float64
        Inverse information.
    probability : (n,) float64
    """

    weights: Floats
    slopes: Floats
    scores: Floats
    covariance: Floats
    probability: Floats

    def corrected(self, influence: Floats) -> Floats:
        """Influence with the weights' estimation in it.

        An estimate moves with a weight as its influence over that weight says, and the weights
        move with the coefficients, which move with each patient's score (Newey and McFadden 1994,
        Handbook of Econometrics 4, section 6).
        """
        by_coefficient = self.slopes.T @ (influence / self.weights)
        return influence + self.scores @ (self.covariance @ by_coefficient)


def baseline_weighting(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
    weights: Weights = "inverse-probability",
    moment: Moment = "time-zero",
    model: WeightModel = SPLINES,
) -> Answer:
    """Compare two groups weighted by the propensity given covariates at time zero.

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
    tau_months : float
        Horizon of risk and restricted mean, from time zero.
    conf_level : float
    curves : bool
    weights : {"inverse-probability", "overlap"}
        1 / P(own group), or P(other group).
    moment : {"time-zero", "landmark"}
        "time-zero": treated at the first visit or not, among those eligible there, from time zero.
        "landmark": treated by the end of the grace period or not, from there on, among those
        alive and event-free there who were eligible at time zero.
    model : WeightModel
        Terms of the propensity.

    Returns
    -------
    Answer
        The hazard ratio is marginal over the weighted patients. Errors carry the estimation of the
        weights; those of curves take the weights as known.

    Raises
    ------
    InputError
        If nobody or everybody is treated, a covariate decides treatment, the horizon lies beyond a
        group's last time, or a covariate is not finite.
    """
    check_kind(model, WeightModel, "model")
    check_word(weights, Weights, "weights")
    check_word(moment, Moment, "moment")
    if model.form != "logistic":
        found = f"form {model.form!r} has no propensity at one moment"
        raise InputError("model", found, "Use a logistic model")
    question = ask(person_time, grace, tau_months, conf_level, curves)
    there, groups = groups_at(question, moment)
    chance = propensity(person_time, there, groups.treated, model, weights)
    groups = replace(groups, weights=chance.weights, corrected=chance.corrected)
    rmst, risk = differences(groups)
    ratio = hazard_ratio(groups)
    caveats = [_WARNINGS[moment], _UNMEASURED]
    left_out = counts_left_out(question, question.grace_months) if moment == "landmark" else {}
    if left_out:
        caveats.insert(1, words_of_left_out(left_out, question.grace_months))
    return _answer(question, groups, chance, (ratio, rmst, risk), weights, moment, curves, caveats)


def groups_at(question: MethodQuestion, moment: Moment) -> tuple[Flags, TwoGroups]:
    """Who is compared, and the follow-up of both groups."""
    person_time = question.person_time
    eligible = person_time.eligible[person_time.first[:-1]]
    if moment == "landmark":
        landmark = question.grace_months
        there, treated = at_landmark(question, landmark)
        there = there & eligible
        refuse_one_group(treated[there], f"by the end of the grace period, {landmark:g} months")
        names = ("not treated by the landmark", "treated by the landmark")
        return there, landmark_follow_up(question, landmark, there, treated, names)
    first_visit = question.begun == 0
    if not np.any(eligible):
        raise InputError("visit 0", "nobody is eligible", "Check the rule of eligibility")
    refuse_one_group(first_visit[eligible], "at the first visit")
    groups = TwoGroups(
        person_time.entry_months[eligible],
        person_time.time_months[eligible],
        person_time.cause[eligible],
        first_visit[eligible],
        0.0,
        question.tau_months,
        question.conf_level,
        ("not treated at the first visit", "treated at the first visit"),
        causes=causes_of(person_time.cause),
    )
    return eligible, groups


def propensity(
    person_time: PersonTime, chosen: Flags, treated: Flags, model: WeightModel, kind: Weights
) -> Propensity:
    """Fit treatment by covariates at time zero, and make weights of it."""
    terms, _ = baseline_terms(person_time, chosen, model)
    design = np.ascontiguousarray(np.column_stack([np.ones(terms.shape[0]), terms]))
    fit = fit_logistic(design, treated)
    probability = 1.0 / (1.0 + np.exp(-(design @ fit.coef)))
    own = np.where(treated, probability, 1.0 - probability)
    sign = np.where(treated, 1.0, -1.0)
    if kind == "overlap":
        weights = 1.0 - own
        slope = -sign * own * (1.0 - own)
    else:
        weights = 1.0 / own
        slope = -sign * (1.0 - own) / own
    scores = design * (treated - probability)[:, None]
    covariance: Floats = np.asarray(np.linalg.inv(fit.information), dtype=np.float64)
    return Propensity(weights, design * slope[:, None], scores, covariance, probability)


def _answer(
    question: MethodQuestion,
    groups: TwoGroups,
    found: Propensity,
    effects: tuple[Estimate, Estimate, Estimate],
    weights: Weights,
    moment: Moment,
    curves: bool,
    caveats: list[str],
) -> Answer:
    when = "from time zero" if moment == "time-zero" else f"from month {question.grace_months:g} on"
    short = "overlap" if weights == "overlap" else "inverse probability"
    sums = [found.weights[side] for side in (~groups.treated, groups.treated)]
    effective = [float(each.sum() ** 2 / np.sum(each**2)) for each in sums]
    return Answer(
        method=f"baseline {short} weights, {moment}",
        title=f"{groups.names[1].capitalize()} or not, {when}, by {short} weights",
        contrast="strategies",
        estimand=f"{groups.names[1].capitalize()} against not, {when}: {_TARGETS[weights]}.",
        hazard_ratio=effects[0],
        rmst_difference=effects[1],
        risk_difference=effects[2],
        tau_months=question.tau_months,
        patients=groups.patients,
        events=groups.events,
        curves=curves_of(groups) if curves else (),
        caveats=(*caveats, *question.caveats),
        interval="Influence functions with the weights' estimation in them; curves: weights known.",
        details={
            "effective_patients": dict(zip(groups.names, effective, strict=True)),
            "largest_weight": float(found.weights.max()),
            "propensity_range": [float(found.probability.min()), float(found.probability.max())],
        },
    )
