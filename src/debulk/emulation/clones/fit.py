"""Clone-censor-weight: two strategies compared in registry patients from a shared time zero on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.emulation.answers import Answer
from debulk.emulation.asked import checked_horizon
from debulk.emulation.clones.analysis import Analysis, analyse, truncated
from debulk.emulation.clones.curves import strategy_curves
from debulk.emulation.clones.decisions import ArmModels
from debulk.emulation.clones.intervals import (
    INTERVAL_WORDS,
    NAMES,
    all_intervals,
    read_intervals,
)
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.clones.words import (
    caveats_of,
    counts_of,
    estimand_of,
    events_of,
    truncation_caveat,
)
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival.options import (
    check_flag,
    check_kind,
    check_share,
    check_word,
)


@dataclass(frozen=True)
class CloneAnswer(Answer):
    """Answer of clone-censor-weight.

    Attributes
    ----------
    weights : CloneWeights
        Weights of both strategies and their models.
    intervals : mapping of str to mapping of str to Estimate
        By name of the interval, then ``hazard_ratio``, ``rmst_difference``, ``risk_difference``.
    """

    weights: CloneWeights = field(kw_only=True)
    intervals: Mapping[str, Mapping[str, Estimate]] = field(kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; the weights stay out."""
        return {**super().to_dict(), "intervals": plain(self.intervals)}


def clone_censor_weight(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    model: WeightModel = WeightModel(),  # noqa: B008  (frozen)
    interval: str | tuple[str, ...] = ("sandwich",),
    replicates: int = 500,
    seed: int = 1,
    workers: int | None = None,
    conf_level: float = 0.95,
    truncate: float | None = None,
    stabilise: bool = False,
    loss_model: WeightModel | None = None,
    arm_models: ArmModels = "pooled",
    curves: bool = True,
) -> CloneAnswer:
    """Compare two strategies by cloning, artificial censoring and weighting.

    Each patient follows both strategies until a decision departs from one. Whoever departs leaves
    that strategy at the visit, and those who stay are weighted by the inverse probability of
    staying (Hernan and others 2016, J Clin Epidemiol 79:70; Cain and others 2010, Int J Biostat
    6:18; Maringe and others 2020, Int J Epidemiol 49:1719). Within a visit the order is: outcome
    and loss of the interval before, progression and covariates, treatment, artificial censoring.

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
        The strategies. A staged one is judged by completion at the end of the grace period, the
        other by the first local treatment.
    tau_months : float
        Horizon of the risk and of the restricted mean.
    model : WeightModel
        Probability of treatment at a visit, from the visits of eligible patients not
        treated before.
    interval : str or tuple of str
        ``"sandwich"`` (counts the estimation of the weights), ``"known-weights"`` (takes them as
        known; conservative where weights behave), ``"bootstrap"`` (normal),
        ``"bootstrap-percentile"``, ``"bca"``. The first is the main one.
    replicates, seed, workers
        Of the bootstrap by patient; no result depends on `workers`.
    conf_level : float
    truncate : float, optional
        Quantile of the weights that carry a factor to cap them at. It biases the answer; the
        untruncated one is told beside it.
    stabilise : bool
        Multiply by the share that stayed, by strategy and time. Curves do not move, the hazard
        ratio does. Sandwiches take the share as known.
    loss_model : WeightModel, optional
        Model of loss to follow-up, with treatment as a further covariate; None takes censoring as
        unrelated to prognosis.
    arm_models : {"pooled", "deadline"}
        Whether strategy 1 shares the model of all visits, or has one of the last visit alone
        (natural timing only).
    curves : bool
        Whether to make the curves.

    Returns
    -------
    CloneAnswer

    Raises
    ------
    InputError
        If nobody is eligible, a strategy never occurs (it is named), a model cannot be fitted, the
        horizon lies beyond follow-up, more than 1 % of replicates fail, or an option is wrong.
    """
    wanted = read_intervals(interval)
    check_flag(curves, "curves")
    models = {"model": model, **({} if loss_model is None else {"loss_model": loss_model})}
    tau = _checked(
        person_time, grace, models, tau_months, conf_level, truncate, stabilise, arm_models
    )
    whole = analyse(person_time, grace, tau, model, loss_model, arm_models, stabilise)
    used = whole if truncate is None else truncated(whole, truncate)
    intervals, tally = all_intervals(used, wanted, replicates, seed, workers, conf_level)
    counts = counts_of(used)
    caveats, details = caveats_of(used, counts), _details(used, counts, tally)
    if truncate is not None:
        beside, _ = all_intervals(whole, wanted[:1], replicates, seed, workers, conf_level)
        caveats.insert(0, truncation_caveat(truncate, beside[wanted[0]]))
        details["truncated"] = {"quantile": truncate, "caps": list(used.caps)}
        details["untruncated"] = plain(beside[wanted[0]])
    main = intervals[wanted[0]]
    return CloneAnswer(
        method="clone-censor-weight",
        title=f"Clone-censor-weight, {grace.timing} timing",
        contrast="strategies",
        estimand=estimand_of(used),
        **{name: main.get(name) for name in NAMES},
        tau_months=tau,
        patients=dict.fromkeys(grace.names, person_time.patients),
        events=events_of(used),
        curves=strategy_curves(used, conf_level) if curves else (),
        caveats=tuple(caveats),
        interval=INTERVAL_WORDS[wanted[0]],
        details=details,
        weights=used.clone_weights(),
        intervals=intervals,
    )


def _checked(
    person_time: PersonTime,
    grace: GracePeriod,
    models: Mapping[str, WeightModel],
    tau_months: float,
    conf_level: float,
    truncate: float | None,
    stabilise: bool,
    arm_models: ArmModels,
) -> float:
    """The horizon, after every option has been looked at."""
    tau = checked_horizon(person_time, grace, tau_months, conf_level)
    for name, each in models.items():
        check_kind(each, WeightModel, name)
    check_flag(stabilise, "stabilise")
    check_word(arm_models, ArmModels, "arm_models")
    if truncate is not None:
        check_share(truncate, "truncate", "Give a quantile such as 0.99, or leave it out")
    if arm_models == "deadline" and grace.timing != "natural":
        found = f"'deadline' with {grace.timing} timing"
        remedy = "Its weights need every visit: say 'pooled'"
        raise InputError("arm_models", found, remedy)
    visits = int(person_time.visit.max()) + 1
    if visits < grace.visits and person_time.time_months.max() > visits * person_time.visit_months:
        found = f"the grace period has {grace.visits} visits; the person-time has {visits}"
        raise InputError("grace period", found, "Make person-time with at least as many visits")
    return tau


def _details(
    analysis: Analysis, counts: Mapping[str, int], tally: Mapping[str, int]
) -> dict[str, Any]:
    models = list(analysis.models[:1] if analysis.shared else analysis.models)
    if analysis.loss:
        models.append(analysis.loss[0])
    return {
        "counts": dict(counts),
        "timing": analysis.grace.timing,
        "visits": analysis.grace.visits,
        "stabilised": analysis.stabilised,
        "models": [
            {
                "terms": list(each.terms),
                "coefficients": each.fit.coef.tolist(),
                "rows": int(each.learns.sum()),
                "occurred": int(each.outcome[each.learns].sum()),
            }
            for each in models
        ],
        "largest_weight": {
            name: float(weight.max())
            for name, weight in zip(analysis.grace.names, analysis.weights, strict=True)
        },
        **({"bootstrap": dict(tally)} if tally else {}),
    }
