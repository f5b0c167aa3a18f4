"""Estimands by ICH E9(R1): who is asked about, and what would happen to them in either arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.conduct.worlds import Endpoint
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Strategy = Literal["treatment policy", "hypothetical", "composite", "principal stratum"]

STRATA = (("principal_stratum_all", 1.0), ("principal_stratum_80", 0.8))
"""Principal strata: name, and the share of visible lesions that is treated at least."""


@dataclass(frozen=True)
class Question:
    """One estimand on the simulator's patients.

    Attributes
    ----------
    name, title : str
    strategy : str
        How it deals with intercurrent events, in the words of ICH E9(R1).
    events : str
        Which intercurrent events, and what is done about them.
    times : float64[2, n]
        Event of each patient in the control arm and in the experimental one; infinite is never.
    members : bool[n]
        Whom the question is about.
    """

    name: str
    title: str
    strategy: Strategy
    events: str
    times: Floats
    members: Bools


def questions(pool: Randomised, allocation: Allocation, endpoint: Endpoint) -> list[Question]:
    """Every estimand that both courses of the patients answer.

    Parameters
    ----------
    pool : Randomised
        Patients with both of their courses; progression as it is found.
    allocation : Allocation
        Says who would refuse and who would cross over.
    endpoint : {"os", "pfs"}
        The primary endpoint.

    Returns
    -------
    list of Question
        The composite only where the control arm has local treatment, principal strata only where
        they have members.
    """
    everybody = np.ones(pool.size, np.bool_)
    policy = policy_times(pool, allocation, endpoint)
    asked = [
        Question(
            "treatment_policy",
            "as randomised, whatever follows",
            "treatment policy",
            "refusal, crossover, local treatment after progression and incomplete delivery are "
            "part of the strategies",
            policy,
            everybody,
        ),
        Question(
            "hypothetical",
            "had nobody refused, crossed over or had local treatment after progression",
            "hypothetical",
            "refusal, crossover and local treatment after progression are prevented; delivery is "
            "as it is",
            assigned_times(pool, endpoint),
            everybody,
        ),
    ]
    local = control_local_months(pool, allocation)
    if np.isfinite(local).any():
        asked.append(
            Question(
                "composite",
                "free of the event and of local treatment in the control arm",
                "composite",
                "local treatment in the control arm, by crossover or after progression, counts as "
                "an event",
                np.stack([np.minimum(policy[0], local), policy[1]]),
                everybody,
            )
        )
    for name, least in STRATA:
        members = would_be_treated(pool, allocation, least)
        if members.any():
            share = "all" if least == 1.0 else f"at least {least:.0%}".replace("%", " %")
            title = f"those who would have {share} of their lesions treated, if assigned to it"
            events = "incomplete delivery defines the population; the rest as treatment policy"
            asked.append(Question(name, title, "principal stratum", events, policy, members))
    return asked


def assigned_times(pool: Randomised, endpoint: Endpoint) -> Floats:
    """Events under the strategy of either arm, followed by everybody: two rows.

    Parameters
    ----------
    pool, endpoint
        As in `questions`.
    """
    deaths = np.stack([pool.death_control, pool.death_experimental])
    if endpoint == "os":
        return deaths
    found = np.stack([pool.progression_control, pool.progression_experimental])
    return np.minimum(found, deaths)


def policy_times(pool: Randomised, allocation: Allocation, endpoint: Endpoint) -> Floats:
    """Events in either arm as patients would really be treated there: two rows.

    Parameters
    ----------
    pool, allocation, endpoint
        As in `questions`.
    """
    pure = assigned_times(pool, endpoint)
    # Local treatment after progression changes survival alone: progression came before it.
    staying = pool.death_salvage if endpoint == "os" else pure[0]
    in_control = np.where(allocation.crosses_over, pure[1], staying)
    return np.stack([in_control, np.where(allocation.withdraws, pure[0], pure[1])])


def control_local_months(pool: Randomised, allocation: Allocation) -> Floats:
    """When a patient assigned to the control arm has unplanned local treatment; infinite: never.

    Parameters
    ----------
    pool, allocation
        As in `questions`.
    """
    months = np.where(allocation.crosses_over, pool.local_months, pool.salvage_months)
    return np.where(np.isnan(months), np.inf, months)


def would_be_treated(pool: Randomised, allocation: Allocation, least: float) -> Bools:
    """Who would have a share of their visible lesions treated, if assigned to the experimental arm.

    Parameters
    ----------
    pool, allocation
        As in `questions`.
    least : float
        The share, 0 to 1.
    """
    treated = np.isfinite(pool.local_months) & ~allocation.withdraws
    share = np.divide(pool.treated, pool.visible, out=np.ones(pool.size), where=pool.visible > 0)
    members: Bools = treated & (share >= least)
    return members
