"""The falling curve nearest to clicks that scatter up and down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]


@kernel
def falling(values: Floats) -> Floats:
    """Least-squares fit that never rises, by pooling adjacent violators.

    Parameters
    ----------
    values : float64 array, shape (clicks,)
        Survival in the order of time.

    Returns
    -------
    float64 array, shape (clicks,)
        As `values` where these never rise.

    Notes
    -----
    Ayer, Brunk, Ewing, Reid and Silverman, Ann Math Stat 1955; 26: 641-647.
    """
    level = np.empty(values.size)
    weight = np.empty(values.size)
    blocks = 0
    for value in values:
        level[blocks], weight[blocks] = value, 1.0
        blocks += 1
        while blocks > 1 and level[blocks - 2] < level[blocks - 1]:
            both = weight[blocks - 2] + weight[blocks - 1]
            share = weight[blocks - 1] / both
            level[blocks - 2] += share * (level[blocks - 1] - level[blocks - 2])
            weight[blocks - 2] = both
            blocks -= 1
    fitted = np.empty(values.size)
    place = 0
    for block in range(blocks):
        for _ in range(int(weight[block])):
            fitted[place] = level[block]
            place += 1
    return fitted
