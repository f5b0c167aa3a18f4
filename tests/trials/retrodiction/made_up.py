"""A retrodiction made of made-up simulated trials, so that nothing needs to be simulated."""

from __future__ import annotations

import numpy as np

from debulk.core.provenance import Provenance
from debulk.protocols.plans import Applicability
from debulk.trials.retrodiction.delivering import Change, Reached
from debulk.trials.retrodiction.predicting import ArmQuantity, Prediction
from debulk.trials.retrodiction.published import Published
from debulk.trials.retrodiction.result import (
    DeliveredPrediction,
    Retrodiction,
    TrialRetrodiction,
)
from debulk.trials.retrodiction.score import score_of
from debulk.trials.retrodiction.spread import place_among, spread_of

PARTIAL = Applicability("partial", ("something",))
NOWHERE = Applicability("none", ("removal of the primary tumour",))


def published(estimate: float, *, measure: str = "hazard_ratio", arms: dict | None = None):
    """A published effect with limits a factor of 1.5 away."""
    return Published(
        measure, estimate, estimate / 1.5, estimate * 1.5, "printed", arms or {}, "Someone 2020", ()
    )


def prediction(middle: float, told: Published | None, *, spread: float = 0.2, size: int = 160):
    """A prediction whose effects are log-normal around a middle, at exact quantiles."""
    places = (np.arange(size) + 0.5) / size
    z = np.array([_quantile(each) for each in places])
    effects = middle * np.exp(spread * z)
    control, treated = 30.0 * np.exp(0.1 * z), 30.0 / middle * np.exp(0.1 * z)
    arms = []
    for arm, values in (("control", control), ("experimental", treated)):
        column = f"median_os_{arm}_months"
        known = None if told is None else told.arms.get(column)
        arms.append(ArmQuantity(arm, column, "median survival, months", spread_of(values), known))
    return Prediction(
        measure="hazard_ratio" if told is None else told.measure,
        effect=spread_of(effects),
        null=spread_of(np.exp(spread * z)),
        place=None if told is None else place_among(effects, told.estimate),
        arms=tuple(arms),
        delivery={"treated_80": 0.8, "mortality_90_days": 0.02},
        patients=100,
        short=0,
        without=0,
        effects=effects,
    )


def _quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def entry(
    name: str,
    middle: float,
    estimate: float | None,
    *,
    role: str = "validation",
    delivered: float | None = None,
    arms: dict | None = None,
    measure: str = "hazard_ratio",
    size: int = 160,
) -> TrialRetrodiction:
    """One predicted trial."""
    told = None if estimate is None else published(estimate, measure=measure, arms=arms)
    second = None
    if delivered is not None:
        fact = Reached("share treated", "treated_80", "72 %", 0.72, 0.8, 0.5, "a:key", "so it is")
        change = Change("arms.x.delivered", 0.9, 0.8, "a:key")
        second = DeliveredPrediction(prediction(delivered, told), (change,), (fact,))
    return TrialRetrodiction(
        name, (name.lower(),), role, PARTIAL, told, prediction(middle, told, size=size), second, ""
    )


def unpredicted(name: str, *, role: str = "validation") -> TrialRetrodiction:
    """A trial that the model does not fit."""
    told = None if role == "planned" else published(1.1, measure="median_ratio")
    reason = "the disease model does not fit it; it lacks removal of the primary tumour"
    return TrialRetrodiction(name, (name.lower(),), role, NOWHERE, told, None, None, reason)


def retrodiction(*entries: TrialRetrodiction, frozen: bool = True, size: int = 160) -> Retrodiction:
    """All of it."""
    scored = [(each, each.applicability.level) for each in entries if each.scored]
    return Retrodiction(
        trials=entries,
        score=score_of(scored),
        posterior={"sha256": "ab" * 32, "draws": 160, "frozen": frozen, "expected": "ab" * 32},
        simulated=size,
        seed=1,
        provenance=Provenance("0.1.0", 1, {}, remarks=("Research use; not a medical device.",)),
    )


def usual() -> Retrodiction:
    """Two hits, a miss, a calibration trial, a planned one, and two that are not predicted."""
    miss = {"median_os_control_months": 18.0, "median_os_experimental_months": 31.0}
    return retrodiction(
        entry("ALPHA", 0.8, 0.85, delivered=0.84),
        entry("BETA", 0.9, 0.95),
        entry("GAMMA", 0.95, 0.4, delivered=0.7, arms=miss),
        entry("DELTA", 0.7, 0.6, role="calibration"),
        entry("EPSILON", 0.75, None, role="planned"),
        unpredicted("ZETA"),
        unpredicted("ETA", role="planned"),
    )
