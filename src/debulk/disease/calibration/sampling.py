"""Draws from an emulated posterior, and weights that turn them into draws under the simulator.

The sampler is elliptical slice sampling (Murray, Adams and MacKay, AISTATS 2010), which has nothing
to tune: two moves in turn about a normal that touches the posterior at its mode (Nishihara, Murray
and Adams, JMLR 2014) and one about the prior, which has the heavier tails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from debulk.disease.calibration.likelihood import EmulatedPosterior
from debulk.disease.calibration.priors import FloatArray

CHAINS = 32
"""Chains that run side by side."""

WIDER = 1.2
"""Factor on the covariance of the touching normal, so that its tails are not too short."""

BRIDGED = 20_000
"""Draws that go into the evidence, at most."""

_SHRINKS_MOST = 200


@dataclass(frozen=True)
class Sample:
    """Draws of an emulated posterior.

    Attributes
    ----------
    unit : float64[draws, parameters]
        Coordinates, in random order.
    effective : float
        Effective number of draws, of the parameter that has the fewest.
    r_hat : float
        Spread between chains against spread within, of the worst parameter; near 1 is good.
    log_evidence, evidence_error : float
        Logarithm of the integral of prior times emulated likelihood, by bridge sampling, with its
        Monte Carlo error.
    """

    unit: FloatArray
    effective: float
    r_hat: float
    log_evidence: float
    evidence_error: float


def sample_posterior(
    posterior: EmulatedPosterior,
    generator: np.random.Generator,
    *,
    steps: int = 600,
    burn_in: int = 200,
) -> Sample:
    """Sample an emulated posterior.

    Parameters
    ----------
    posterior : EmulatedPosterior
        What is sampled.
    generator : numpy.random.Generator
        Its random numbers.
    steps : int
        Steps that each of the chains keeps.
    burn_in : int
        Steps before.
    """
    mode, covariance = posterior.mode()
    root = np.asarray(np.linalg.cholesky(WIDER * covariance), dtype=np.float64)

    def likelihood(unit: FloatArray) -> FloatArray:
        return posterior.log_likelihood(unit)

    def beyond_normal(unit: FloatArray) -> FloatArray:
        return np.asarray(posterior.log_density(unit) - _log_normal(unit, mode, root))

    at = mode + generator.standard_normal((CHAINS, mode.size)) @ root.T
    kept = np.empty((steps, CHAINS, mode.size))
    nothing, identity = np.zeros(mode.size), np.eye(mode.size)
    for step in range(-burn_in, steps):
        if step % 3 == 2:
            at = elliptical_slice(at, nothing, identity, likelihood, generator)
        else:
            at = elliptical_slice(at, mode, root, beyond_normal, generator)
        if step >= 0:
            kept[step] = at
    r_hat, effective = chain_diagnostics(kept)
    flat = kept.reshape(-1, mode.size)
    order = generator.permutation(flat.shape[0])
    unit = flat[order]
    evidence, error = _evidence(posterior, unit[:BRIDGED], effective, generator)
    return Sample(unit, effective, r_hat, evidence, error)


def elliptical_slice(
    at: FloatArray,
    centre: FloatArray,
    root: FloatArray,
    log_rest: Callable[[FloatArray], FloatArray],
    generator: np.random.Generator,
) -> FloatArray:
    """One step of each of several chains, for a density that is a normal times a rest.

    Parameters
    ----------
    at : float64[chains, parameters]
        Where the chains are.
    centre, root : float64[parameters], float64[parameters, parameters]
        Mean of the normal, and a root of its covariance.
    log_rest : callable
        Logarithm of the rest at float64[chains, parameters].
    generator : numpy.random.Generator
        Its random numbers.
    """
    chains, parameters = at.shape
    offset = at - centre
    other = generator.standard_normal((chains, parameters)) @ root.T
    level = log_rest(at) + np.log(generator.random(chains))
    angle = np.asarray(generator.random(chains) * 2.0 * np.pi)
    low, high = angle - 2.0 * np.pi, angle.copy()
    new = at.copy()
    open_ = np.arange(chains)
    for _ in range(_SHRINKS_MOST):
        turn = angle[open_, None]
        tried = centre + offset[open_] * np.cos(turn) + other[open_] * np.sin(turn)
        good = log_rest(tried) > level[open_]
        new[open_[good]] = tried[good]
        open_ = open_[~good]
        if not open_.size:
            break
        left = angle[open_] < 0.0
        low[open_] = np.where(left, angle[open_], low[open_])
        high[open_] = np.where(left, high[open_], angle[open_])
        angle[open_] = low[open_] + generator.random(open_.size) * (high[open_] - low[open_])
    return new


def chain_diagnostics(chains: FloatArray) -> tuple[float, float]:
    """Worst R-hat (halves of chains) and smallest effective number over the parameters.

    Parameters
    ----------
    chains : float64[steps, chains, parameters]
        At least 4 steps.
    """
    half = chains.shape[0] // 2
    split = np.concatenate([chains[:half], chains[half : 2 * half]], axis=1)
    steps, count, _ = split.shape
    means = split.mean(axis=0)
    within = split.var(axis=0, ddof=1).mean(axis=0)
    between = steps * means.var(axis=0, ddof=1)
    pooled = (steps - 1) / steps * within + between / steps
    safe = np.where(within > 0.0, within, 1.0)
    r_hat = np.sqrt(np.where(within > 0.0, pooled / safe, 1.0))
    # Autocovariances by Fourier transform, summed while pairs of them stay positive (Geyer 1992).
    centred = split - means
    size = 2 ** int(np.ceil(np.log2(2 * steps)))
    power = np.abs(np.fft.rfft(centred, size, axis=0)) ** 2
    covariance = np.fft.irfft(power, size, axis=0)[:steps].mean(axis=1) / steps
    total = np.where(pooled > 0.0, pooled, 1.0)
    correlation = 1.0 - (within - covariance * steps / (steps - 1)) / total
    pairs = correlation[0 : steps // 2 * 2 : 2] + correlation[1 : steps // 2 * 2 : 2]
    positive = np.cumprod(pairs > 0.0, axis=0)
    time = np.maximum(2.0 * (pairs * positive).sum(axis=0) - 1.0, 1.0 / np.log10(steps * count))
    return float(r_hat.max()), float((steps * count / time).min())


def effective_size(log_weights: FloatArray) -> float:
    """Effective number of weighted draws (Kish): square of the sum over the sum of squares."""
    finite = log_weights[np.isfinite(log_weights)]
    if not finite.size:
        return 0.0
    return float(np.exp(2.0 * logsumexp(finite) - logsumexp(2.0 * finite)))


def tempering(log_ratio: FloatArray, least: float) -> float:
    """Largest power from 0 to 1 of the weights that leaves an effective number of draws.

    Parameters
    ----------
    log_ratio : float64[draws]
        Logarithms of the full weights; minus infinity for draws that do not count.
    least : float
        The effective number wanted. Where not even equal weights reach it, the power is 0.
    """

    def effective(power: float) -> float:
        return effective_size(np.where(np.isfinite(log_ratio), power * log_ratio, -np.inf))

    if effective(1.0) >= least:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= least else (low, middle)
    return low


def resample(
    log_weights: FloatArray, count: int, generator: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Rows drawn in proportion to their weights by systematic resampling, in random order.

    Parameters
    ----------
    log_weights : float64[draws]
        At least one is finite.
    count : int
        Rows to draw.
    generator : numpy.random.Generator
        Its random numbers.
    """
    weights = np.exp(log_weights - logsumexp(log_weights))
    edges = np.cumsum(weights)
    points = (generator.random() + np.arange(count)) / count * edges[-1]
    rows = np.searchsorted(edges, points, side="right")
    last = int(np.flatnonzero(weights > 0.0)[-1])
    return np.asarray(generator.permutation(np.minimum(rows, last)))


