"""Random numbers of simulated patients: 32-bit words that a loop makes many at a time.

A word is a pure function of (seed, trial, decision, patient). From seed and trial the streams of
`debulk.core` give 64 bits, which are split into two keys of 32, `a` and `b`; a decision adds its
own multiple to `a`. The word is then::

    x = patient G + a
    x = (x ^ x >> 16) P;   x = x ^ b
    x = (x ^ x >> 15) Q
    x = (x ^ x >> 14) R
    x = x ^ x >> 16

with all products modulo 2^32 and odd multipliers, so that for one trial and decision two patients
never share a word. Shifts and products on 32-bit lanes are what a processor does for 8 or 16
patients at once; that is what this has over the 64-bit chain of `debulk.core.streams`. G is odd and
near 2^32 / golden ratio; P and Q are multipliers of the 32-bit finaliser of MurmurHash3 (Appleby),
R is a third odd one. `tests/trials/simulation` holds the tests of randomness that the whole passes,
across patients, trials and decisions.

Times are float32: the exponential is a polynomial on the bits of the word, its relative error
below 4e-7, in steps of 6e-8 of the mean where it is small and never above 21.5 means.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, word
from debulk.trials.decisions import SIMULATED_TRIAL, TRIAL_ITSELF

Singles = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]

EVENT = np.uint32(1)
LOSS = np.uint32(2)
ENTRY = np.uint32(3)

_G = np.uint32(0x9E3779B1)
_P = np.uint32(0x85EBCA6B)
_Q = np.uint32(0xC2B2AE35)
_R = np.uint32(0x27D4EB2F)
_DECISION = np.uint32(0x632BE5AB)
_1, _14, _15, _16, _23 = (np.uint32(each) for each in (1, 14, 15, 16, 23))
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_ROOT_HALF = np.uint32(0x3F3504F3)
"""Bits of the float32 next to the square root of one half."""
_EXPONENT = np.uint32(0xFF800000)
_LOG_2 = np.float32(0.6931471805599453)
_MOST = np.float32(31.0)
_HALF, _ONE = np.float32(0.5), np.float32(1.0)
_TO_UNIT = np.float32(2.0**-31)
# log(1 + x) = x - x^2 / 2 + x^3 P(x) between sqrt(1/2) - 1 and sqrt(2) - 1, minimax in the
# relative error of the logarithm: 6e-9 before rounding.
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7 = (
    np.float32(each)
    for each in (
        0.333333313,
        -0.250008196,
        0.200012267,
        -0.166233569,
        0.142017588,
        -0.131601825,
        0.12761575,
        -0.0763449296,
    )
)


@kernel
def trial_keys(seed: int, trial: int) -> tuple[np.uint32, np.uint32]:
    """The two keys of a trial."""
    bits = word(patient_key(seed, trial, TRIAL_ITSELF), SIMULATED_TRIAL, 0, 0)
    return np.uint32(bits & _LOW), np.uint32(bits >> _32)


@kernel
def words(a: np.uint32, b: np.uint32, decision: np.uint32, out: Words) -> None:
    """One word a patient, for one decision of the trial with keys `a` and `b`."""
    start = np.uint32(a + np.uint32(decision * _DECISION))
    for i in range(out.size):
        x = np.uint32(np.uint32(np.uint32(i) * _G) + start)
        x = np.uint32(np.uint32(x ^ (x >> _16)) * _P)
        x = np.uint32(x ^ b)
        x = np.uint32(np.uint32(x ^ (x >> _15)) * _Q)
        x = np.uint32(np.uint32(x ^ (x >> _14)) * _R)
        out[i] = np.uint32(x ^ (x >> _16))


@kernel
def uniforms(word: Words, out: Singles) -> None:
    """Numbers from 0 to 1, of 24 bits at most, from words."""
    for i in range(out.size):
        out[i] = np.float32(np.int32(word[i] >> _1)) * _TO_UNIT


@kernel
def exponentials(word: Words, bits: Words, value: Singles, out: Singles) -> None:
    """Exponential numbers of mean 1 from words; `bits` and `value` are two views of one array."""
    for i in range(out.size):
        value[i] = np.float32(np.int32(np.uint32(word[i] >> _1) | _1))
    for i in range(out.size):
        above = np.uint32(np.uint32(bits[i] - _ROOT_HALF) & _EXPONENT)
        whole = np.float32(np.int32(above) >> np.int32(23))
        bits[i] = np.uint32(bits[i] - above)
        out[i] = np.float32(_MOST - whole) * _LOG_2
    for i in range(out.size):
        x = value[i] - _ONE
        p = _P7 * x + _P6
        p = p * x + _P5
        p = p * x + _P4
        p = p * x + _P3
        p = p * x + _P2
        p = p * x + _P1
        p = p * x + _P0
        square = x * x
        p = p * (square * x)
        out[i] = out[i] - (x - (_HALF * square - p))
