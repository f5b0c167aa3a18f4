"""Counter-based random numbers: each draw is a pure function of who asks for what.

A draw is named by (seed, trial, patient) and (decision, lesion, index). No generator carries a
state, so results do not depend on threads, chunks or order, and two arms, or a mechanism on and
off, see the same virtual patients.

The generator chains the finaliser of splitmix64 (Steele, Lea and Flood 2014, in the variant 13 of
Stafford 2011), one round a coordinate::

    key  = f(f(f(seed + G) + A (trial + 1)) + B (patient + 1))
    word = f(f(key + A (2^32 decision + lesion + 1)) + B (index + 1))

`f` is a bijection of 64-bit words and `G`, `A`, `B` are odd, so that for one patient two different
(decision, lesion) never share a branch, and within a branch two indices never share a word. The
index is a step or a slot, never a running counter: switching one decision off shifts no other.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_A = np.uint64(0xD1342543DE82EF95)
_B = np.uint64(0xA0761D6478BD642F)
_MULTIPLY_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLY_2 = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)
_11 = np.uint64(11)
_27 = np.uint64(27)
_30 = np.uint64(30)
_31 = np.uint64(31)
_32 = np.uint64(32)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2^-53

_claims: dict[int, str] = {}


class StreamClaimError(RuntimeError):
    """Two decisions claim one random stream; a defect of the program, never of its user."""


def claim(number: int, name: str) -> np.uint64:
    """Reserve a random stream for one decision.

    Parameters
    ----------
    number : int
        From 1 to 2**31 - 1. Disease uses 1000 to 1999, treatments 2000 to 2999, trials 3000 to
        3999, evidence 4000 to 4999, emulation 5000 to 5999, prognosis 6000 to 6999.
    name : str
        What is decided, in words.

    Returns
    -------
    numpy.uint64
        The number, as kernels take it.

    Raises
    ------
    StreamClaimError
        If the number or the name is taken.
    """
    if not 1 <= number < 2**31:
        raise StreamClaimError(f"stream {number} ({name!r}) is not between 1 and 2**31 - 1")
    if number in _claims:
        raise StreamClaimError(f"stream {number} ({name!r}) is taken by {_claims[number]!r}")
    if name in _claims.values():
        raise StreamClaimError(f"a stream named {name!r} is claimed already")
    _claims[number] = name
    return np.uint64(number)


def claims() -> dict[int, str]:
    """Every stream reserved so far: its number and what it decides."""
    return dict(sorted(_claims.items()))


@kernel
def mix(word: np.uint64) -> np.uint64:
    """Finaliser of splitmix64: a bijection of 64-bit words that spreads every bit."""
    word = (word ^ (word >> _30)) * _MULTIPLY_1
    word = (word ^ (word >> _27)) * _MULTIPLY_2
    return word ^ (word >> _31)


@kernel
def patient_key(seed: int, trial: int, patient: int) -> np.uint64:
    """Key from which all draws of one patient in one trial descend."""
    key = mix(np.uint64(seed) + _GOLDEN)
    key = mix(key + _A * (np.uint64(trial) + _ONE))
    return mix(key + _B * (np.uint64(patient) + _ONE))


@kernel
def word(key: np.uint64, decision: np.uint64, lesion: int, index: int) -> np.uint64:
    """64 random bits for one decision on one lesion (0 where there is none) at one index."""
    branch = mix(key + _A * ((np.uint64(decision) << _32) + np.uint64(lesion) + _ONE))
    return mix(branch + _B * (np.uint64(index) + _ONE))


@kernel
def uniform(key: np.uint64, decision: np.uint64, lesion: int, index: int) -> float:
    """Uniform number, strictly between 0 and 1, with 53 random bits."""
    return (float(word(key, decision, lesion, index) >> _11) + 0.5) * _TO_UNIT


@kernel
def normal(key: np.uint64, decision: np.uint64, lesion: int, index: int) -> float:
    """Standard normal number by one evaluation of the inverse distribution function."""
    return normal_quantile(uniform(key, decision, lesion, index))


@kernel
def exponential(key: np.uint64, decision: np.uint64, lesion: int, index: int) -> float:
    """Exponential number of mean 1."""
    return -math.log(uniform(key, decision, lesion, index))


@kernel
def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution (Wichura 1988, AS 241, PPND16).

    Parameters
    ----------
    probability : float
        Strictly between 0 and 1; relative accuracy about 1e-16.
    """
    q = probability - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _central_numerator(r) / _central_denominator(r)
    r = math.sqrt(-math.log(probability if q < 0.0 else 1.0 - probability))
    if r <= 5.0:
        r -= 1.6
        value = _middle_numerator(r) / _middle_denominator(r)
    else:
        r -= 5.0
        value = _tail_numerator(r) / _tail_denominator(r)
    return -value if q < 0.0 else value


@kernel
def _central_numerator(r: float) -> float:
    value = 2509.0809287301226727 * r + 33430.575583588128105
    value = value * r + 67265.770927008700853
    value = value * r + 45921.953931549871457
    value = value * r + 13731.693765509461125
    value = value * r + 1971.5909503065514427
    value = value * r + 133.14166789178437745
    return value * r + 3.387132872796366608


@kernel
def _central_denominator(r: float) -> float:
    value = 5226.495278852545925 * r + 28729.085735721942674
    value = value * r + 39307.89580009271061
    value = value * r + 21213.794301586595867
    value = value * r + 5394.1960214247511077
    value = value * r + 687.1870074920579083
    value = value * r + 42.313330701600911252
    return value * r + 1.0


@kernel
def _middle_numerator(r: float) -> float:
    value = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    value = value * r + 0.24178072517745061177
    value = value * r + 1.27045825245236838258
    value = value * r + 3.64784832476320460504
    value = value * r + 5.7694972214606914055
    value = value * r + 4.6303378461565452959
    return value * r + 1.42343711074968357734


@kernel
def _middle_denominator(r: float) -> float:
    value = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    value = value * r + 0.0151986665636164571966
    value = value * r + 0.14810397642748007459
    value = value * r + 0.68976733498510000455
    value = value * r + 1.6763848301838038494
    value = value * r + 2.05319162663775882187
    return value * r + 1.0


@kernel
def _tail_numerator(r: float) -> float:
    value = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    value = value * r + 0.0012426609473880784386
    value = value * r + 0.026532189526576123093
    value = value * r + 0.29656057182850489123
    value = value * r + 1.7848265399172913358
    value = value * r + 5.4637849111641143699
    return value * r + 6.6579046435011037772


@kernel
def _tail_denominator(r: float) -> float:
    value = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
    value = value * r + 1.8463183175100546818e-5
    value = value * r + 7.868691311456132591e-4
    value = value * r + 0.0148753612908506148525
    value = value * r + 0.13692988092273580531
    value = value * r + 0.59983220655588793769
    return value * r + 1.0


@kernel
def uniforms(
    seed: int, trial: int, patients: npt.NDArray[np.int64], decision: np.uint64, index: int
) -> npt.NDArray[np.float64]:
    """One uniform number a patient, for one decision at one index."""
    draws = np.empty(patients.size)
    for row in range(patients.size):
        draws[row] = uniform(patient_key(seed, trial, patients[row]), decision, 0, index)
    return draws
