# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""What makes one patient differ from another: latent variables, the same in both layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal, normal_quantile, uniform
from debulk.disease import decisions
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.growth import LIVER, LUNG, NODE, OTHER, PERITONEUM, growth_constant
from debulk.disease.inner import inner

# Numba takes stream numbers as constants of the module.
_AGGRESSIVE = decisions.AGGRESSIVE
_GROWTH = decisions.GROWTH
_GROWTH_PRIMARY = decisions.GROWTH_PRIMARY
_SHEDDING = decisions.SHEDDING
_AFFINITY = decisions.AFFINITY
_KILL = decisions.KILL
_RESISTANCE = decisions.RESISTANCE
_FRAILTY = decisions.FRAILTY
_IMMUNITY = decisions.IMMUNITY
_AGE = decisions.AGE
_SEX = decisions.SEX
_RAS = decisions.RAS
_BRAF = decisions.BRAF
_MSI = decisions.MSI

YOUNGEST, OLDEST = 25.0, 90.0


@inner
def z_aggressive(key: np.uint64) -> float:
    """Latent aggressiveness, standard normal: growth, shedding, kill and resistance load on it."""
    return normal(key, _AGGRESSIVE, WHOLE, ONCE)


@inner
def _loaded(loading: float, aggressive: float, own: float) -> float:
    """Standard normal that correlates with aggressiveness by `loading`."""
    return loading * aggressive + math.sqrt(max(0.0, 1.0 - loading * loading)) * own


@inner
def z_growth(p: Any, key: np.uint64, aggressive: float) -> float:
    """Latent growth of a patient's metastases, standard normal."""
    return _loaded(p.a_growth, aggressive, normal(key, _GROWTH, WHOLE, ONCE))


@inner
def growth_of_primary(p: Any, key: np.uint64, growth: float) -> float:
    """Gompertz constant of the primary, per day; `growth` is the patient's `z_growth`."""
    own = normal(key, _GROWTH_PRIMARY, WHOLE, ONCE)
    return p.bP * math.exp(p.sbP * _loaded(p.growth_shared, growth, own))


@inner
def growth_of_metastases(p: Any, growth: float) -> float:
    """Median growth constant of a patient's metastases, per day; see `growth.growth_constant`.

    Between patients the logarithm follows a two-piece normal: a longer slow side is indolent
    disease.
    """
    spread = p.sbM_fast if growth > 0.0 else p.sbM_slow
    return growth_constant(p) * math.exp(spread * growth)


@inner
def shedding_rate(p: Any, key: np.uint64, aggressive: float) -> tuple[float, float]:
    """Shedding rate of the primary per day and cell^alpha, and the latent behind it."""
    z = _loaded(p.a_shed, aggressive, normal(key, _SHEDDING, WHOLE, ONCE))
    return p.mu * math.exp(p.smu * z), z


@inner
def first_weights(p: Any, key: np.uint64, shedding: float, weights: Any) -> None:
    """Weights of the five organ classes for cells shed by the primary; they sum to 1."""
    disperser = math.exp(p.cln * shedding)
    weights[LIVER] = 1.0
    weights[LUNG] = p.w_lung
    weights[PERITONEUM] = p.w_per * disperser
    weights[NODE] = p.w_ln * disperser
    weights[OTHER] = p.w_oth
    total = 0.0
    for organ in range(5):
        weights[organ] *= math.exp(p.saff * normal(key, _AFFINITY, organ, ONCE))
        total += weights[organ]
    for organ in range(5):
        weights[organ] /= total


@inner
def cascade_weights(p: Any, key: np.uint64, weights: Any) -> None:
    """Weights of the five organ classes for cells shed by metastases; they sum to 1."""
    weights[LIVER] = p.w2_liver
    weights[LUNG] = p.w2l
    weights[PERITONEUM] = p.w2_per
    weights[NODE] = p.w2_ln
    weights[OTHER] = p.w2_oth
    total = 0.0
    for organ in range(5):
        weights[organ] *= math.exp(0.5 * p.saff * normal(key, _AFFINITY, organ, ONCE))
        total += weights[organ]
    for organ in range(5):
        weights[organ] /= total


@inner
def pick(weights: Any, chance: float) -> int:
    """Class of organ that a uniform number picks from five weights that sum to 1."""
    # Sums of comparisons: a branch on a random number costs more than all of them.
    below = weights[LIVER]
    position = int(chance >= below)
    for organ in range(LUNG, OTHER):
        below += weights[organ]
        position += int(chance >= below)
    return position


@inner
def kill_rate(p: Any, key: np.uint64, aggressive: float, line: int) -> float:
    """Kill rate of sensitive cells per day on a line of therapy (1, 2 or 3)."""
    shared = _loaded(p.a_kill, aggressive, normal(key, _KILL, WHOLE, ONCE))
    if line == 1:
        return p.k1 * math.exp(p.sk * shared)
    median = p.k2 if line == 2 else p.k3
    return median * math.exp(p.sk * _loaded(p.skl, shared, normal(key, _KILL, WHOLE, line)))


@inner
def resistance_logit(p: Any, key: np.uint64, aggressive: float, line: int) -> float:
    """Logit of the resistant share of a lesion of 1e10 cells on a line of therapy."""
    shared = _loaded(p.a_resist, aggressive, normal(key, _RESISTANCE, WHOLE, ONCE))
    if line == 1:
        return _logit(p.f1) + p.sf * shared
    median = p.f2 if line == 2 else p.f3
    own = _loaded(p.sfl, shared, normal(key, _RESISTANCE, WHOLE, line))
    return _logit(median) + p.sf_later * p.sf * own


@inner
def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


@inner
def z_frailty(key: np.uint64) -> float:
    """Latent frailty, standard normal."""
    return normal(key, _FRAILTY, WHOLE, ONCE)


@inner
def immune_kill(p: Any, key: np.uint64) -> float:
    """Immune kill of micrometastases, per day."""
    return p.kimm * math.exp(p.simm * normal(key, _IMMUNITY, WHOLE, ONCE))


@inner
def age_years(p: Any, key: np.uint64) -> float:
    """Age at diagnosis: normal, truncated to 25-90 years."""
    low = _below((YOUNGEST - p.age_mean) / p.age_sd)
    high = _below((OLDEST - p.age_mean) / p.age_sd)
    chance = low + (high - low) * uniform(key, _AGE, WHOLE, ONCE)
    return min(max(p.age_mean + p.age_sd * normal_quantile(chance), YOUNGEST), OLDEST)


@inner
def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@inner
def is_female(p: Any, key: np.uint64) -> bool:
    """Whether the patient is a woman."""
    return uniform(key, _SEX, WHOLE, ONCE) < p.female


@inner
def markers(p: Any, key: np.uint64) -> tuple[bool, bool, bool]:
    """Mutation of RAS and of BRAF V600E, microsatellite instability.

    RAS and BRAF correlate with aggressiveness; they exclude each other, and BRAF wins.
    """
    aggressive = z_aggressive(key)
    ras = _loaded(p.ras_aggressive, aggressive, normal(key, _RAS, WHOLE, ONCE))
    braf = _loaded(p.braf_aggressive, aggressive, normal(key, _BRAF, WHOLE, ONCE))
    has_braf = _below(-braf) < p.braf_share
    has_ras = (_below(-ras) < p.ras_share) & (not has_braf)
    return has_ras, has_braf, uniform(key, _MSI, WHOLE, ONCE) < p.msi_share
