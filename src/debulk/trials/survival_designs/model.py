"""Power of a trial whose accrual and final month are known, and the accrual that a power needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Stratum
from debulk.trials.survival_designs.event_probabilities import Floats
from debulk.trials.survival_designs.expectation import Expectation, expectation
from debulk.trials.survival_designs.formulas import Contrast, UnequalVariance, unequal_variance
from debulk.trials.survival_designs.stopping import MOST_DRIFT, Stopping
from debulk.trials.survival_designs.trial_design import Formula

_EXACT = 1e-14
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Model:
    """Everything about a design but its size.

    Attributes
    ----------
    strata : tuple of Stratum
        With pieces; one of share 1 for an unstratified trial.
    dropout : Dropout
    null_ratio, allocation : float
    formula : {"schoenfeld", "freedman", "lachin-foulkes"}
    stopping : Stopping
        Looks and boundaries.
    """

    strata: tuple[Stratum, ...]
    dropout: Dropout
    null_ratio: float
    allocation: float
    formula: Formula
    stopping: Stopping

    @cached_property
    def alternative(self) -> Expectation:
        """What is expected under the design's hazard ratio."""
        return expectation(self.strata, self.dropout, self.allocation, None)

    @cached_property
    def null(self) -> Expectation:
        """What is expected with the control hazard and the null ratio."""
        return expectation(self.strata, self.dropout, self.allocation, self.null_ratio)

    @property
    def contrast(self) -> Contrast:
        """The formula for the expected Z of a number of events."""
        return Contrast(self.formula, self.null_ratio, self.allocation)

    @property
    def is_proportional(self) -> bool:
        """Whether the hazard ratio is constant over time and strata."""
        return self.alternative.log_ratio is not None

    @property
    def uses_variances(self) -> bool:
        """Whether the formula depends on more than the number of events."""
        return self.formula == "lachin-foulkes"

    def events_at(self, accrual: Accrual, month: float) -> float:
        """Expected events by a calendar month.

        Parameters
        ----------
        accrual : Accrual
            With absolute rates.
        month : float
            Calendar month.
        """
        return float(self.alternative.events(accrual, np.array([month]))[0])

    def means(self, accrual: Accrual, months: Floats, events: Floats) -> Floats:
        """Expected Z at looks with so many events at these months.

        Parameters
        ----------
        accrual : Accrual
            With absolute rates.
        months, events : array, shape (k,)
            Of the looks.
        """
        if self.uses_variances:
            drift = self._variance_drift(accrual, float(months[-1]))
            return np.asarray(drift * np.sqrt(events / events[-1]))
        logs = self.alternative.mean_log_ratio(accrual, months)
        unit = np.array([self.contrast.drift_of_one_event(float(each)) for each in logs])
        return np.asarray(unit * np.sqrt(events))

    def look_months(self, accrual: Accrual, month: float) -> Floats:
        """Months at which the planned information of every look is expected.

        Parameters
        ----------
        accrual : Accrual
            At any rates: only their ratios count.
        month : float
            Calendar month of the final analysis.
        """
        interim = self.stopping.information[:-1] * self.events_at(accrual, month)
        found = self.alternative.month_of(accrual, interim) if interim.size else interim
        return np.append(found, month)

    def power(self, accrual: Accrual, month: float) -> float:
        """Probability of crossing the efficacy boundary by a final analysis at a month.

        Parameters
        ----------
        accrual : Accrual
            With absolute rates.
        month : float
            Calendar month of the final analysis.
        """
        if self.uses_variances:
            return self.stopping.power(self._variance_drift(accrual, month))
        events = self.events_at(accrual, month)
        if self.is_proportional:
            unit = self.contrast.drift_of_one_event(float(self.alternative.log_ratio or 0.0))
            return self.stopping.power(unit * math.sqrt(events))
        months = self.look_months(accrual, month)
        means = self.means(accrual, months, events * self.stopping.information)
        return float(self.stopping.crossing(means).efficacy.sum())

    def powers(self, accrual: Accrual, months: Floats) -> Floats:
        """Power by final analyses at several months, each with its own looks.

        Parameters
        ----------
        accrual : Accrual
            With absolute rates.
        months : array, shape (m,)
            Calendar months of the final analysis.
        """
        if self.uses_variances:
            return np.array([self.power(accrual, float(month)) for month in months])
        information = self.stopping.information
        events = self.alternative.events(accrual, months)[:, None] * information
        early = events[:, :-1].ravel()
        looks = self.alternative.month_of(accrual, early) if early.size else early
        at = np.column_stack([looks.reshape(len(months), -1), months])
        means = self.means(accrual, at.ravel(), events.ravel()).reshape(events.shape)
        return np.array([self.stopping.crossing(row).efficacy.sum() for row in means])

    def events_for(self, power: float) -> float:
        """Events for a power; needs a proportional hazard ratio and a formula of events alone.

        Parameters
        ----------
        power : float
            Above the level.
        """
        unit = self.contrast.drift_of_one_event(float(self.alternative.log_ratio or 0.0))
        return (self.stopping.drift_for(power) / unit) ** 2

    def factor_for(self, accrual: Accrual, month: float, power: float) -> float:
        """What the accrual rates must be multiplied by for a power at a final month.

        Parameters
        ----------
        accrual : Accrual
            At any rates.
        month : float
            Calendar month of the final analysis.
        power : float
            Above the level.

        Returns
        -------
        float
            NaN where no number of patients gives that power.
        """
        if self.uses_variances:
            z_alpha, z_beta = self.stopping.z_alpha, float(ndtri(power))
            inflation = (self.stopping.drift_for(power) / (z_alpha + z_beta)) ** 2
            return self._variance(accrual, month).factor(z_alpha, z_beta) * inflation
        events = self.events_at(accrual, month)
        if self.is_proportional:
            return self.events_for(power) / events
        months = self.look_months(accrual, month)
        means = self.means(accrual, months, events * self.stopping.information)
        if not means[-1] > 0.0:
            return math.nan

        def excess(root: float) -> float:
            return float(self.stopping.crossing(means * root).efficacy.sum()) - power

        most = MOST_DRIFT / float(means[-1])
        if excess(most) < 0.0:
            return math.nan
        return float(brentq(excess, 0.0, most, rtol=_EXACT, xtol=_EXACT * most)) ** 2

    @cached_property
    def _variance_null(self) -> Expectation:
        """Under the null hypothesis, with the hazards averaged over both arms."""
        r = self.allocation
        strata = []
        for each in self.strata:
            ratio = math.exp(float(self.alternative.log_ratio or 0.0))
            mean = (1.0 + r * ratio) / (1.0 + r * self.null_ratio)
            hazard = tuple((start, value * mean) for start, value in each.hazard_control)
            strata.append(Stratum(each.share, hazard, each.hazard_ratio, each.name))
        return expectation(tuple(strata), self.dropout, r, self.null_ratio)

    def _variance(self, accrual: Accrual, month: float) -> UnequalVariance:
        effect = math.log(self.null_ratio) - float(self.alternative.log_ratio or 0.0)
        null = self._variance_null.events_by_arm(accrual, month)
        return unequal_variance(effect, null, self.alternative.events_by_arm(accrual, month))

    def _variance_drift(self, accrual: Accrual, month: float) -> float:
        """Drift at which the power is that of Lachin and Foulkes for this accrual."""
        if min(self.alternative.events_by_arm(accrual, month)) <= 0.0:
            return 0.0
        variance, z_alpha = self._variance(accrual, month), self.stopping.z_alpha
        if self.stopping.looks == 1:
            return z_alpha + variance.z_beta(z_alpha, 1.0)

        def excess(drift: float) -> float:
            z_beta = float(ndtri(self.stopping.power(drift)))
            if not math.isfinite(z_beta):
                return drift * variance.sd_alternative - variance.effect
            spread = z_alpha * variance.sd_null + z_beta * variance.sd_alternative
            return spread - variance.effect * (z_alpha + z_beta) / drift

        plain = variance.effect / variance.sd_null
        low, high = _LEAST_SHARE * plain, 2.0 * plain
        # Below, the power is about the level, where inflation has no meaning.
        if plain <= _LEAST_SHARE or excess(low) >= 0.0 or excess(high) <= 0.0:
            return plain
        return float(brentq(excess, low, high, rtol=_EXACT))
