"""Stopping a trial that recruits too slowly: how often a rule does so, rightly and wrongly."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv
from scipy.stats import poisson

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.core.streams import patient_key, uniform
from debulk.trials.decisions import CENTRE_OPENING, CENTRE_PATIENTS, CENTRE_RATE, TRIAL_ITSELF
from debulk.trials.planning.centres import (
    Stream,
    checked_heterogeneity,
    count_probabilities,
    mean_count,
    planned_streams,
)
from debulk.trials.planning.checks import number, sequence, whole

MOST_RATES = 20_000_000  # simulated centres held in memory at once: 160 MB a table


@dataclass(frozen=True, slots=True)
class SlowAccrualRule:
    """How often a rule for poor accrual stops the trial.

    Attributes
    ----------
    months : tuple of float
        Months at which accrual is judged.
    shares : tuple of float
        Stop when fewer than this share of the planned patients are in.
    planned : tuple of float
        Patients planned by each month.
    fewest_to_go_on : tuple of int
        Smallest count that goes on.
    speed : float
        True rates as a share of the planned ones.
    alone : tuple of float
        Chance that each check stops, were it the only one; exact.
    by_check : tuple of float
        Chance that each check is the first to stop.
    stop : float
        Chance that any check stops.
    stop_se : float
        Monte Carlo error of `stop`; 0 with one check, which is exact.
    trials, seed : int
        Simulated accruals (0 with one check) and their seed.
    formula : str
        How the chances were made.
    assumptions : tuple of str
        What they rest on.
    """

    months: tuple[float, ...]
    shares: tuple[float, ...]
    planned: tuple[float, ...]
    fewest_to_go_on: tuple[int, ...]
    speed: float
    alone: tuple[float, ...]
    by_check: tuple[float, ...]
    stop: float
    stop_se: float
    trials: int
    seed: int
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def slow_accrual_rule(
    rule: Any,
    *,
    centres: Any,
    heterogeneity_cv: float = 0.5,
    speed: float = 1.0,
    trials: int = 10_000,
    seed: int = 1,
) -> SlowAccrualRule:
    """Chance that a trial is stopped because fewer than a share of the planned patients came.

    Parameters
    ----------
    rule : sequence of (month, share)
        Judged at each month, in order; stop below the share of the plan.
    centres : sequence of PlannedCentres
        The plan.
    heterogeneity_cv : float
        Coefficient of variation of the true rate between centres; the default is an assumption.
    speed : float
        True mean rates as a share of the planned ones, such as 0.5.
    trials : int
        Simulated accruals for the joint chance of several checks, 100 to 1,000,000.
    seed : int
        Of the counter-based streams.

    Returns
    -------
    SlowAccrualRule

    Raises
    ------
    InputError
        If months do not rise, or nobody is planned by the first of them.
    """
    checks = _checked_rule(rule)
    spread = checked_heterogeneity(heterogeneity_cv)
    pace = number(speed, "speed", above=0.0, at_most=100.0)
    runs = whole(trials, "trials", at_least=100, at_most=1_000_000)
    start = whole(seed, "seed", at_most=2**31)
    plan = planned_streams(centres, spread)
    if runs * len(plan) > MOST_RATES:
        raise InputError(
            "trials",
            f"{runs} trials of {len(plan)} centres are too many to hold at once",
            f"Give at most {MOST_RATES // len(plan)} trials",
        )
    true = [dataclasses.replace(each, scale=each.scale * pace) for each in plan]
    planned = tuple(mean_count(plan, month) for month, _ in checks)
    if planned[0] <= 0.0:
        raise InputError("rule", "nobody is planned by its first month", "Judge later")
    fewest = tuple(
        math.ceil(share * count - 1e-9) for (_, share), count in zip(checks, planned, strict=True)
    )
    alone = tuple(_below(true, month, few) for (month, _), few in zip(checks, fewest, strict=True))
    if len(checks) == 1:
        by_check, error, runs = alone, 0.0, 0
    else:
        by_check, error = _simulated(true, [month for month, _ in checks], fewest, runs, start)
    return SlowAccrualRule(
        months=tuple(month for month, _ in checks),
        shares=tuple(share for _, share in checks),
        planned=planned,
        fewest_to_go_on=fewest,
        speed=pace,
        alone=alone,
        by_check=by_check,
        stop=math.fsum(by_check),
        stop_se=error,
        trials=runs,
        seed=start,
        formula="exact negative binomial counts at one check; several checks: simulated accruals",
        assumptions=(
            "Poisson-gamma accrual (Anisimov and Fedorov 2007); centres open when planned",
        ),
    )


def _below(streams: list[Stream], month: float, fewest: int) -> float:
    if fewest <= 0:
        return 0.0
    return min(1.0, float(count_probabilities(streams, month, fewest - 1).sum()))


def _simulated(
    streams: list[Stream], months: list[float], fewest: tuple[int, ...], trials: int, seed: int
) -> tuple[tuple[float, ...], float]:
    centres = len(streams)
    longest = np.array([each.delay_months for each in streams])
    opens = np.array([each.opens_months for each in streams])
    opens = opens + longest * _centre_uniforms(seed, trials, centres, CENTRE_OPENING)
    rates = np.empty((trials, centres))
    draws = _centre_uniforms(seed, trials, centres, CENTRE_RATE)
    for place, each in enumerate(streams):
        if math.isinf(each.shape):
            rates[:, place] = each.scale
        else:
            rates[:, place] = gammaincinv(each.shape, draws[:, place]) * each.scale
    going = np.ones(trials, dtype=bool)
    counts = np.zeros(trials)
    before = np.zeros(opens.shape)
    stopped = []
    for check, (month, few) in enumerate(zip(months, fewest, strict=True)):
        exposure = np.clip(month - opens, 0.0, None)
        mean = np.sum(rates * (exposure - before), axis=1)
        counts += poisson.ppf(_check_uniforms(seed, trials, check), mean)
        stops = going & (counts < few)
        stopped.append(float(stops.mean()))
        going &= ~stops
        before = exposure
    share = math.fsum(stopped)
    return tuple(stopped), math.sqrt(share * (1.0 - share) / trials)


@kernel
def _centre_uniforms(
    seed: int, trials: int, centres: int, decision: np.uint64
) -> npt.NDArray[np.float64]:
    draws = np.empty((trials, centres))
    for trial in range(trials):
        for centre in range(centres):
            draws[trial, centre] = uniform(patient_key(seed, trial, centre), decision, 0, 0)
    return draws


@kernel
def _check_uniforms(seed: int, trials: int, check: int) -> npt.NDArray[np.float64]:
    draws = np.empty(trials)
    for trial in range(trials):
        key = patient_key(seed, trial, TRIAL_ITSELF)
        draws[trial] = uniform(key, CENTRE_PATIENTS, 0, check)
    return draws


def _checked_rule(rule: Any) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for place, entry in enumerate(sequence(rule, "rule")):
        pair = sequence(entry, f"rule[{place}]")
        if len(pair) != 2:
            raise InputError(f"rule[{place}]", f"{len(pair)} entries", "Give (month, share)")
        month = number(pair[0], f"rule[{place}] month", above=0.0, at_most=1200.0)
        share = number(pair[1], f"rule[{place}] share", at_least=0.0, at_most=1.0)
        if found and month <= found[-1][0]:
            raise InputError(f"rule[{place}]", f"month {month:g} does not rise", "Order the checks")
        found.append((month, share))
    return found
