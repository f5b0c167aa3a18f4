"""Strata of randomisation, as whole numbers that methods of allocation and tests take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.trials.recruitment.covariates import CENTRE

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.trials.recruitment.randomised import Randomised

Ints = npt.NDArray[np.int64]


def codes_of(protocol: Protocol, randomised: Randomised) -> dict[str, Ints]:
    """Level of every patient in each stratum that the protocol names, from 0.

    Parameters
    ----------
    protocol : Protocol
        Names the strata.
    randomised : Randomised
        Gives their levels: a covariate's values, or the centre.
    """
    codes = {}
    for name in protocol.conduct.randomisation.strata:
        if name == CENTRE:
            codes[name] = randomised.centre.astype(np.int64)
        else:
            codes[name] = randomised.covariates[name].astype(np.int64)
    return codes


def strata_of(protocol: Protocol, randomised: Randomised) -> Ints:
    """One number for each combination of levels; all 0 without strata.

    Parameters
    ----------
    protocol, randomised
        As in `codes_of`.
    """
    codes = codes_of(protocol, randomised)
    if not codes or randomised.size == 0:
        return np.zeros(randomised.size, np.int64)
    table = np.stack(list(codes.values()), axis=1)
    _, stratum = np.unique(table, axis=0, return_inverse=True)
    return stratum.reshape(-1).astype(np.int64)
