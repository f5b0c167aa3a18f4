"""Log-rank test and Cox hazard ratio of many two-arm trials at once, without Python per trial."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.core.errors import InputError
from debulk.survival.options import check_flag
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats, Ints, as_array, numbers

Flags = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

_BLOCK = 64  # trials a thread takes at a time; they share its working space
_LANES = 8  # rows summed side by side, always in the same order
_LARGE = 20_000  # patients from which the sort by whole keys is the faster one
_MOST_STEPS = 100
_SMALLEST_STEP = 1e-6  # Newton squares its error: the step after one this small is below 1e-11
_FARTHEST = 50.0  # no finite log ratio lies beyond, whatever the number of patients


@dataclass(frozen=True, eq=False)
class TwoArmTrials:
    """Results of many two-arm trials, one value a trial.

    Attributes
    ----------
    z : array, shape (trials,)
        Log-rank statistic, above 0 when the experimental arm has more events than expected; NaN
        where the arms are never at risk together at an event.
    log_hazard_ratio, standard_error : array, shape (trials,)
        Cox (Efron's ties), experimental / control; NaN where the likelihood has no finite maximum
        (one arm has no event while the other is at risk) or no ratio was asked for.
    """

    z: Floats
    log_hazard_ratio: Floats
    standard_error: Floats


def two_arm_trials(
    time: Any, event: Any, experimental: Any, *, starts: Any = None, hazard_ratio: bool = True
) -> TwoArmTrials:
    """Analyse many two-arm trials: log-rank test (Mantel 1966) and Cox model (1972) of each.

    Parameters
    ----------
    time : array-like of float, shape (trials, n) or (patients,)
        End of follow-up, finite and at least 0. One row a trial, or all patients in one row with
        `starts`.
    event, experimental : array-like of bool or 0/1, same shape
        Whether follow-up ended with the event; whether the patient is in the experimental arm.
        `experimental` may have shape (n,), the same in every trial.
    starts : array-like of int, shape (trials + 1,), optional
        First patient of each trial, and the number of patients, for trials of unequal size.
    hazard_ratio : bool
        Whether the Cox model is fitted too; the test alone takes half the time.

    Returns
    -------
    TwoArmTrials

    Raises
    ------
    InputError
        On shapes that do not fit, times that are missing, infinite or negative, and flags that
        are neither 0 nor 1.

    Notes
    -----
    Trials run on threads; each trial's numbers are the same to the bit whatever their number.
    """
    check_flag(hazard_ratio, "hazard_ratio")
    times = _numbers(time, "time")
    where = _starts(times, starts)
    events = _flags(event, times.shape, "event")
    arms = _flags(experimental, times.shape, "experimental")
    _check_times(times)
    z, log_ratio, error = analyse_trials(
        np.ascontiguousarray(times).reshape(-1),
        np.ascontiguousarray(events).reshape(-1),
        np.ascontiguousarray(arms).reshape(-1),
        where,
        hazard_ratio,
    )
    return TwoArmTrials(z, log_ratio, error)


def _starts(times: Floats, starts: Any) -> Ints:
    if times.ndim == 2 and starts is None:
        each: Ints = np.arange(times.shape[0] + 1, dtype=np.int64) * times.shape[1]
        return each
    if times.ndim != 1:
        raise InputError("time", f"has {times.ndim} dimensions", "Give one row a trial")
    if starts is None:
        raise InputError("starts", "is missing", "Say where each trial begins")
    given = as_array(starts, "starts")
    if given.dtype.kind not in "iu":
        raise InputError("starts", f"holds {given.dtype} values", "Give whole numbers")
    where = given.astype(np.int64)
    fits = where.ndim == 1 and where.size > 0 and where[0] == 0 and where[-1] == times.size
    if not fits or (np.diff(where) < 0).any():
        found = f"does not rise from 0 to the number of patients, {times.size}"
        raise InputError("starts", found, "Give the first patient of each trial, then the total")
    return where


def _check_times(times: Floats) -> None:
    # Extremes first: they cost nothing beside the analysis, and NaN comes through both.
    if times.size == 0 or (times.min() >= 0.0 and times.max() < math.inf):
        return
    bad = np.argwhere(~(np.isfinite(times) & (times >= 0.0)))[0]
    place = ("trial", "patient") if times.ndim == 2 else ("patient",)
    where = ", ".join(f"{name} {each + 1}" for name, each in zip(place, bad, strict=True))
    found = f"{times[tuple(bad)]:g} is no time of follow-up"
    raise InputError(f"time, {where}", found, "Give finite times of at least 0")


def _numbers(values: Any, name: str) -> Floats:
    raw = as_array(values, name)
    if raw.dtype.kind not in "biufO":
        raise InputError(name, f"holds {raw.dtype} values, not numbers", "Give numbers")
    if raw.dtype.kind == "O":
        return numbers(raw.reshape(-1), name).reshape(raw.shape)
    with np.errstate(over="ignore"):  # of a longer float; infinite then, and refused
        return raw.astype(np.float64, copy=False)


def _flags(values: Any, shape: tuple[int, ...], name: str) -> Flags:
    raw = as_array(values, name)
    if raw.dtype.kind not in "biuf":
        raw = _numbers(raw, name)
    if raw.shape != shape:
        if len(shape) != 2 or raw.shape != shape[1:] or name == "event":
            raise InputError(name, f"has shape {raw.shape}, time has {shape}", "Let them agree")
        raw = np.broadcast_to(raw, shape)
    if raw.dtype.kind == "b":
        return raw.view(np.uint8)
    small = raw.dtype == np.uint8 and (raw.size == 0 or raw.max() <= 1)
    if not small and not ((raw == 0) | (raw == 1)).all():
        raise InputError(name, "holds a value that is neither 0 nor 1", "Give 0 or 1")
    return raw.astype(np.uint8, copy=False)


@parallel_kernel
def analyse_trials(
    time: Floats, event: Flags, experimental: Flags, starts: Ints, fit: bool
) -> tuple[Floats, Floats, Floats]:
    """As `two_arm_trials`, for flat arrays already checked."""
    trials = starts.size - 1
    z, log_ratio, error = np.empty(trials), np.empty(trials), np.empty(trials)
    blocks = (trials + _BLOCK - 1) // _BLOCK
    for block in prange(blocks):
        last = min(trials, (block + 1) * _BLOCK)
        most = 0
        for trial in range(block * _BLOCK, last):
            most = max(most, starts[trial + 1] - starts[trial])
        keys, other = np.empty(most, np.uint64), np.empty(most, np.uint64)
        sorted_times, odds = np.empty(most), np.empty(most)
        for trial in range(block * _BLOCK, last):
            first, end = starts[trial], starts[trial + 1]
            times = time[first:end]
            keys_in_order = _sort(
                times, event[first:end], experimental[first:end], keys, other, sorted_times
            )
            found = analyse_sorted(sorted_times[: end - first], keys_in_order, odds, fit)
            z[trial], log_ratio[trial], error[trial] = found
    return z, log_ratio, error


@kernel
def _sort(
    times: Floats, event: Flags, arm: Flags, keys: Words, other: Words, sorted_times: Floats
) -> Words:
    """Times in rising order, with event and arm in the two lowest bits of each key.

    Two passes over the leading 16 bits of the range that the times span leave them nearly in
    order; an insertion sort on the times themselves completes it.
    """
    size = times.size
    if size > _LARGE:
        order = rising_order(times)
        for i in range(size):
            sorted_times[i] = times[order[i]]
            keys[i] = (np.uint64(event[order[i]]) << np.uint64(1)) | np.uint64(arm[order[i]])
        return keys
    low, high = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0)
    for i in range(size):
        bits = np.float64(times[i] + 0.0).view(np.uint64)  # of numbers from 0 on, in their order
        low, high = min(low, bits), max(high, bits)
    shift = np.uint64(0)
    while size > 0 and ((high - low) >> shift) > np.uint64(0xFFFF):
        shift += np.uint64(1)
    counts = np.zeros((2, 256), np.int64)
    for i in range(size):
        digits = (np.float64(times[i] + 0.0).view(np.uint64) - low) >> shift
        flags = (np.uint64(event[i]) << np.uint64(1)) | np.uint64(arm[i])
        keys[i] = (digits << np.uint64(48)) | (np.uint64(i) << np.uint64(2)) | flags
        counts[0, digits & np.uint64(0xFF)] += 1
        counts[1, digits >> np.uint64(8)] += 1
    _pass(keys, other, counts[0], size, np.uint64(48))
    _pass(other, keys, counts[1], size, np.uint64(56))
    for i in range(size):
        key = keys[i]
        here = times[(key >> np.uint64(2)) & np.uint64(0xFFFFFFFF)]
        place = i
        while place > 0 and sorted_times[place - 1] > here:
            sorted_times[place], keys[place] = sorted_times[place - 1], keys[place - 1]
            place -= 1
        sorted_times[place], keys[place] = here, key
    return keys


@kernel
def _pass(keys: Words, other: Words, counts: Ints, size: int, shift: np.uint64) -> None:
    total = 0
    for digit in range(256):
        here = counts[digit]
        counts[digit] = total
        total += here
    for i in range(size):
        digit = (keys[i] >> shift) & np.uint64(0xFF)
        place = counts[digit]
        counts[digit] = place + 1
        other[place] = keys[i]


@kernel
def analyse_sorted(
    times: Floats, keys: Words, odds: Floats, fit: bool
) -> tuple[float, float, float]:
    """One pass from the last time to the first, then Newton's method on what it found.

    `odds` receives, for each death with both arms at risk, the number at risk in the control arm
    over that in the experimental one, as the death's denominator in Efron's likelihood counts
    them: single deaths from the front, tied ones from the back.
    """
    single, tied = 0, times.size
    risk_0, risk_1, total_0, total_1 = 0.0, 0.0, 0.0, 0.0
    expected, variance = 0.0, 0.0
    i = times.size - 1
    while i >= 0:
        now = times[i]
        d_0, d_1 = 0.0, 0.0
        while i >= 0 and times[i] == now:
            dead = np.float64((keys[i] >> np.uint64(1)) & np.uint64(1))
            treated = np.float64(keys[i] & np.uint64(1))
            risk_1 += treated
            risk_0 += 1.0 - treated
            d_1 += dead * treated
            d_0 += dead * (1.0 - treated)
            i -= 1
        d = d_0 + d_1
        # A time at which one arm alone is at risk says nothing about their ratio.
        if d == 0.0 or risk_0 == 0.0 or risk_1 == 0.0:
            continue
        total_0 += d_0
        total_1 += d_1
        if d == 1.0:
            odds[single] = risk_0 / risk_1
            single += 1
            continue
        n = risk_0 + risk_1
        expected += d * risk_1 / n
        variance += d * risk_0 * risk_1 * (n - d) / (n * n * (n - 1.0))
        for place in range(int(d)):
            part = place / d
            tied -= 1
            odds[tied] = (risk_0 - part * d_0) / (risk_1 - part * d_1)
    share, spread = _score(odds, single, 1.0)
    excess, variance = total_1 - (expected + share), variance + spread
    if variance <= 0.0:
        return math.nan, math.nan, math.nan
    z = excess / math.sqrt(variance)
    if not fit or total_0 == 0.0 or total_1 == 0.0:
        return z, math.nan, math.nan
    rows = single
    for row in range(tied, times.size):
        odds[rows] = odds[row]
        rows += 1
    log_ratio, error = _maximise(odds, rows, total_1, excess / variance)
    return z, log_ratio, error


@kernel
def _maximise(odds: Floats, rows: int, total_1: float, start: float) -> tuple[float, float]:
    """Root of the score by Newton's method inside a bracket; the score falls everywhere."""
    low, high = -_FARTHEST, _FARTHEST
    beta = min(max(start, -5.0), 5.0)
    for _ in range(_MOST_STEPS):
        share, information = _score(odds, rows, math.exp(beta))
        score = total_1 - share
        if score > 0.0:
            low = beta
        else:
            high = beta
        following = beta + score / information if information > 0.0 else 0.5 * (low + high)
        if not low <= following <= high:
            following = 0.5 * (low + high)
        step = following - beta
        beta = following
        if abs(step) < _SMALLEST_STEP:
            break
    information = _score(odds, rows, math.exp(beta))[1]
    return beta, 1.0 / math.sqrt(information)


@kernel
def _score(odds: Floats, rows: int, ratio: float) -> tuple[float, float]:
    """Expected deaths of the experimental arm and their variance at a hazard ratio."""
    shares, squares = np.zeros(_LANES), np.zeros(_LANES)
    whole = rows - rows % _LANES
    for row in range(0, whole, _LANES):
        for lane in range(_LANES):
            share = ratio / (odds[row + lane] + ratio)
            shares[lane] += share
            squares[lane] += share * share
    for row in range(whole, rows):
        share = ratio / (odds[row] + ratio)
        shares[row - whole] += share
        squares[row - whole] += share * share
    total, square = 0.0, 0.0
    for lane in range(_LANES):
        total += shares[lane]
        square += squares[lane]
    return total, total - square
