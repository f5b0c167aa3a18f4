"""Events and power: Schoenfeld, Freedman, Lachin and Foulkes, for the log-rank test.

Every formula is put as the *drift* of the design, the expected Z at the final analysis, so that
the same group-sequential calculation serves all three. With D events, allocation r (experimental
: control), hazard ratio h, its null value h0 and z the normal quantiles,

    Schoenfeld       drift = log(h0 / h) sqrt(D r) / (1 + r)
    Freedman         drift = (1 - h) sqrt(D r) / (1 + r h)                        (h0 = 1 only)
    Lachin-Foulkes   |log(h / h0)| = z_alpha sqrt(V0) + z_beta sqrt(V1) in a trial with one look

where V is 1 / d_control + 1 / d_experimental, with the events expected under the null hypothesis
for V0 and under the alternative for V1. With several looks, the patients of Lachin and Foulkes
are multiplied by (drift / (z_alpha + z_beta))^2, the ratio of maximal information to that of one
look at the same power.

References
----------
Schoenfeld DA (1981), Biometrika 68: 316-319; (1983), Biometrics 39: 499-503.
Freedman LS (1982), Statistics in Medicine 1: 121-129.
Lachin JM, Foulkes MA (1986), Biometrics 42: 507-519.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from debulk.trials.survival_designs.trial_design import Formula


@dataclass(frozen=True, slots=True)
class Contrast:
    """What the test is to tell apart, and by which formula.

    Attributes
    ----------
    formula : {"schoenfeld", "freedman"}
    null_ratio : float
    allocation : float
        Experimental : control.
    """

    formula: Formula
    null_ratio: float
    allocation: float

    def drift_of_one_event(self, log_ratio: float) -> float:
        """Expected Z after one event; that after D events is sqrt(D) times this.

        Parameters
        ----------
        log_ratio : float
            Logarithm of the (average) hazard ratio.
        """
        r = self.allocation
        if self.formula == "freedman":
            ratio = math.exp(log_ratio)
            return (1.0 - ratio) * math.sqrt(r) / (1.0 + r * ratio)
        return (math.log(self.null_ratio) - log_ratio) * math.sqrt(r) / (1.0 + r)


@dataclass(frozen=True, slots=True)
class UnequalVariance:
    """Variances of the log hazard ratio under both hypotheses, for a given accrual.

    Attributes
    ----------
    effect : float
        log(null ratio / hazard ratio), above 0 where the experimental arm is better.
    sd_null, sd_alternative : float
        Standard deviations of the estimated log hazard ratio.
    """

    effect: float
    sd_null: float
    sd_alternative: float

    def factor(self, z_alpha: float, z_beta: float) -> float:
        """What accrual must be multiplied by for that power in a trial with one look.

        Parameters
        ----------
        z_alpha, z_beta : float
            Normal quantiles of the level and of the power.
        """
        return ((z_alpha * self.sd_null + z_beta * self.sd_alternative) / self.effect) ** 2

    def z_beta(self, z_alpha: float, factor: float) -> float:
        """Normal quantile of the power of a trial with one look.

        Parameters
        ----------
        z_alpha : float
            Normal quantile of the level.
        factor : float
            What accrual is multiplied by.
        """
        return (math.sqrt(factor) * self.effect - z_alpha * self.sd_null) / self.sd_alternative


def unequal_variance(
    effect: float, null: tuple[float, float], alternative: tuple[float, float]
) -> UnequalVariance:
    """Variances of Lachin and Foulkes from the events of the arms.

    Parameters
    ----------
    effect : float
        log(null ratio / hazard ratio).
    null, alternative : tuple of float
        Expected events of the control and the experimental arm under each hypothesis.
    """
    first, second = (math.sqrt(1.0 / each[0] + 1.0 / each[1]) for each in (null, alternative))
    return UnequalVariance(effect, first, second)
