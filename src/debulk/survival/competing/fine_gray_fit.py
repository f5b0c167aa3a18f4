"""The proportional subdistribution hazards model on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.competing.censoring import TiedEvents
from debulk.survival.competing.risk_sums import (
    INTEREST,
    Subdistribution,
    exposure,
    risk_set_sums,
    subdistribution,
)
from debulk.survival.competing.sandwich import score_residuals, weight_residuals
from debulk.survival.subjects import Floats, Ints

MOST_STEPS = 60
COLLINEAR = 1e-9
_LEAST_INFORMATION = 1e-12
"""Of a standardised covariate; less is rounding of an information of 0."""
"""Share of a covariate's variance that must be left when the others are known."""


@dataclass(frozen=True, eq=False)
class FineGrayFit:
    """A fitted Fine-Gray model.

    Attributes
    ----------
    names : tuple of str
        The p covariates.
    coef : array, shape (p,)
        Log subdistribution hazard ratios.
    covariance : array, shape (p, p)
        Sandwich of Fine and Gray (1999) with the part of the estimated censoring weights.
    robust_covariance : array, shape (p, p)
        Sandwich with the weights taken as known, as R's finegray with robust coxph.
    naive_covariance : array, shape (p, p)
        Inverse information.
    loglik : tuple of float
        Log partial likelihood without covariates and fitted.
    event_times, hazard : array, shape (m,)
        Distinct times of the cause of interest, and the increments of the baseline cumulative
        subdistribution hazard there (covariates at 0).
    mean, hazard_at_mean : array, shapes (p,) and (m,)
        Means of the covariates, and the same increments there.
    deaths, censored, competing : int
        Rows that ended with the cause of interest, censored, and with another cause.
    score_statistic : float
        Chi-square of the score test that all coefficients are 0.
    n, iterations : int
    tied_events : {"at risk", "gone"}
        How events tied with censorings counted in the distribution of censoring.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    robust_covariance: Floats
    naive_covariance: Floats
    loglik: tuple[float, float]
    event_times: Floats
    hazard: Floats
    mean: Floats
    hazard_at_mean: Floats
    deaths: int
    censored: int
    competing: int
    score_statistic: float
    n: int
    iterations: int
    tied_events: TiedEvents

    def cumulative_hazard(self, times: Floats) -> Floats:
        """Baseline cumulative subdistribution hazard at `times`, covariates at 0."""
        steps = np.concatenate(([0.0], np.cumsum(self.hazard)))
        result: Floats = steps[np.searchsorted(self.event_times, times, side="right")]
        return result

    def predict_incidence(self, x: Floats, times: Floats) -> Floats:
        """Cumulative incidence of the cause for rows of covariates.

        Parameters
        ----------
        x : array, shape (k, p)
        times : array, shape (q,)

        Returns
        -------
        array, shape (k, q)
            1 - exp(-H(t) exp(x coef)).
        """
        # Counted from the mean row: the hazard at covariates of 0 may lie beyond all numbers.
        steps = np.concatenate(([0.0], np.cumsum(self.hazard_at_mean)))
        hazard = steps[np.searchsorted(self.event_times, times, side="right")]
        with np.errstate(over="ignore", invalid="ignore"):
            total = np.exp((x - self.mean) @ self.coef)[:, None] * hazard[None, :]
        result: Floats = -np.expm1(-np.where(hazard[None, :] > 0, total, 0.0))
        return result


def fit_fine_gray(
    time: Floats,
    kind: Ints,
    x: Floats,
    names: tuple[str, ...],
    *,
    groups: Ints | None = None,
    tied_events: TiedEvents = "at risk",
) -> FineGrayFit:
    """Fit the model of Fine and Gray (1999, JASA 94:496) with Breslow's treatment of ties.

    Parameters
    ----------
    time : array, shape (n,)
        Checked end of follow-up.
    kind : array of int, shape (n,)
        0 censored, 1 the cause of interest, 2 another cause.
    x : array, shape (n, p)
        Covariates, finite.
    names : tuple of str
    groups : array of int, shape (n,), optional
        Groups with their own distribution of censoring, numbered from 0.
    tied_events : {"at risk", "gone"}
        Whether an event tied with a censoring is at risk of it (R's crr) or gone (R's finegray).

    Raises
    ------
    InputError
        If nobody has the cause of interest; on a constant or collinear covariate; on a monotone
        likelihood, naming the covariates whose coefficients run away.
    """
    if not (kind == INTEREST).any():
        raise InputError("cause", "nobody has the cause of interest", "Check cause_of_interest")
    codes = np.zeros(time.size, dtype=np.int64) if groups is None else groups
    layout = subdistribution(time, kind, codes, tied_events)
    ordered = np.ascontiguousarray(x[layout.order])
    centre, scale = _standard(ordered, names)
    standard = (ordered - centre) / scale
    _refuse_collinear(standard, names)
    model = _Likelihood(layout, standard)
    zero = np.zeros(len(names))
    null, start = model.value(zero), model.moments(zero)
    beta, value, steps = _climb(model, names)
    moments = model.moments(beta)
    bread = _inverse(moments.information, names)
    eta = score_residuals(layout, standard, moments.relative, moments.hazard, moments.mean)
    psi = weight_residuals(layout, standard, moments.relative, moments.hazard, moments.mean)

    def sandwich(residuals: Floats) -> Floats:
        result: Floats = bread @ (residuals.T @ residuals) @ bread / np.outer(scale, scale)
        return result

    coef = beta / scale
    counts = np.bincount(kind, minlength=3)
    return FineGrayFit(
        names=names,
        coef=coef,
        covariance=sandwich(eta + psi),
        robust_covariance=sandwich(eta),
        naive_covariance=bread / np.outer(scale, scale),
        loglik=(null, value),
        event_times=layout.event_times,
        hazard=_at_zero(moments.hazard, float(centre @ coef)),
        mean=centre,
        hazard_at_mean=moments.hazard,
        deaths=int(counts[1]),
        censored=int(counts[0]),
        competing=int(counts[2]),
        score_statistic=float(start.score @ np.linalg.solve(start.information, start.score)),
        n=int(time.size),
        iterations=steps,
        tied_events=tied_events,
    )


@dataclass(frozen=True, eq=False)
class _Moments:
    relative: Floats
    hazard: Floats
    mean: Floats
    score: Floats
    information: Floats


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """The log partial likelihood and its derivatives; covariates are standardised."""

    layout: Subdistribution
    x: Floats

    def value(self, beta: Floats) -> float:
        layout = self.layout
        predictor = self.x @ beta
        top = float(predictor.max(initial=0.0))
        total = risk_set_sums(layout, np.exp(predictor - top))
        own = predictor[layout.kind == INTEREST].sum()
        if not (total > 0).all():
            return -np.inf  # so far out that a risk set is lost in rounding
        return float(own - layout.deaths @ (np.log(total) + top))

    def moments(self, beta: Floats) -> _Moments:
        layout, x = self.layout, self.x
        relative = np.exp(x @ beta)
        total = risk_set_sums(layout, relative)
        mean = risk_set_sums(layout, x * relative[:, None]) / total[:, None]
        hazard = layout.deaths / total
        # The weighted second moments of all risk sets are one product of matrices, with each row
        # weighted by its cumulative hazard.
        load = relative * exposure(layout, hazard)
        information = (x * load[:, None]).T @ x - (mean * layout.deaths[:, None]).T @ mean
        score = x[layout.kind == INTEREST].sum(axis=0) - layout.deaths @ mean
        return _Moments(relative, hazard, mean, score, information)


def _climb(model: _Likelihood, names: tuple[str, ...]) -> tuple[Floats, float, int]:
    """Newton's method with halved steps; a likelihood that rises for ever is named."""
    beta = np.zeros(len(names))
    value = model.value(beta)
    for turn in range(1, MOST_STEPS + 1):
        moments = model.moments(beta)
        try:
            step = np.linalg.solve(moments.information, moments.score)
        except np.linalg.LinAlgError:
            raise _runaway(names, np.abs(moments.score)) from None
        reached = model.value(beta + step)
        halvings = 0
        while not reached >= value - 1e-10 * abs(value) and halvings < 30:
            step = step / 2.0
            reached = model.value(beta + step)
            halvings += 1
        gain = reached - value
        beta, value = beta + step, reached
        size = float(np.abs(step).max(initial=0.0))
        if size < 1e-9 * max(1.0, float(np.abs(beta).max(initial=0.0))):
            return beta, value, turn
        # Steps that go on while the likelihood stands still: there is no maximum.
        if gain < 1e-6 and size > 0.01:
            raise _runaway(names, np.abs(step))
    raise _runaway(names, np.abs(beta))


