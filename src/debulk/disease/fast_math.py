# mypy: disable-error-code="call-arg,var-annotated,no-any-return"
# Numba's types do not know that callers leave the context of an intrinsic out.
"""Exponential and logarithm that compilers can run on several lesions at once.

The library's functions are calls that end a vector loop. These are plain arithmetic on the bits of
the number: the same operations in the same order on every machine, so the same bits for any number
of threads. The relative error of the exponential and the absolute error of the logarithm are below
2e-11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from debulk.disease.inner import inner

_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it leaves a whole number in the low bits
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_LN2 = 0.6931471805599453
_LARGEST = 700.0
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_MANTISSA_BITS = 52


def _take_bits(typing_context: Any, number: Any) -> Any:
    """The bits of a float64 as an int64, for `intrinsic`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


def _take_number(typing_context: Any, bits: Any) -> Any:
    """The float64 that an int64 holds the bits of, for `intrinsic`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


_bits = cast("Callable[[float], int]", intrinsic(_take_bits))
_number = cast("Callable[[int], float]", intrinsic(_take_number))


@inner
def fast_exp(x: float) -> float:
    """E to the power of x; beyond +-700 as at the limit."""
    x = max(-_LARGEST, min(_LARGEST, x))
    shifted = x * _LOG2_E + _ROUND
    whole = shifted - _ROUND
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    # Estrin's order: short chains of operations that wait for each other.
    square = r * r
    low = (1.0 + r) + square * (0.5 + r * (1.0 / 6.0))
    middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + square * (1.0 / 720.0 + r * (1.0 / 5040.0))
    quartic = square * square
    value = low + quartic * (middle + quartic * (1.0 / 40320.0 + r * (1.0 / 362880.0)))
    return _number(_bits(value) + (_bits(shifted) << _MANTISSA_BITS))


@inner
def fast_log(x: float) -> float:
    """Natural logarithm of a normal number above 0."""
    bits = _bits(x)
    exponent = (bits - _ROOT_HALF_BITS) >> _MANTISSA_BITS
    mantissa = _number(bits - (exponent << _MANTISSA_BITS)) - 1.0
    s = mantissa / (2.0 + mantissa)
    z = s * s
    square = z * z
    low = (2.0 + z * (2.0 / 3.0)) + square * (2.0 / 5.0 + z * (2.0 / 7.0))
    value = low + square * square * (2.0 / 9.0 + z * (2.0 / 11.0))
    return float(exponent) * _LN2 + s * value
