"""One analysis from person-time to contrasts: models, weights, risk sets, in that order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.clones.bootstrap import Resampled
from debulk.emulation.clones.decisions import ArmModels, Decisions, ModelRows, decisions_of
from debulk.emulation.clones.influence import (
    Sums,
    add_scores,
    influence_of,
)
from debulk.emulation.clones.losses import loss_rows_of
from debulk.emulation.clones.passes import contrasts, risk_sums
from debulk.emulation.clones.timeline import Timeline, timeline_of
from debulk.emulation.clones.weighting import (
    AVOID,
    NATURAL,
    UNIFORM,
    by_patient,
    fill_weights,
    multiply_weights,
    remaining_factors,
    staying_share,
)
from debulk.emulation.clones.weights import (
    ArmWeights,
    CloneWeights,
    FittedModel,
    interval_count,
)
from debulk.emulation.grace import GracePeriod
from debulk.emulation.logistic import LogisticFit, chances, fit_logistic, residuals
from debulk.emulation.person_time import Floats, PersonTime
from debulk.emulation.weight_model import WeightModel

NO_ROWS = ModelRows(
    np.zeros((0, 1)),
    np.zeros(0),
    np.zeros(0),
    np.zeros(0, dtype=np.int32),
    np.zeros(1, dtype=np.int64),
    False,
    False,
)


@dataclass(frozen=True)
class Analysis:
    """Everything between the data and the answer.

    Attributes
    ----------
    person_time : PersonTime
    grace : GracePeriod
    timeline : Timeline
    decisions : tuple of Decisions
        Of each strategy; the same rows and model in both where they share it.
    models : tuple of FittedModel
    loss : tuple of FittedModel and ModelRows, or None
    stabilised : bool
    caps : tuple of float
    weights : tuple of (K, n) float64
        By place in the timeline.
    sums : tuple
        Risk sets of each strategy.
    tau : float
    effect : (3,) float64
        Log hazard ratio, difference in restricted mean and in risk.
    """

    person_time: PersonTime
    grace: GracePeriod
    timeline: Timeline
    decisions: tuple[Decisions, Decisions]
    models: tuple[FittedModel, FittedModel]
    loss: tuple[FittedModel, ModelRows] | None
    stabilised: bool
    caps: tuple[float, float]
    weights: tuple[Floats, Floats]
    sums: tuple[Sums, Sums]
    tau: float
    effect: Floats

    @property
    def shared(self) -> bool:
        """Whether both strategies read their probabilities from one model."""
        return self.models[0] is self.models[1]

    @property
    def rule(self) -> int:
        """What strategy 1 asks."""
        return UNIFORM if self.grace.timing == "uniform" else NATURAL

    def clone_weights(self) -> CloneWeights:
        """The weights as checks read them."""
        first, second = (
            ArmWeights(
                self.grace.names[arm],
                self.decisions[arm].censored,
                by_patient(self.weights[arm], self.timeline),
                self.models[arm],
            )
            for arm in (0, 1)
        )
        return CloneWeights(
            timing=self.grace.timing,
            visits=self.grace.visits,
            visit_months=self.person_time.visit_months,
            arms=(first, second),
            loss=self.loss[0] if self.loss else None,
            stabilised=self.stabilised,
            caps=self.caps,
        )

    def influence(self) -> Floats:
        """Influence of each patient on the effect, weights taken as known, (n, 3)."""
        beta = float(self.effect[0])
        found = influence_of(self.timeline, self.weights, self.sums, self.tau, beta)
        if np.isnan(beta):
            found[:, 0] = 0.0
        return found

    def scores(self) -> Floats:
        """Each patient's scores of the weight models, side by side."""
        fitted = [(self.models[0], self.decisions[0].model_rows)]
        if not self.shared:
            fitted.append((self.models[1], self.decisions[1].model_rows))
        if self.loss:
            fitted.append(self.loss)
        found = []
        for model, rows in fitted:
            scores = np.zeros((self.person_time.patients, rows.design.shape[1]))
            residual = residuals(rows.outcome, model.probability, rows.grouped_cox)
            add_scores(scores, rows, residual)
            found.append(scores)
        return found[0] if len(found) == 1 else np.column_stack(found)

    def resampled(self) -> Resampled:
        """What the bootstrap starts from."""
        time = self.person_time.time_months[self.timeline.order]
        return Resampled(
            starting_coef=self.models[0].fit.coef,
            completing_coef=self.models[1].fit.coef,
            losing_coef=self.loss[0].fit.coef if self.loss else np.zeros(1),
            shared=self.shared,
            censored_0=self.decisions[0].censored,
            censored_1=self.decisions[1].censored,
            rule=self.rule,
            visits=self.grace.visits,
            intervals=self.weights[0].shape[0],
            stabilise=self.stabilised,
            caps=np.array(self.caps),
            tau=self.tau,
            tau_place=int(np.searchsorted(time, self.tau)),
            log_hazard_ratio=float(self.effect[0]),
        )


