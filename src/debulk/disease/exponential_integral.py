# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""The exponential integral E1 and its inverse, from tables that are linear in log-log."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

POINTS = 8192
LN_X_LOW, LN_X_HIGH = -9.0, 3.6
LN_Y_LOW, LN_Y_HIGH = -40.0, 2.1

_X_PER = (POINTS - 1) / (LN_X_HIGH - LN_X_LOW)
_Y_PER = (POINTS - 1) / (LN_Y_HIGH - LN_Y_LOW)
_EULER = 0.5772156649015329


@lru_cache(maxsize=1)
def exponential_integral_tables() -> npt.NDArray[np.float64]:
    """Row 0: ln E1 on a regular grid of ln x; row 1: ln x on a regular grid of ln E1.

    Between points the relative error of E1 and of its inverse is below 1e-4.
    """
    from scipy.special import exp1

    tables = np.empty((2, POINTS))
    tables[0] = np.log(exp1(np.exp(np.linspace(LN_X_LOW, LN_X_HIGH, POINTS))))
    dense = np.linspace(LN_X_LOW - 0.5, LN_X_HIGH + 0.1, 400_000)
    values = np.log(exp1(np.exp(dense)))
    wanted = np.linspace(LN_Y_LOW, LN_Y_HIGH, POINTS)
    tables[1] = np.interp(wanted, values[::-1], dense[::-1])
    return tables


@kernel
def exp_integral(tables: npt.NDArray[np.float64], ln_x: float) -> float:
    """E1(x) of a logarithm of x; below the table by the first terms of its series."""
    if ln_x < LN_X_LOW:
        return math.exp(ln_x) - _EULER - ln_x
    position = min((ln_x - LN_X_LOW) * _X_PER, POINTS - 1.000001)
    low = int(position)
    part = position - low
    return math.exp(tables[0, low] * (1.0 - part) + tables[0, low + 1] * part)


@kernel
def ln_inverse_exp_integral(tables: npt.NDArray[np.float64], ln_value: float) -> float:
    """Logarithm of the x at which E1(x) has a logarithm; beyond the table by the series of E1."""
    if ln_value >= LN_Y_HIGH:
        value = math.exp(ln_value)
        return math.exp(-_EULER - value) - _EULER - value
    position = max((ln_value - LN_Y_LOW) * _Y_PER, 0.0)
    low = int(position)
    part = position - low
    return tables[1, low] * (1.0 - part) + tables[1, low + 1] * part
