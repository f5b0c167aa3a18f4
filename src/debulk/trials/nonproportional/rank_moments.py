"""Means and covariances of weighted log-rank statistics under an alternative, per patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.rank.weightings import Weighting
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.enrolment import Enrolment
from debulk.trials.nonproportional.rank_terms import Terms, estimated_block, true_block


@dataclass(frozen=True, eq=False)
class RankMoments:
    """Of weighted log-rank statistics (events expected less observed in the experimental arm).

    Numbers are per patient. Rows run over looks, and over weightings within each.

    Attributes
    ----------
    mean : array, shape (k,)
        Above 0 for benefit.
    estimated : array, shape (k, k)
        What the test's own covariance matrix estimates.
    true : array, shape (k, k)
        Covariance under the alternative.
    with_variance : array, shape (k, k)
        Covariance of the statistics (rows) with the estimated variances (columns).
    of_variance : array, shape (k, k)
        Covariance of the estimated variances.
    """

    mean: Floats
    estimated: Floats
    true: Floats
    with_variance: Floats
    of_variance: Floats

    def scaled_mean(self) -> Floats:
        """Expected Z of one patient; multiply by the square root of their number."""
        found: Floats = self.mean / np.sqrt(np.diag(self.estimated))
        return found

    def correlation(self) -> Floats:
        """As the test estimates it."""
        return in_deviations(self.estimated, self.estimated)

    def covariance_near(self, bounds: Floats, patients: float) -> Floats:
        """Covariance of the Z statistics under the alternative, where they are near bounds.

        Parameters
        ----------
        bounds : array, shape (k,)
            The Z of each statistic that decides; where infinite, 0 is taken.
        patients : float

        Notes
        -----
        Z is at least z where U - z sqrt(V) is at least 0; both U and V vary.
        """
        bound = np.where(np.isfinite(bounds), bounds, 0.0)
        pull = 0.5 * bound / np.sqrt(np.diag(self.estimated) * patients)
        crossed = self.with_variance * pull
        both = self.of_variance * np.outer(pull, pull)
        return in_deviations(self.true - crossed - crossed.T + both, self.estimated)


def in_deviations(covariance: Floats, scale: Floats) -> Floats:
    """A covariance matrix, in units of the square roots of another's diagonal."""
    deviation = np.sqrt(np.diag(scale))
    found: Floats = covariance / np.outer(deviation, deviation)
    return found


def rank_moments(
    alternative: Alternative,
    enrolment: Enrolment,
    months: Sequence[float],
    weightings: Sequence[Weighting],
) -> RankMoments:
    """Moments of weighted log-rank statistics at one or several calendar times.

    Parameters
    ----------
    alternative : Alternative
    enrolment : Enrolment
        The course of accrual.
    months : sequence of float
        Rising calendar times of the analyses.
    weightings : sequence of Weighting

    Raises
    ------
    InputError
        If a weighting gives no weight to any event that can happen.

    Notes
    -----
    With y_0, y_1 the shares at risk and h_0, h_1 the hazards, the mean is the integral of
    w y_0 y_1 / (y_0 + y_1) (h_0 - h_1), and the estimated variance that of
    w^2 y_0 y_1 / (y_0 + y_1)^2 times the density of events (Schoenfeld 1981, Biometrika; Yung and
    Liu 2020, Biometrics). The estimated covariance of two looks is that of the events by the
    earlier one, each weighted as its own look weighs them (Tsiatis 1982, Journal of the American
    Statistical Association). The true covariance is that of the statistics written as sums of
    independent terms, one a patient, as Lin and Wei (1989, Journal of the American Statistical
    Association) do for the score of a misspecified model; numbers by arm and stratum are fixed.
    """
    looks = [Terms(alternative, enrolment, month, weightings) for month in months]
    count, size = len(weightings), len(weightings) * len(months)
    estimated = np.zeros((size, size))
    parts = np.zeros((2, 2, size, size))  # statistics and variances with each other
    for i, first in enumerate(looks):
        for j, second in enumerate(looks[i:], i):
            rows, columns = slice(i * count, (i + 1) * count), slice(j * count, (j + 1) * count)
            block = estimated_block(first, second)
            estimated[rows, columns], estimated[columns, rows] = block, block.T
            true = true_block(first, second).reshape(2, count, 2, count).transpose(0, 2, 1, 3)
            parts[:, :, rows, columns] = true
            parts[:, :, columns, rows] = true.transpose(1, 0, 3, 2)
    for row, own in enumerate(np.diag(estimated).tolist()):
        if not own > 0:
            name, month = weightings[row % count].name, months[row // count]
            found = f"{name} gives no weight to any event before month {month:g}"
            raise InputError("weighting", found, "Follow longer, or weigh earlier events too")
    mean = np.concatenate([each.mean() for each in looks])
    return RankMoments(mean, estimated, parts[0, 0], parts[0, 1], parts[1, 1])