def analyse(
    person_time: PersonTime,
    grace: GracePeriod,
    tau: float,
    model: WeightModel,
    loss_model: WeightModel | None,
    arm_models: ArmModels,
    stabilise: bool,
) -> Analysis:
    """Fit the models, weigh the clones, estimate the effect.

    Raises
    ------
    InputError
        If a strategy never occurs, a model cannot be fitted, or `tau` lies beyond follow-up.
    """
    decisions = decisions_of(person_time, grace, model, arm_models)
    first = _fitted(decisions[0].rows, decisions[0].model_rows, decisions[0].terms, "treatment")
    second = first
    if decisions[1].model_rows is not decisions[0].model_rows:
        what = "completion" if grace.staged else "treatment at the last visit"
        second = _fitted(decisions[1].rows, decisions[1].model_rows, decisions[1].terms, what)
    loss = None
    if loss_model is not None:
        rows, model_rows, terms = loss_rows_of(person_time, loss_model)
        loss = _fitted(rows, model_rows, terms, "loss to follow-up"), model_rows
    intervals = interval_count(person_time, grace.visits, loss is not None)
    timeline = timeline_of(person_time, intervals)
    return _estimated(
        Analysis(
            person_time=person_time,
            grace=grace,
            timeline=timeline,
            decisions=decisions,
            models=(first, second),
            loss=loss,
            stabilised=stabilise,
            caps=(np.inf, np.inf),
            weights=(np.zeros((0, 0)), np.zeros((0, 0))),
            sums=(_NO_SUMS, _NO_SUMS),
            tau=tau,
            effect=np.zeros(3),
        ),
        intervals,
    )


_NO_SUMS: Sums = (np.zeros(0), np.zeros(0), np.zeros(0))


def truncated(analysis: Analysis, quantile: float) -> Analysis:
    """The same with each strategy's weights capped at a quantile of those that carry a factor.

    The quantile is one over clones, each with its last weight, of those that stayed in their
    strategy after a decision: most clones of strategy 1 carry none, and would hide the tail.
    """
    caps = []
    places = np.arange(analysis.timeline.order.size)
    for arm in (0, 1):
        weight = analysis.weights[arm]
        final = weight[np.minimum(analysis.timeline.last, weight.shape[0] - 1), places]
        carrying = final[(final > 0.0) & (final != 1.0)]
        caps.append(float(np.quantile(carrying, quantile)) if carrying.size else np.inf)
    return _estimated(replace(analysis, caps=(caps[0], caps[1])), analysis.weights[0].shape[0])


def _estimated(analysis: Analysis, intervals: int) -> Analysis:
    """Weights, risk sets and effect of an analysis whose models are fitted."""
    timeline = analysis.timeline
    counts = np.ones(timeline.order.size)
    remaining = np.zeros((intervals if analysis.loss else 0, timeline.order.size))
    if analysis.loss:
        fitted, rows = analysis.loss
        remaining_factors(remaining, timeline, rows, fitted.probability)
    weights, sums = [], []
    for arm, rule in enumerate((AVOID, analysis.rule)):
        decided = analysis.decisions[arm]
        weight = np.zeros((intervals, timeline.order.size))
        probability = analysis.models[arm].probability
        visits = analysis.grace.visits
        fill_weights(weight, timeline, decided.model_rows, probability, rule, visits)
        share = np.ones(intervals)
        if analysis.stabilised:
            share = staying_share(timeline, decided.censored, counts, intervals)
        multiply_weights(weight, timeline, remaining, share, analysis.caps[arm])
        weights.append(weight)
        sums.append(risk_sums(timeline, weight, counts))
    _refuse_tau(analysis)
    effect = np.array(contrasts(timeline.times, sums[0], sums[1], analysis.tau, 0.0))
    return replace(
        analysis, weights=(weights[0], weights[1]), sums=(sums[0], sums[1]), effect=effect
    )


def _refuse_tau(analysis: Analysis) -> None:
    """Refuse a horizon at which no clone of a strategy is followed any more."""
    person_time = analysis.person_time
    for arm in (0, 1):
        censored = analysis.decisions[arm].censored
        left = np.where(censored >= 0, censored * person_time.visit_months, np.inf)
        last = float(np.max(np.minimum(left, person_time.time_months)))
        if analysis.tau > last:
            name = analysis.grace.names[arm]
            found = f"{analysis.tau:g} months; strategy {name!r} is followed to {last:g}"
            raise InputError("tau_months", found, f"Give a horizon of at most {last:g} months")


def _fitted(
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    model_rows: ModelRows,
    terms: tuple[str, ...],
    what: str,
) -> FittedModel:
    outcome = model_rows.outcome > 0.5
    fit: LogisticFit = fit_logistic(
        model_rows.design,
        outcome,
        weights=model_rows.learns,
        what=what,
        grouped_cox=model_rows.grouped_cox,
    )
    probability = chances(
        model_rows.design, fit.coef, np.ones(outcome.size), model_rows.grouped_cox
    )
    learns = model_rows.learns > 0.0
    return FittedModel(rows, outcome, learns, probability, model_rows.design, terms, fit)
