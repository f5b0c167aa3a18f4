"""Where patients spend their time: on and off systemic therapy, recovering, after progression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.units import DAYS_PER_MONTH
from debulk.trials.estimands.questions import policy_times

if TYPE_CHECKING:
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STATES = ("os", "pfs", "off", "recovery")
"""Times from which every state's follows: life, life without progression, and of the latter the
time without systemic therapy and the part of that spent recovering from local treatment."""


@dataclass(frozen=True)
class StateTimes:
    """Times of every patient in either arm, as they would really be treated there: two rows.

    Attributes
    ----------
    os, pfs : float64[2, n]
        Death, and progression or death, in months from randomisation; infinite is never seen.
    off, recovery : float64[2, n]
        Months without the planned systemic therapy up to progression, and those of them in which
        the patient recovers from local treatment. NaN where the patients do not tell.
    begins : float64[2, n]
        When time off therapy begins: at local treatment, else at randomisation.
    """

    os: Floats
    pfs: Floats
    off: Floats
    recovery: Floats
    begins: Floats


def state_times(
    pool: Randomised, allocation: Allocation, recovery_months: tuple[float, float]
) -> StateTimes:
    """Lay out every patient's states in either arm.

    Parameters
    ----------
    pool : Randomised
        Patients with both of their courses; progression as it is found.
    allocation : Allocation
        Says who would refuse and who would cross over.
    recovery_months : tuple of two float
        Longest pause of systemic therapy that the cards of the control and of the experimental
        strategy make; what lies beyond it after local treatment is not recovery any more.
    """
    control, other = allocation.crosses_over, ~allocation.withdraws

    def really(without: Floats, with_it: Floats) -> Floats:
        return np.where(np.stack([control, other]), with_it, without)

    pfs = policy_times(pool, allocation, "pfs")
    days = really(pool.systemic_days_lost_control, pool.systemic_days_lost_experimental)
    local = really(pool.local_months_control, pool.local_months)
    longest = really(np.full(pool.size, recovery_months[0]), np.full(pool.size, recovery_months[1]))
    off = np.minimum(days / DAYS_PER_MONTH, pfs)
    treated = np.isfinite(local)
    return StateTimes(
        os=policy_times(pool, allocation, "os"),
        pfs=pfs,
        off=off,
        recovery=np.where(treated, np.minimum(off, longest), np.where(np.isnan(off), off, 0.0)),
        begins=np.where(treated, local, 0.0),
    )


def accrued(duration: Floats, begins: Floats, ends: Floats, until: Floats) -> tuple[Floats, Bools]:
    """Time spent in a state by the end of follow-up, and whether that is all of it.

    Parameters
    ----------
    duration : float64 array
        All time in the state, taken as one stretch.
    begins : float64 array
        When it begins.
    ends : float64 array
        When it must have ended: at progression or death.
    until : float64 array
        End of follow-up.
    """
    whole = (begins + duration <= until) | (ends <= until)
    part = np.clip(until - begins, 0.0, duration)
    return np.where(whole, duration, part), whole


def quality_adjusted_weights(
    on_chemotherapy: float, off_chemotherapy: float, after_progression: float, recovery: float
) -> Floats:
    """Weights of the mean times `STATES` in quality-adjusted time.

    Parameters
    ----------
    on_chemotherapy, off_chemotherapy, after_progression, recovery : float
        Worth of a month in each state.

    Notes
    -----
    ``on (pfs - off) + off (off - recovery) + recovery recovery + after (os - pfs)``, collected by
    mean time (partitioned survival, Glasziou, Simes and Gelber 1990, Stat Med 9:1259).
    """
    return np.array(
        [
            after_progression,
            on_chemotherapy - after_progression,
            off_chemotherapy - on_chemotherapy,
            recovery - off_chemotherapy,
        ]
    )


Q_TWIST_PARTS = {
    "TOX": np.array([0.0, 0.0, 0.0, 1.0]),
    "TWiST": np.array([0.0, 1.0, 0.0, -1.0]),
    "REL": np.array([1.0, -1.0, 0.0, 0.0]),
}
"""Weights of the mean times `STATES` in each state of Q-TWiST (Gelber and others 1989)."""


def q_twist_weights(u_tox: float, u_rel: float) -> Floats:
    """Weights of the mean times `STATES` in Q-TWiST.

    Parameters
    ----------
    u_tox, u_rel : float
        Worth of a month with toxicity and of one after progression; a month of TWiST is worth 1.
    """
    weights: Floats = (
        u_tox * Q_TWIST_PARTS["TOX"] + Q_TWIST_PARTS["TWiST"] + u_rel * Q_TWIST_PARTS["REL"]
    )
    return weights
