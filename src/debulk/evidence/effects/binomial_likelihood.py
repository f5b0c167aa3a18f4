"""Log-likelihood of the binomial-normal model with its derivatives, by adaptive quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logsumexp

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MODE_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The log-likelihood at one mean and one standard deviation between studies.

    Attributes
    ----------
    mean, tau : float
        Log odds.
    total : float
        Log-likelihood without binomial coefficients.
    gradient : float64 array, shape (2,)
        By mean and tau.
    information : float64 array, shape (2, 2)
        Minus the second derivatives.
    study_information : float64 array, shape (studies,)
        What each study adds to the information on the mean.
    """

    mean: float
    tau: float
    total: float
    gradient: Floats
    information: Floats
    study_information: Floats


def marginal(mean: float, tau: float, events: Floats, patients: Floats, nodes: int) -> Marginal:
    """Integrate the study effects out.

    Parameters
    ----------
    mean, tau : float
        Mean and standard deviation of log odds between studies.
    events, patients : float64 array, shape (studies,)
        Counts.
    nodes : int
        Gauss-Hermite nodes, laid around the mode of each study's effect.

    Notes
    -----
    Derivatives by Louis' identity: the curvature of a study's log-likelihood is the mean of the
    curvature given the effect plus the variance of the score given it.
    """
    modes, spreads = _modes(mean, tau, events, patients)
    roots, weights = np.polynomial.hermite_e.hermegauss(nodes)
    effects = modes[:, None] + spreads[:, None] * roots
    odds = mean + tau * effects
    inner = events[:, None] * odds - patients[:, None] * np.logaddexp(0.0, odds)
    logs = inner - 0.5 * effects**2 + 0.5 * roots**2 + np.log(weights) + np.log(spreads)[:, None]
    by_study = logsumexp(logs, axis=1) - 0.5 * np.log(2.0 * np.pi)
    given = np.exp(logs - logsumexp(logs, axis=1)[:, None])
    share = expit(odds)
    scores = events[:, None] - patients[:, None] * share
    bends = patients[:, None] * share * (1.0 - share)

    def over(values: Floats) -> Floats:
        return np.asarray(np.sum(given * values, axis=1))

    by_mean, by_tau = over(scores), over(scores * effects)
    mean_mean = over(bends) - (over(scores**2) - by_mean**2)
    mean_tau = over(bends * effects) - (over(scores**2 * effects) - by_mean * by_tau)
    tau_tau = over(bends * effects**2) - (over(scores**2 * effects**2) - by_tau**2)
    cross = float(mean_tau.sum())
    return Marginal(
        mean=mean,
        tau=tau,
        total=float(by_study.sum()),
        gradient=np.array([by_mean.sum(), by_tau.sum()]),
        information=np.array([[mean_mean.sum(), cross], [cross, tau_tau.sum()]]),
        study_information=mean_mean,
    )


def _modes(mean: float, tau: float, events: Floats, patients: Floats) -> tuple[Floats, Floats]:
    """Mode of each study's standardised effect, and the spread of a normal curve around it."""
    modes = np.zeros(len(events))
    for _ in range(MODE_STEPS):
        share = expit(mean + tau * modes)
        slope = tau * (events - patients * share) - modes
        bend = tau**2 * patients * share * (1.0 - share) + 1.0
        # The integrand is log-concave; a bounded step keeps Newton from leaping over the mode.
        step = np.clip(slope / bend, -1.0, 1.0)
        modes = modes + step
        if float(np.max(np.abs(step))) < 1e-12:
            break
    share = expit(mean + tau * modes)
    return modes, 1.0 / np.sqrt(tau**2 * patients * share * (1.0 - share) + 1.0)
