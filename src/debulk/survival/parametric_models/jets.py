"""Numbers that carry their first and second derivatives, one for each row of a block.

Second-order forward differentiation: every operation applies the chain rule exactly, so that a
likelihood needs only its formula, and its score and information follow without rounding errors of
difference quotients. Derivatives that are zero are not stored, and derivatives that are the same in
every row are plain numbers, which keeps a Weibull model of a million rows at a few passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from scipy.special import expit, log_ndtr

from debulk.survival.subjects import Bools, Floats

Value = Floats | float
Pair = tuple[int, int]
Key = TypeVar("Key")


@dataclass(frozen=True, eq=False)
class Jet:
    """A value by row with its derivatives in a few variables.

    Attributes
    ----------
    value : array, shape (rows,), or float
        The value itself.
    first : mapping of variable to array or float
        First derivatives; a variable that is absent has derivative 0.
    second : mapping of (variable, variable) to array or float
        Second derivatives, the smaller variable first; an absent pair is 0.
    """

    value: Value
    first: Mapping[int, Value] = field(default_factory=dict)
    second: Mapping[Pair, Value] = field(default_factory=dict)

    __array_ufunc__ = None  # an array to the left of an operator leaves the work to the jet

    def __add__(self, other: Jet | Value) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.first, self.second)
        return Jet(
            self.value + other.value,
            _sum(self.first, other.first),
            _sum(self.second, other.second),
        )

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return self * -1.0

    def __sub__(self, other: Jet | Value) -> Jet:
        return self + (-other)

    def __rsub__(self, other: Value) -> Jet:
        return -self + other

    def __mul__(self, other: Jet | Value) -> Jet:
        if not isinstance(other, Jet):
            return Jet(
                self.value * other,
                {i: slope * other for i, slope in self.first.items()},
                {pair: bend * other for pair, bend in self.second.items()},
            )
        second = _sum((self * other.value).second, (other * self.value).second)
        crossed = dict(second)
        for i, left in self.first.items():
            for j, right in other.first.items():
                term = 2.0 * (left * right) if i == j else left * right
                _add(crossed, (min(i, j), max(i, j)), term)
        return Jet(
            self.value * other.value,
            _sum((self * other.value).first, (other * self.value).first),
            crossed,
        )

    __rmul__ = __mul__

    def through(self, value: Value, slope: Value, bend: Value) -> Jet:
        """The jet of a function of this one, from that function's value and two derivatives."""
        second: dict[Pair, Value] = {pair: slope * each for pair, each in self.second.items()}
        variables = sorted(self.first)
        for place, i in enumerate(variables):
            for j in variables[place:]:
                _add(second, (i, j), bend * (self.first[i] * self.first[j]))
        return Jet(value, {i: slope * each for i, each in self.first.items()}, second)

    def kept_where(self, chosen: Bools) -> Jet:
        """Zero with zero derivatives in all rows but the chosen ones, whatever they held."""
        return Jet(
            np.where(chosen, self.value, 0.0),
            {i: np.where(chosen, each, 0.0) for i, each in self.first.items()},
            {pair: np.where(chosen, each, 0.0) for pair, each in self.second.items()},
        )


def variable(index: int, value: Value) -> Jet:
    """A variable itself: derivative 1 in its own index."""
    return Jet(value, {index: 1.0})


def through_two(
    left: Jet, right: Jet, value: Value, slopes: tuple[Value, Value], bends: tuple[Value, ...]
) -> Jet:
    """The jet of a function of two jets.

    Parameters
    ----------
    left, right : Jet
        The two arguments.
    value : array or float
        The function's value.
    slopes : pair
        Its derivatives in the left and the right argument.
    bends : three of array or float
        Its second derivatives: left-left, left-right, right-right.
    """
    inner = left.through(value, slopes[0], bends[0])
    outer = right.through(0.0, slopes[1], bends[2])
    second = dict(_sum(inner.second, outer.second))
    for i, one in left.first.items():
        for j, other in right.first.items():
            term = bends[1] * (one * other)
            _add(second, (min(i, j), max(i, j)), 2.0 * term if i == j else term)
    return Jet(value, _sum(inner.first, outer.first), second)


def exp(x: Jet) -> Jet:
    """Exponential."""
    value = np.exp(x.value)
    return x.through(value, value, value)


def log(x: Jet) -> Jet:
    """Natural logarithm; NaN where the value is not above 0."""
    slope = 1.0 / x.value
    return x.through(np.log(x.value), slope, -slope * slope)


def softplus(x: Jet) -> Jet:
    """log(1 + exp(x)), exact far out on both sides."""
    share = expit(x.value)
    return x.through(np.logaddexp(0.0, x.value), share, share * expit(-np.asarray(x.value)))


def minus_log_normal_tail(z: Jet) -> Jet:
    """-log of the standard normal's upper tail beyond z, the cumulative hazard of a log-normal."""
    at = np.asarray(z.value, dtype=float)
    tail = log_ndtr(-at)
    mills = np.exp(-0.5 * at * at - 0.5 * np.log(2.0 * np.pi) - tail)
    return z.through(-tail, mills, mills * (mills - at))


def one_minus_exp_minus(x: Jet) -> Jet:
    """1 - exp(-x) without loss for small x."""
    left = np.exp(-np.asarray(x.value))
    return x.through(-np.expm1(-np.asarray(x.value)), left, -left)


def _add(into: dict[Pair, Value], pair: Pair, term: Value) -> None:
    into[pair] = into[pair] + term if pair in into else term


def _sum(left: Mapping[Key, Value], right: Mapping[Key, Value]) -> Mapping[Key, Value]:
    if not left or not right:
        return left or right
    result = dict(left)
    for key, each in right.items():
        result[key] = result[key] + each if key in result else each
    return result