def _log_normal(unit: FloatArray, centre: FloatArray, root: FloatArray) -> FloatArray:
    scaled = np.linalg.solve(root, (unit - centre).T)
    constant = np.log(np.diag(root)).sum() + 0.5 * centre.size * np.log(2.0 * np.pi)
    return np.asarray(-0.5 * (scaled**2).sum(axis=0) - constant)


def _evidence(
    posterior: EmulatedPosterior,
    draws: FloatArray,
    effective: float,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Log integral by bridge sampling from a normal like the draws, and its error.

    Meng and Wong (Statistica Sinica 1996); one half of the draws makes the normal, the other the
    bridge. The error is that of Fruehwirth-Schnatter (Econometrics Journal 2004), with the
    effective number of draws.
    """
    half = draws.shape[0] // 2
    centre = draws[:half].mean(axis=0)
    covariance = np.cov(draws[:half].T).reshape(centre.size, centre.size)
    root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    proposed = centre + generator.standard_normal((half, centre.size)) @ root.T
    ratios = [
        posterior.log_density(unit) - _log_normal(unit, centre, root)
        for unit in (draws[half:], proposed)
    ]
    shift = float(np.median(ratios[0]))
    ours, theirs = (np.clip(each - shift, -600.0, 600.0) for each in ratios)
    counted = min(effective / 2.0, float(half))
    share = counted / (counted + half)
    guess = 1.0
    for _ in range(1000):
        above = 1.0 / (share + (1.0 - share) * guess * np.exp(-theirs))
        below = 1.0 / (share * np.exp(ours) + (1.0 - share) * guess)
        new = float(above.mean() / below.mean())
        done = abs(new - guess) <= 1e-10 * guess
        guess = new
        if done:
            break
    relative = above.var() / above.mean() ** 2 / half + below.var() / below.mean() ** 2 / counted
    return shift + float(np.log(guess)), float(np.sqrt(relative))
