"""Many trials of one flat design: the loop over trials and looks, on threads."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.trials.simulation.cutoffs import events_a_month, last_month, month_of_event, timed_month
from debulk.trials.simulation.draws import Singles, Words, trial_keys
from debulk.trials.simulation.ordering import Counts, pack, sort
from debulk.trials.simulation.patients import NEVER, Ints, recruit
from debulk.trials.simulation.scores import (
    Floats,
    at_risk,
    deaths_in_arm,
    log_hazard_ratio,
    sums_at,
)
from debulk.trials.simulation.weighted import LOG_RANK, MODEST_T, efron, weighted_sums

Bytes = npt.NDArray[np.uint8]

BLOCK = 256
"""Trials a thread takes at a time; they share its working space."""
GOES_ON, EFFICACY, FUTILITY, HARM, NOTHING = 0, 1, 2, 3, 4
"""How a trial ended; NOTHING: at the last look without crossing."""
ALL_HAPPENED, TIED, UNDEFINED = 1, 2, 4
"""Flags of a trial: its events were never reached; events shared a step of time; a statistic had no
variance, so that it crossed nothing."""


@kernel
def analyse(
    keys: Words,
    sizes: Ints,
    left: Counts,
    null_ratio: float,
    weighting: int,
    numbers: Floats,
    now: np.float32,
    treated: Floats,
    risk: Floats,
    dead: Floats,
    lanes: Floats,
    work: Floats,
) -> tuple[float, float, bool]:
    """Statistic of a look, a first guess of the log hazard ratio, and whether events are tied.

    `treated`, `risk` and `dead` are left as `log_hazard_ratio` takes them.
    """
    ties = at_risk(keys, sizes, left, treated, risk, dead) > 0
    if ties:
        efron(keys, treated, risk)
    if weighting != LOG_RANK or (ties and null_ratio == 1.0):
        star = np.uint32(0)
        if weighting == MODEST_T:
            star = np.uint32(min(numbers[0] / now, 1.0) * (2.0**24 - 2.0) + 1.0)
        excess, variance = weighted_sums(keys, sizes, weighting, numbers, star, work)
    else:
        expected, variance = sums_at(null_ratio, treated, risk, dead, lanes)
        excess = float(deaths_in_arm(keys)) - expected
    if not variance > 0.0:
        return math.nan, 0.0, ties
    guess = math.log(null_ratio) + excess / variance if weighting == LOG_RANK else 0.0
    return -excess / math.sqrt(variance), guess, ties


@kernel
def ending(z: float, bounds: Floats, look: int) -> int:
    """How a trial ends at a look, or that it goes on."""
    if z >= bounds[0, look]:
        return EFFICACY
    if z <= bounds[2, look]:
        return HARM
    if bounds[3, look] <= z <= bounds[1, look]:
        return FUTILITY
    return NOTHING if look == bounds.shape[1] - 1 else GOES_ON


@kernel
def until(months: Singles, now: np.float32) -> int:
    """How many months are not after now."""
    count = 0
    for i in range(months.size):
        count += 1 if months[i] <= now else 0
    return count


@parallel_kernel
def run_trials(
    seed: int,
    first: int,
    trials: int,
    sizes: Ints,
    labels: Words,
    hazards: tuple[Singles, Singles, Singles],
    loss_means: Singles,
    accrual: tuple[Singles, Singles, Singles],
    events: Ints,
    months: Floats,
    timing: Floats,
    bounds: Floats,
    null_ratio: float,
    weighting: int,
    numbers: Floats,
    estimate: bool,
    ignore: bool,
    z: Floats,
    month: Floats,
    log_ratio: Floats,
    counts: Ints,
    ends: Bytes,
) -> None:
    """Simulate and analyse trials `first` to `first + trials - 1`; one row each in the results.

    Parameters
    ----------
    seed, first, trials : int
    sizes, labels : arrays
        Patients of each cell, and the lowest seven bits of each patient's key.
    hazards, loss_means, accrual : arrays
        As `recruit` takes them.
    events : array of int, shape (looks,)
        Events at each look; 0 for a look that waits for none.
    months : array, shape (looks,)
        Guesses of the looks' months; they do not change what is found.
    timing : array, shape (looks, 4) or (0, 4)
        As `timed_month` takes a row; none where every look waits for its events alone.
    bounds : array, shape (4, looks)
        Efficacy at Z >= the first, harm (or the other direction) at Z <= the third, futility
        between the fourth and the second.
    null_ratio : float
        Hazard ratio of the null hypothesis.
    weighting, numbers : int, array
        As `weighted_sums` takes them.
    estimate, ignore : bool
        Whether Cox's hazard ratio is estimated at the end of the trial; whether a trial stopped
        for futility is carried on beside, to see if it would cross efficacy.
    z, month : arrays, shape (trials, looks)
        Statistic (above 0: benefit) and calendar month of each look held, otherwise NaN.
    log_ratio : array, shape (trials,)
    counts : array of int, shape (trials, 2)
        Events and patients randomised at the end.
    ends : array, shape (trials, 4)
        Look of the end, how it ended, look + 1 of efficacy whatever futility says (0: none), flags.
    """
    patients, looks, timed = labels.size, events.size, timing.shape[0] > 0
    blocks = (trials + BLOCK - 1) // BLOCK
    for block in prange(blocks):
        word, bits = np.empty(patients, np.uint32), np.empty(patients, np.uint32)
        death_bits, keys = np.empty(patients, np.uint32), np.empty(patients, np.uint32)
        event, leave = np.empty(patients, np.float32), np.empty(patients, np.float32)
        enter, drawn = np.empty(patients, np.float32), np.empty(patients, np.float32)
        one = np.empty(1, np.float32)
        value, death = bits.view(np.float32), death_bits.view(np.float32)
        one_bits = one.view(np.uint32)
        treated, risk, dead = np.empty(patients), np.empty(patients), np.empty(patients)
        lanes, work = np.empty(64), np.empty(256)
        digits, digits_2 = np.empty(256, np.int32), np.empty(256, np.int32)
        left = np.empty(sizes.size, np.int32)
        guesses, rates = months.astype(np.float32), np.zeros(looks, np.float32)
        for row in range(block * BLOCK, min(trials, (block + 1) * BLOCK)):
            a, b = trial_keys(seed, first + row)
            recruit(
                a, b, hazards, loss_means, accrual, word, bits, value, drawn,
                event, leave, enter, death,
            )  # fmt: skip
            for look in range(looks):
                z[row, look] = math.nan
                month[row, look] = math.nan
            log_ratio[row] = math.nan
            before = np.float32(0.0)
            outcome, flags, ignored, stopped_at = GOES_ON, 0, 0, 0
            look = 0
            while look < looks:
                now, seen = np.float32(-1.0), 0
                if events[look] > 0:
                    rate = max(rates[look], np.float32(0.01))
                    now = month_of_event(
                        death_bits, events[look], guesses[look], rate, one, one_bits
                    )
                    if now != NEVER:
                        guesses[look] = now
                        if rates[look] == 0.0:
                            rates[look] = events_a_month(death_bits, now, one, one_bits)
                if timed:
                    now = max(timed_month(now, timing[look], enter), before)
                if now == NEVER:
                    look = looks - 1
                    now = last_month(enter, leave)
                    seen = ALL_HAPPENED
                before = now
                pack(now, enter, leave, death, labels, keys)
                sort(keys, word, digits, digits_2)
                here, start, tied = analyse(
                    keys, sizes, left, null_ratio, weighting, numbers, now,
                    treated, risk, dead, lanes, work,
                )  # fmt: skip
                z[row, look] = here
                month[row, look] = now
                if ignored == 0 and here >= bounds[0, look]:
                    ignored = look + 1
                harmful = here <= bounds[2, look]
                if outcome == GOES_ON:
                    flags |= seen | (TIED if tied else 0) | (UNDEFINED if math.isnan(here) else 0)
                    outcome = ending(here, bounds, look)
                    if outcome != GOES_ON:
                        stopped_at = look
                        counts[row, 0] = until(death, now)
                        counts[row, 1] = until(enter, now)
                        if estimate:
                            observed = float(deaths_in_arm(keys))
                            log_ratio[row] = log_hazard_ratio(
                                observed, start, treated, risk, dead, lanes
                            )
                if ignored > 0 or harmful or (outcome != GOES_ON and not ignore):
                    break
                look += 1
            ends[row, 0] = stopped_at
            ends[row, 1] = outcome
            ends[row, 2] = ignored
            ends[row, 3] = flags
