"""Restricted cubic splines: straight beyond the outer knots, as Harrell writes them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

KNOT_QUANTILES = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}
"""Where the knots stand, by their number (Harrell, Regression Modeling Strategies)."""


def spline_terms(values: Floats, knots: Floats) -> Floats:
    """Restricted cubic spline of one covariate: its value and len(knots) - 2 bent terms.

    Parameters
    ----------
    values : (N,) float64
    knots : (k,) float64
        Rising.

    Returns
    -------
    (N, k - 1) float64
        Harrell's basis, divided by the squared distance of the outer knots.
    """
    last, before = knots[-1], knots[-2]
    scale = (last - knots[0]) ** 2

    def cubed(at: float) -> Floats:
        above = np.maximum(values - at, 0.0)
        return above * above * above

    columns = [values]
    tail, tail_before = cubed(last), cubed(before)
    for knot in knots[:-2]:
        bent = (
            cubed(knot)
            - tail_before * (last - knot) / (last - before)
            + tail * (before - knot) / (last - before)
        )
        columns.append(bent / scale)
    return np.column_stack(columns)


def knots_of(values: Floats, count: int, *, occurring: bool = False) -> Floats | None:
    """Knots at the usual quantiles; None where too few values differ for a spline.

    With `occurring` each knot is a value that occurs: of values that are few, such as visits, the
    terms are then never combinations of each other.
    """
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if occurring else "linear"
    knots = np.unique(np.quantile(values, KNOT_QUANTILES[count], method=method))
    return knots if knots.size >= 3 else None
