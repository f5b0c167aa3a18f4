"""Pooled proportion by the binomial-normal model: no correction for studies without events.

Stijnen, Hamza and Ozdemir 2010 (Stat Med 29:3046): x_i ~ Binomial(n_i, expit(mu + tau u_i)) with
u_i standard normal, by maximum likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, gammaln, logit, xlogy
from scipy.stats import beta, chi2, norm

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.evidence.effects.binomial_likelihood import Marginal, marginal
from debulk.evidence.effects.effect import require_events, require_level
from debulk.evidence.pooling.pooled import Limits, PooledStudy

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NODES = 40
"""Nodes of the adaptive quadrature; more change nothing in the tenth digit."""
MOST_STEPS = 200
TOLERANCE = 1e-10
"""Newton decrement that ends the search."""


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Likelihood-ratio tests of differences between studies.

    Attributes
    ----------
    statistic, df, p
        One proportion for all against one for each study.
    variance_statistic, variance_p : float
        tau2 = 0 against the model; p from the even mixture of chi-square with 0 and 1 degree of
        freedom, since tau2 cannot be negative.
    """

    statistic: float
    df: int
    p: float
    variance_statistic: float
    variance_p: float


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
    heterogeneity : Heterogeneity
        Tests.
    log_likelihood : float
        At its maximum, with the binomial coefficients.
    studies : tuple of PooledStudy
        Log odds with exact (Clopper and Pearson) limits, infinite where there are no or only
        events; weight is the study's share of the information on the mean.
    events, patients : tuple of int
        By study.
    provenance : Provenance
        Version and remarks.
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
    heterogeneity: Heterogeneity
    log_likelihood: float
    studies: tuple[PooledStudy, ...]
    events: tuple[int, ...]
    patients: tuple[int, ...]
    provenance: Provenance = field(repr=False)

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
        If counts are impossible, there are fewer than two studies, no event or no patient without,
        or the likelihood has no maximum.
    """
    level, tables = require_level("conf_level", conf_level), _checked(events, patients)
    x, n = tables[:, 0], tables[:, 1]
    labels = [str(i + 1) for i in range(len(x))] if names is None else [str(each) for each in names]
    if len(labels) != len(x):
        raise InputError("names", f"{len(labels)} names for {len(x)} studies", "Give one a study")
    if nodes < 1:
        raise InputError("nodes", f"{nodes!r} nodes", "Give 1 or more")
    best = _maximum(x, n, nodes)
    common = marginal(float(logit(x.sum() / n.sum())), 0.0, x, n, nodes)
    information = best.information if best.tau > 0.0 else best.information[:1, :1]
    covariance = np.linalg.inv(information)
    se, tau2 = math.sqrt(covariance[0, 0]), best.tau**2
    critical = float(norm.ppf((1.0 + level) / 2.0))
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
        heterogeneity=_tests(x, n, common.total, best.total),
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
    if len(events) != len(patients):
        found = f"{len(events)} numbers of events for {len(patients)} of patients"
        raise InputError("events", found, "Give one pair a study")
    if len(events) < 2:
        raise InputError("events", f"{len(events)} studies", "Give two studies or more")
    pairs = [
        require_events(f"events[{i}]", x, f"patients[{i}]", n)
        for i, (x, n) in enumerate(zip(events, patients, strict=True))
    ]
    tables = np.array(pairs)
    if tables[:, 0].sum() in (0.0, tables[:, 1].sum()):
        found = "no patient of any study has the event, or all have"
        raise InputError("events", found, "The log odds are infinite; describe the counts instead")
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
        if float(gradient @ step) < TOLERANCE**2 * 1e4:
            return here
        moved = here
        for halving in range(40):
            share = 0.5**halving
            tried = marginal(
                here.mean + share * step[0],
                abs(here.tau + share * step[1]) if free == 2 else 0.0,
                x,
                n,
                nodes,
            )
            if tried.total > here.total:
                moved = tried
                break
        if moved is here:
            return here
        here = moved
    remedy = "Use pool() on logits instead, and look for a study that lies far from the others"
    found = f"the likelihood did not settle within {MOST_STEPS} steps"
    raise InputError("events", found, remedy)


def _average(fit: Marginal) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(weights @ expit(fit.mean + fit.tau * nodes) / weights.sum())


def _tests(x: Floats, n: Floats, common: float, best: float) -> Heterogeneity:
    share = x / n
    saturated = float(np.sum(xlogy(x, share) + xlogy(n - x, 1.0 - share)))
    statistic, df = max(0.0, 2.0 * (saturated - common)), len(x) - 1
    between = max(0.0, 2.0 * (best - common))
    between = between if between > 1e-9 else 0.0
    p = 0.5 * float(chi2.sf(between, 1)) if between else 1.0
    return Heterogeneity(statistic, df, float(chi2.sf(statistic, df)), between, p)


def _studies(
    names: Sequence[str], x: Floats, n: Floats, fit: Marginal, level: float
) -> tuple[PooledStudy, ...]:
    tail = (1.0 - level) / 2.0
    shares = fit.study_information / fit.study_information.sum()
    found = []
    for name, events, patients, weight in zip(names, x, n, shares, strict=True):
        none, every = events == 0.0, events == patients
        low = 0.0 if none else float(beta.ppf(tail, events, patients - events + 1.0))
        high = 1.0 if every else float(beta.ppf(1.0 - tail, events + 1.0, patients - events))
        se = math.inf if none or every else math.sqrt(1.0 / events + 1.0 / (patients - events))
        odds = [_log_odds(each) for each in (float(events / patients), low, high)]
        found.append(PooledStudy(name, odds[0], se, odds[1], odds[2], float(weight)))
    return tuple(found)


def _log_odds(share: float) -> float:
    if share in (0.0, 1.0):
        return math.inf if share else -math.inf
    return math.log(share / (1.0 - share))