def _inverse(information: Floats, names: tuple[str, ...]) -> Floats:
    """Inverse of the information at the maximum, refused where there is none."""
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and diagonal.min() > _LEAST_INFORMATION):
        raise _runaway(names, -diagonal)
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def _at_zero(hazard: Floats, shift: float) -> Floats:
    """Hazard at covariates of 0; infinite where that is beyond all numbers."""
    with np.errstate(over="ignore"):
        result: Floats = hazard * np.exp(-shift)
    return result


def _runaway(names: tuple[str, ...], size: Floats) -> InputError:
    worst = [name for name, each in zip(names, size, strict=True) if each >= 0.5 * size.max()]
    listed = ", ".join(repr(name) for name in worst)
    return InputError(
        "covariates",
        f"the likelihood is monotone: the coefficient of {listed} runs away",
        "A covariate splits those with the cause from those without; drop it or join its levels",
    )


def _standard(x: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    centre = x.mean(axis=0)
    scale = x.std(axis=0)
    flat = scale <= 1e-12 * np.maximum(np.abs(centre), 1e-300)
    if flat.any():
        name = names[int(np.argmax(flat))]
        raise InputError(f"covariate {name!r}", "is constant", "Leave it out")
    return centre, scale


def _refuse_collinear(x: Floats, names: tuple[str, ...]) -> None:
    gram = x.T @ x / max(x.shape[0], 1)
    basis = np.zeros((0, 0))
    for column in range(gram.shape[0]):
        cross = gram[:column, column]
        left = gram[column, column] - (cross @ basis @ cross if column else 0.0)
        if left < COLLINEAR:
            raise InputError(
                f"covariate {names[column]!r}",
                "is a combination of the covariates before it",
                "Leave one of them out",
            )
        basis = np.linalg.inv(gram[: column + 1, : column + 1])
