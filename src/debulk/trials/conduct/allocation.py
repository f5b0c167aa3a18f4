"""Allocation to arms, and who would follow the other arm's strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import patient_key, uniform
from debulk.trials.conduct.strata import codes_of
from debulk.trials.decisions import BLOCK, CROSSED_OVER, TRIAL_ITSELF, WITHDRAWN
from debulk.trials.randomisation.assignment import assign
from debulk.trials.randomisation.methods import Method, Minimisation, PermutedBlocks, Simple

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.protocols import Protocol
    from debulk.trials.recruitment.randomised import Randomised


@dataclass(frozen=True)
class Allocation:
    """Who was assigned to what, and what they would really follow; one entry a patient.

    Attributes
    ----------
    experimental : bool array
        Assigned to the experimental arm.
    withdraws : bool array
        Would refuse the experimental treatment if assigned to it.
    crosses_over : bool array
        Would get the experimental treatment if assigned to the control arm.
    """

    experimental: npt.NDArray[np.bool_]
    withdraws: npt.NDArray[np.bool_]
    crosses_over: npt.NDArray[np.bool_]

    @property
    def follows_experimental(self) -> npt.NDArray[np.bool_]:
        """Who really follows the experimental strategy."""
        return np.where(self.experimental, ~self.withdraws, self.crosses_over)


def allocate(protocol: Protocol, seed: int, randomised: Randomised) -> Allocation:
    """Assign patients by the protocol's method and draw who would follow another strategy.

    Parameters
    ----------
    protocol : Protocol
        Gives method, allocation, blocks, strata and the shares who withdraw and cross over.
    seed : int
        Seed of the random streams.
    randomised : Randomised
        Patients in the order of randomisation within each trial.

    Returns
    -------
    Allocation
    """
    conduct = protocol.conduct
    trial, patient = randomised.trial, randomised.patient
    return Allocation(
        _assigned(protocol, seed, randomised),
        _happens(seed, trial, patient, WITHDRAWN, conduct.withdrawn),
        _happens(seed, trial, patient, CROSSED_OVER, conduct.crossed_over),
    )


def method_of(protocol: Protocol) -> Method:
    """A protocol's method of randomisation.

    Parameters
    ----------
    protocol : Protocol
        Its part ``conduct.randomisation``.

    Raises
    ------
    InputError
        With the protocol's file and field, if minimisation has no factor.
    """
    plan = protocol.conduct.randomisation
    if plan.method == "simple":
        return Simple()
    if plan.method == "blocks":
        return PermutedBlocks(tuple(dict.fromkeys(plan.block_sizes)), plan.strata)
    if not plan.strata:
        raise InputError(
            f"{protocol.source_name or protocol.name}, conduct.randomisation.strata",
            "minimisation has no factor to balance",
            "Name features or centre",
        )
    return Minimisation(plan.strata, plan.probability)


def _assigned(protocol: Protocol, seed: int, randomised: Randomised) -> npt.NDArray[np.bool_]:
    """Who is assigned to the experimental arm."""
    conduct, plan = protocol.conduct, protocol.conduct.randomisation
    sizes = set(plan.block_sizes) | {conduct.block_size}
    if plan.method == "blocks" and not plan.strata and sizes == {conduct.block_size}:
        in_block = round(conduct.block_size * protocol.planned_share)
        places = randomised.order
        return _permuted_blocks(seed, randomised.trial, places, conduct.block_size, in_block)
    if randomised.size == 0:
        return np.zeros(0, np.bool_)
    return assign(
        method_of(protocol),
        seed=seed,
        trial=randomised.trial,
        order=randomised.order,
        codes=codes_of(protocol, randomised) or None,
        allocation=conduct.allocation,
    )


@kernel
def _permuted_blocks(
    seed: int,
    trial: npt.NDArray[np.int32],
    order: npt.NDArray[np.int64],
    block_size: int,
    experimental_in_block: int,
) -> npt.NDArray[np.bool_]:
    """Assign the experimental arm to those with the smallest draws of their block."""
    experimental = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        first = order[row] // block_size * block_size
        own = uniform(key, BLOCK, 0, order[row])
        before = 0
        for place in range(first, first + block_size):
            before += int(uniform(key, BLOCK, 0, place) < own)
        experimental[row] = before < experimental_in_block
    return experimental


@kernel
def _happens(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    decision: np.uint64,
    probability: float,
) -> npt.NDArray[np.bool_]:
    """Draw one decision for every patient."""
    draws = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        draws[row] = uniform(key, decision, 0, 0) < probability
    return draws
