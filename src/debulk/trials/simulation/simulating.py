"""Simulate a planned design many times over."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

import debulk
from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion, Parameter, Provenance
from debulk.survival.options import check_flag, shown, whole_number
from debulk.trials.simulation.chunk import NUMBERS, Chunk
from debulk.trials.simulation.design_characteristics import DesignCharacteristics
from debulk.trials.simulation.flat_design import FlatDesign, flatten
from debulk.trials.simulation.tally import MONTHS_PER_DURATION, Tally
from debulk.trials.simulation.trials import EFFICACY, FUTILITY, HARM
from debulk.trials.survival_designs.assumptions import Pieces
from debulk.trials.survival_designs.reading import RATIOS, read_pieces
from debulk.trials.survival_designs.trial_design import TrialDesign

_MOST_TRIALS = 10**12
_MOST_SEED = 2**63 - 1


def simulate(
    design: TrialDesign,
    *,
    hazard_ratio: Any = None,
    trials: int = 10_000,
    seed: int = 1,
    test: Any = "logrank",
    estimate: bool = True,
    workers: int | None = None,
) -> DesignCharacteristics:
    """Simulate a planned trial on piecewise exponential patients, look by look.

    Parameters
    ----------
    design : TrialDesign
        From `survival_design`. Patients and the events of each look are rounded up to whole
        numbers.
    hazard_ratio : float, pieces or None
        The true hazard ratio, constant or ((start month, ratio), ...), in every stratum; None for
        the design's. Give ``design.null_ratio`` for the type I error.
    trials : int
        How many; 1 to 10^12. Memory does not depend on it.
    seed : int
        Any from 0 to 2^63 - 1; the same seed gives the same trials.
    test : "logrank", "peto", FlemingHarrington or ModestlyWeighted
        What the bounds are applied to. Strata make it the stratified test.
    estimate : bool
        Whether Cox's hazard ratio is estimated at the end of each trial.
    workers : int or None
        Threads; None for all. No result depends on it.

    Returns
    -------
    DesignCharacteristics

    Raises
    ------
    InputError
        On a design that cannot be simulated, a test that is not offered, and arguments of the
        wrong kind.

    Notes
    -----
    *Patients.* Strata and arms have fixed whole numbers of patients. Each enters at a random time
    with the density of the planned accrual, so that the order of arms and strata is random: given
    the number of patients, this is accrual as a Poisson process. Times to the event and to loss are
    piecewise exponential and exponential, independent of each other, in float32.

    *Looks.* A look is held at the calendar month of its last event, patients not yet entered left
    out, or as its `Timing` says (minimum follow-up counts from the last entry of the simulated
    trial; a look is never before the one before it). The last look waits for the design's events.
    Bounds stay those planned, whatever information a look has. If everybody is dead or lost before
    a look's events, the trial is analysed once, when nothing more can happen, against the bounds of
    the last look, and is counted in `never_reached`.

    *Test.* Z is the log-rank statistic with the hypergeometric variance; for a null hazard ratio
    other than 1 it is the score of Cox's partial likelihood at that ratio over the root of its
    information there. Z > 0 means benefit. Weights come from the pooled survival of the stratum.
    Time on study is cut into 2^24 - 2 steps between 0 and the month of the look; events within one
    step are tied (log-rank: hypergeometric; Cox and the score at a margin: Efron 1977).

    *Stopping.* At each look efficacy is asked first, then harm, then futility. Where futility is
    not binding, trials that stop for it are carried on beside, which gives
    `efficacy_without_futility`.

    *Quantiles* of hazard ratios and months are those of values rounded to bins of 0.0001 on the log
    scale and of 1/5000 of the planned duration.

    *Random numbers* are pure functions of (seed, trial, decision, patient); see
    `debulk.trials.simulation.draws`.
    """
    if not isinstance(design, TrialDesign):
        remedy = "Give what survival_design returns"
        raise InputError("design", f"{shown(design)} is no design of a survival trial", remedy)
    count = whole_number(trials, "trials", 1, _MOST_TRIALS)
    number = whole_number(seed, "seed", 0, _MOST_SEED)
    check_flag(estimate, "estimate")
    if workers is not None:
        workers = whole_number(workers, "workers", 1, 2**31)
    ratio = None if hazard_ratio is None else read_pieces(hazard_ratio, "hazard_ratio", RATIOS)
    flat = flatten(design, ratio, test)
    use_threads(workers)
    tally = _count(flat, number, count, bool(estimate), design.duration_months)
    return _characteristics(design, flat, ratio, number, tally, bool(estimate))


def _count(flat: FlatDesign, seed: int, trials: int, estimate: bool, planned: float) -> Tally:
    size = min(trials, max(1, NUMBERS // flat.looks))
    chunk = Chunk.empty(flat, size)
    shifts = np.array([float(flat.events[-1]), float(flat.labels.size), planned])
    tally = Tally(flat.looks, planned / MONTHS_PER_DURATION, shifts)
    for first in range(0, trials, size):
        here = min(size, trials - first)
        chunk.fill(flat, seed, first, here, estimate)
        tally.add(
            chunk.month[:here], chunk.log_ratio[:here], chunk.counts[:here], chunk.ends[:here]
        )
    return tally


def _characteristics(
    design: TrialDesign,
    flat: FlatDesign,
    ratio: Pieces | None,
    seed: int,
    tally: Tally,
    estimate: bool,
) -> DesignCharacteristics:
    trials = tally.trials
    events, events_error = tally.mean(0)
    patients, patients_error = tally.mean(1)
    months, months_error = tally.mean(2)
    efficacy = _shares(tally, EFFICACY)
    lower = _shares(tally, HARM)
    kept = tuple(float(each) / trials for each in tally.ignored[1:]) if flat.carries_on else None
    errors = {
        "power": _share_error(math.fsum(efficacy), trials),
        **{
            f"efficacy at look {look}": _share_error(share, trials)
            for look, share in enumerate(efficacy, start=1)
        },
        "events": events_error,
        "patients": patients_error,
        "mean duration_months": months_error,
    }
    if kept is not None:
        errors["power_without_futility"] = _share_error(math.fsum(kept), trials)
    return DesignCharacteristics(
        design=design,
        trials=trials,
        seed=seed,
        test=flat.test_name,
        true_hazard_ratio=ratio,
        efficacy=efficacy,
        opposite=lower if design.sided == 2 else None,
        futility=_shares(tally, FUTILITY) if np.isfinite(flat.bounds[1]).any() else None,
        harm=lower if design.sided == 1 and np.isfinite(flat.bounds[2]).any() else None,
        efficacy_without_futility=kept,
        look_table=_look_table(flat, tally),
        hazard_ratios=_hazard_ratios(tally) if estimate else None,
        months={**_months(tally), "mean": months},
        mean_events=events,
        mean_patients=patients,
        never_reached=int(tally.flags[0]),
        undefined=int(tally.flags[2]),
        tied=int(tally.flags[1]),
        errors=errors,
        provenance=_provenance(design, flat, ratio, seed, tally, estimate),
        flat=flat,
    )


def _shares(tally: Tally, way: int) -> tuple[float, ...]:
    return tuple(float(each) / tally.trials for each in tally.stopped[:, way])


def _share_error(share: float, trials: int) -> float:
    return math.sqrt(max(share * (1.0 - share), 0.0) / trials)


def _look_table(flat: FlatDesign, tally: Tally) -> pl.DataFrame:
    with np.errstate(invalid="ignore"):
        months = tally.look_months / tally.held
    return pl.DataFrame(
        {
            "look": np.arange(1, flat.looks + 1),
            "events": flat.events,
            "held": tally.held / tally.trials,
            "month": months,
        }
    ).fill_nan(None)


def _hazard_ratios(tally: Tally) -> dict[str, float]:
    found = {
        name: math.exp(tally.log_ratio_quantile(share))
        for name, share in (("median", 0.5), ("lower", 0.025), ("upper", 0.975))
    }
    return {**found, "undefined": tally.trials - int(tally.log_bins.sum())}


def _months(tally: Tally) -> dict[str, float]:
    places = (("median", 0.5), ("lower", 0.025), ("upper", 0.975))
    return {name: tally.month_quantile(share) for name, share in places}


def _provenance(
    design: TrialDesign,
    flat: FlatDesign,
    ratio: Pieces | None,
    seed: int,
    tally: Tally,
    estimate: bool,
) -> Provenance:
    remarks = [*design.remarks, "Patients and events rounded up to whole numbers"]
    if tally.flags[0]:
        remarks.append(
            f"In {int(tally.flags[0])} of {tally.trials} trials everybody was dead or lost before "
            "the planned events; these were analysed once, against the bounds of the last look"
        )
    given = (
        ("trials", tally.trials, "chosen", ""),
        ("test", flat.test_name, "chosen", ""),
        ("estimate", estimate, "chosen", ""),
        ("patients", int(flat.labels.size), "derived", ""),
        ("events", [int(each) for each in flat.events], "derived", ""),
    )
    chosen = [
        Parameter(f"simulation.{name}", value, status, "the call", unit=unit)  # type: ignore[arg-type]
        for name, value, status, unit in given
    ]
    if ratio is not None:
        chosen.append(Parameter("simulation.hazard_ratio", ratio, "chosen", "the call"))
    excluded = [Exclusion("statistic without variance at a look", float(tally.flags[2]))]
    return Provenance(
        version=debulk.__version__,
        seed=seed,
        inputs={"design": flat.digest()},
        parameters=(*design.parameters, *chosen),
        exclusions=tuple(each for each in excluded if each.count),
        remarks=tuple(remarks),
    )
