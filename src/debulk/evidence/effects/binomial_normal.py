"""Pooled proportion by the binomial-normal model: no correction for studies without events.

Stijnen, Hamza and Ozdemir 2010 (Stat Med 29:3046): x_i ~ Binomial(n_i, expit(mu + tau u_i)) with
u_i standard normal, by maximum likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import chdtrc, expit, gammaln, logit, xlogy

import debulk
from debulk.core.binomial import exact_limits
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.evidence.effects.binomial_likelihood import Marginal, marginal
from debulk.evidence.effects.effect import require_events, require_level, require_names
from debulk.evidence.effects.study_effects import StudyEffects, a_measure
from debulk.evidence.pooling.pooled import Limits, PooledStudy
from debulk.survival.curves.limits import normal_width

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NODES = 40
"""Nodes of the adaptive quadrature; more change nothing in the tenth digit."""
MOST_STEPS = 200
MOST_HALVINGS = 40
TOLERANCE = 1e-16
"""Newton decrement that ends the search."""
NOTHING = 1e-9
"""Gain in twice the log-likelihood that is taken for rounding."""


@dataclass(frozen=True)
class BinomialNormalFit:
    """A pooled proportion; estimates and limits are log odds unless said otherwise.

    Attributes
    ----------
    estimate, se, lower, upper : float
        Mean log odds over studies with its Wald interval.
    conf_level : float
        Of every interval.
    proportion, average : float
        Back on the natural scale: that of the median study; the mean over studies.
    k : int
        Studies.
    tau2 : float
        Variance of log odds between studies.
    prediction : Limits
        Where the log odds of a new study are expected: estimate +/- z sqrt(se^2 + tau2).
    i2 : float
        Share (0 to 1) of tau2 in the total variance of corrected logits, at their typical variance.
    q, q_df, q_p
        Likelihood-ratio test of one proportion for each study against one for all.
    variance_statistic, variance_p : float
        Likelihood-ratio test of tau2 = 0; p from the even mixture of chi-square with 0 and 1
        degree of freedom, since tau2 cannot be negative.
    log_likelihood : float
        At its maximum, with the binomial coefficients.
    studies : tuple of PooledStudy
        Log odds with exact (Clopper and Pearson) limits, infinite where there are no or only
        events; weight is the study's share of the information on the mean.
    events, patients : tuple of int
        By study.
    provenance : Provenance
        Version and remarks.
    measure, scale, method, interval : str
        As of every pooled effect; they never change.
    """

    estimate: float
    se: float
    lower: float
    upper: float
    conf_level: float
    proportion: float
    average: float
    k: int
    tau2: float
    prediction: Limits
    i2: float
    q: float
    q_df: int
    q_p: float
    variance_statistic: float
    variance_p: float
    log_likelihood: float
    studies: tuple[PooledStudy, ...]
    events: tuple[int, ...]
    patients: tuple[int, ...]
    provenance: Provenance = field(repr=False)
    measure: Literal["proportion"] = "proportion"
    scale: Literal["logit"] = "logit"
    method: Literal["glmm"] = "glmm"
    interval: Literal["wald"] = "wald"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; infinite is None."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def pool_binomial_normal(
    events: Sequence[float],
    patients: Sequence[float],
    *,
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
    nodes: int = NODES,
) -> BinomialNormalFit:
    """Pool proportions by a logistic model with a normal study effect.

    Parameters
    ----------
    events, patients : sequence of float
        Whole numbers, one pair a study; at least two studies.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...
    conf_level : float
        0.95 or 95.
    nodes : int
        Nodes of the adaptive Gauss-Hermite quadrature, 1 (Laplace) or more.

    Raises
    ------
    InputError
        If counts are impossible, there are fewer than two studies, no study has both an event and a
        patient without, or the likelihood has no maximum.
    """
    labels = require_names(names, events=events, patients=patients)
    level, tables = require_level("conf_level", conf_level), _checked(events, patients)
    x, n = tables[:, 0], tables[:, 1]
    if nodes < 1:
        raise InputError("nodes", f"{nodes!r} nodes", "Give 1 or more")
    best = _maximum(x, n, nodes)
    return _fit(x, n, labels, best, level, nodes)


def pool_counted(effects: StudyEffects, *, conf_level: float = 0.95) -> BinomialNormalFit:
    """Pool the counts behind the proportions of a table by `pool_binomial_normal`.

    Parameters
    ----------
    effects : StudyEffects
        Counted proportions, such as those of `effects_from_table`.
    conf_level : float
        0.95 or 95.

    Raises
    ------
    InputError
        If a study has no counts, such as one read off a survival curve.
    """
    for name, events, n in zip(effects.names, effects.events, effects.patients, strict=False):
        if events is None or n is None:
            remedy = "Pool logits with pool(), or leave the study out"
            raise InputError(f"study {name!r}", "its events are not counted", remedy)
    if len(effects.events) != len(effects.names):
        found = f"{a_measure(effects.measure)} has no counted events"
        raise InputError("effects", found, "Give proportions from events and patients")
    counted = [x for x in effects.events if x is not None]
    among = [n for n in effects.patients if n is not None]
    fit = pool_binomial_normal(counted, among, names=effects.names, conf_level=conf_level)
    told = fit.provenance
    provenance = replace(told, inputs=dict(effects.inputs), exclusions=effects.exclusions)
    return replace(fit, provenance=provenance)


def _fit(
    x: Floats, n: Floats, labels: Sequence[str], best: Marginal, level: float, nodes: int
) -> BinomialNormalFit:
    common = marginal(float(logit(x.sum() / n.sum())), 0.0, x, n, nodes)
    information = best.information if best.tau > 0.0 else best.information[:1, :1]
    covariance = np.linalg.inv(information)
    se, tau2 = math.sqrt(covariance[0, 0]), best.tau**2
    critical = normal_width(level)
    share = x / n
    saturated = float(np.sum(xlogy(x, share) + xlogy(n - x, 1.0 - share)))
    q = max(0.0, 2.0 * (saturated - common.total))
    between = 2.0 * (best.total - common.total)
    between = between if between > NOTHING else 0.0
    constant = float(np.sum(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)))
    reach = critical * math.sqrt(se**2 + tau2)
    return BinomialNormalFit(
        estimate=best.mean,
        se=se,
        lower=best.mean - critical * se,
        upper=best.mean + critical * se,
        conf_level=level,
        proportion=float(expit(best.mean)),
        average=_average(best),
        k=len(x),
        tau2=tau2,
        prediction=Limits(best.mean - reach, best.mean + reach),
        i2=tau2 / (tau2 + _typical_variance(x, n)),
        q=q,
        q_df=len(x) - 1,
        q_p=float(chdtrc(len(x) - 1, q)),
        variance_statistic=between,
        variance_p=0.5 * float(chdtrc(1, between)) if between else 1.0,
        log_likelihood=best.total + constant,
        studies=_studies(labels, x, n, best, level),
        events=tuple(int(each) for each in x),
        patients=tuple(int(each) for each in n),
        provenance=Provenance(
            version=debulk.__version__,
            remarks=(
                f"Binomial-normal model by maximum likelihood, {nodes} quadrature nodes; weights "
                "are shares of the information on the mean log odds",
            ),
        ),
    )


def _checked(events: Sequence[float], patients: Sequence[float]) -> Floats:
    if len(events) < 2:
        raise InputError("events", f"{len(events)} studies", "Give two studies or more")
    pairs = [
        require_events(f"events[{i}]", x, f"patients[{i}]", n)
        for i, (x, n) in enumerate(zip(events, patients, strict=True))
    ]
    tables = np.array(pairs)
    x, n = tables.T
    if x.sum() in (0.0, n.sum()):
        found = "no patient of any study has the event, or all have"
        raise InputError("events", found, "The log odds are infinite; describe the counts instead")
    if np.all((x == 0.0) | (x == n)):
        # The likelihood then rises with the variance between studies without end.
        found = "every study has no event or nothing but events, so the variance between is open"
        raise InputError("events", found, "Describe the counts instead")
    return tables


def _maximum(x: Floats, n: Floats, nodes: int) -> Marginal:
    """The best of two searches: from no and from much variance between studies."""
    start = float(logit(x.sum() / n.sum()))
    corrected = np.log((x + 0.5) / (n - x + 0.5))
    found = [_climb(start, 0.0, x, n, nodes)]
    for spread in (float(np.std(corrected)), 0.3):
        found.append(_climb(float(np.mean(corrected)), max(spread, 0.05), x, n, nodes))
    return max(found, key=lambda each: each.total)


def _climb(mean: float, tau: float, x: Floats, n: Floats, nodes: int) -> Marginal:
    """Newton steps on (mean, tau); the likelihood is even in tau, so its sign is free."""
    here = marginal(mean, tau, x, n, nodes)
    free = 2 if tau > 0.0 else 1
    for _ in range(MOST_STEPS):
        gradient, curvature = here.gradient[:free], here.information[:free, :free]
        values, vectors = np.linalg.eigh(curvature)
        # Where the surface is not concave the step still goes uphill.
        tame = vectors / np.maximum(np.abs(values), 1e-8)
        step = tame @ (vectors.T @ gradient)
        if float(gradient @ step) < TOLERANCE:
            return here
        moved = _uphill(here, step, x, n, nodes)
        if moved is None:
            return here
        here = moved
    remedy = "Use pool() on logits instead, and look for a study that lies far from the others"
    found = f"the likelihood did not settle within {MOST_STEPS} steps"
    raise InputError("events", found, remedy)


def _uphill(here: Marginal, step: Floats, x: Floats, n: Floats, nodes: int) -> Marginal | None:
    """The step, halved until the likelihood rises; None where it does not any more."""
    for halving in range(MOST_HALVINGS):
        part = 0.5**halving * step
        tau = abs(here.tau + part[1]) if len(part) == 2 else 0.0
        tried = marginal(here.mean + float(part[0]), float(tau), x, n, nodes)
        if tried.total > here.total:
            return tried
    return None


def _average(fit: Marginal) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(weights @ expit(fit.mean + fit.tau * nodes) / weights.sum())


def _typical_variance(x: Floats, n: Floats) -> float:
    """Higgins and Thompson's typical variance of logits, 0.5 added where a cell is empty."""
    added = np.where((x == 0.0) | (x == n), 0.5, 0.0)
    weights = 1.0 / (1.0 / (x + added) + 1.0 / (n - x + added))
    total = float(weights.sum())
    return (len(x) - 1) * total / (total**2 - float(np.sum(weights**2)))


def _studies(
    names: Sequence[str], x: Floats, n: Floats, fit: Marginal, level: float
) -> tuple[PooledStudy, ...]:
    shares = fit.study_information / fit.study_information.sum()
    found = []
    for name, events, patients, weight in zip(names, x, n, shares, strict=True):
        none, every = events == 0.0, events == patients
        low, high = exact_limits(float(events), float(patients), level)
        se = math.inf if none or every else math.sqrt(1.0 / events + 1.0 / (patients - events))
        odds = [_log_odds(each) for each in (float(events / patients), low, high)]
        found.append(PooledStudy(name, odds[0], se, odds[1], odds[2], float(weight)))
    return tuple(found)


def _log_odds(share: float) -> float:
    if share in (0.0, 1.0):
        return math.inf if share else -math.inf
    return math.log(share / (1.0 - share))
