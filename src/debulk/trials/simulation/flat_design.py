"""A planned design as the flat arrays that the kernels of the simulation take."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.survival import FlemingHarrington, ModestlyWeighted
from debulk.survival.options import shown
from debulk.trials.simulation.draws import Singles, Words
from debulk.trials.simulation.ordering import MOST_STRATA
from debulk.trials.simulation.patients import Ints
from debulk.trials.simulation.scores import Floats
from debulk.trials.simulation.weighted import (
    FLEMING_HARRINGTON,
    LOG_RANK,
    MODEST_S,
    MODEST_T,
)
from debulk.trials.survival_designs.assumptions import Pieces, Stratum
from debulk.trials.survival_designs.trial_design import TrialDesign

_ENDLESS = 1.0e37
_MOST_PATIENTS = 10_000_000
_ROUNDING = 1e-9
"""Share of a patient or an event that is taken for rounding when whole numbers are made."""


@dataclass(frozen=True, eq=False)
class FlatDesign:
    """What a simulated trial depends on, but for the seed and the trial's number.

    Attributes
    ----------
    sizes : array of int, shape (2 strata,)
        Patients of each cell: control and experimental arm of the first stratum, then the next.
    labels : array of uint32, shape (patients,)
        Cell of each patient.
    hazards : tuple of arrays, shape (pieces, patients)
        Cumulated hazard and month at which each piece starts, and 1 / hazard in it, float32.
    loss_means : array, shape (patients,) or (0,)
        Mean months to loss; empty where nobody is lost.
    accrual : tuple of arrays
        Share of the patients entered and month at which each rate starts, and 1 / rate.
    events : array of int, shape (looks,)
        Events at each look; 0 for one that waits for none.
    months : array, shape (looks,)
        Months at which the design expects the looks.
    timing : array, shape (looks, 4) or (0, 4)
        What looks wait for beside events; see `timed_month`.
    bounds : array, shape (4, looks)
        Efficacy at or above the first row, harm at or below the third, futility between the fourth
        and the second.
    null_ratio : float
        Hazard ratio of the null hypothesis.
    weighting : int
        Kind of weights, with `numbers` and `test_name`.
    numbers : array, shape (2,)
        Numbers of the weights.
    test_name : str
        In words.
    carries_on : bool
        Whether trials stopped for futility are carried on beside.
    """

    sizes: Ints
    labels: Words
    hazards: tuple[Singles, Singles, Singles]
    loss_means: Singles
    accrual: tuple[Singles, Singles, Singles]
    events: Ints
    months: Floats
    timing: Floats
    bounds: Floats
    null_ratio: float
    weighting: int
    numbers: Floats
    test_name: str
    carries_on: bool

    @property
    def looks(self) -> int:
        """Number of looks."""
        return int(self.events.size)

    def digest(self) -> str:
        """SHA-256 over all arrays and numbers."""
        whole = hashlib.sha256(f"{self.null_ratio!r} {self.weighting}".encode())
        parts = (self.sizes, self.labels, *self.hazards, self.loss_means, *self.accrual)
        for part in (*parts, self.events, self.timing, self.bounds, self.numbers):
            whole.update(np.ascontiguousarray(part).tobytes())
        return whole.hexdigest()


def flatten(design: TrialDesign, hazard_ratio: Pieces | None, test: Any) -> FlatDesign:
    """Flat arrays of a design whose true hazard ratio may be another than the planned.

    Parameters
    ----------
    design : TrialDesign
        Patients and events are rounded up to whole numbers.
    hazard_ratio : pieces or None
        The true one, in every stratum; None for the design's.
    test : "logrank", "peto", FlemingHarrington or ModestlyWeighted
        What the bounds are applied to.

    Raises
    ------
    InputError
        If the design cannot be simulated: more events than patients, too many strata, looks that
        are no different in whole events; or a test that is not offered here.
    """
    patients, events = _whole(design.patients), _events(design)
    _check_size(design, patients, events)
    strata = design.strata or (Stratum(1.0, design.hazard_control, design.hazard_ratio, "all"),)
    sizes = cell_sizes(patients, [each.share for each in strata], design.allocation)
    labels = np.repeat(np.arange(sizes.size, dtype=np.uint32), sizes)
    weighting, numbers, name = read_test(test, design.null_ratio)
    return FlatDesign(
        sizes=sizes,
        labels=labels,
        hazards=_hazards(strata, hazard_ratio, labels),
        loss_means=_losses(design, labels),
        accrual=_accrual(design),
        events=events,
        months=np.array([min(max(look.month, 0.0), 1e6) for look in design.looks]),
        timing=_timing(design),
        bounds=_bounds(design),
        null_ratio=float(design.null_ratio),
        weighting=weighting,
        numbers=np.array(numbers),
        test_name=name,
        carries_on=_carries_on(design),
    )


def read_test(test: Any, null_ratio: float) -> tuple[int, tuple[float, float], str]:
    """Kind of weights, their numbers, and their name.

    Raises
    ------
    InputError
        If the test is not offered, or has weights where the null hypothesis is a margin.
    """
    kind, numbers, name = _weights(test)
    if kind != LOG_RANK and null_ratio != 1.0:
        found = f"{name} has no form for a null hazard ratio of {null_ratio:g}"
        raise InputError("test", found, 'Give "logrank", the score test at that ratio')
    return kind, numbers, name


def _weights(test: Any) -> tuple[int, tuple[float, float], str]:
    if isinstance(test, str) and test == "logrank":
        return LOG_RANK, (0.0, 0.0), "log-rank"
    if isinstance(test, str) and test == "peto":
        return FLEMING_HARRINGTON, (1.0, 0.0), "Peto and Peto"
    if isinstance(test, FlemingHarrington):
        return FLEMING_HARRINGTON, (float(test.rho), float(test.gamma)), test.name
    if isinstance(test, ModestlyWeighted) and test.s_star is not None:
        return MODEST_S, (float(test.s_star), 0.0), test.name
    if isinstance(test, ModestlyWeighted):
        return MODEST_T, (float(test.t_star or 0.0), 0.0), test.name
    remedy = 'Give "logrank", "peto", FlemingHarrington(rho, gamma) or ModestlyWeighted(s_star=...)'
    raise InputError("test", f"{shown(test)} is not offered in simulations", remedy)


def cell_sizes(patients: int, shares: list[float], allocation: float) -> Ints:
    """Whole patients of each cell: by largest remainder over strata, then to the nearest by arm.

    Parameters
    ----------
    patients : int
    shares : list of float
        Of the strata.
    allocation : float
        Experimental : control.
    """
    exact = np.array(shares) * patients
    whole = np.floor(exact + _ROUNDING).astype(np.int64)
    missing = patients - int(whole.sum())
    for place in np.argsort(whole - exact, kind="stable")[:missing]:
        whole[place] += 1
    sizes = np.empty(2 * whole.size, np.int64)
    # Halves go alternately to each arm, so that strata do not all favour the same.
    carried = 0.0
    for place, size in enumerate(whole):
        wanted = size * allocation / (1.0 + allocation) + carried
        experimental = min(max(math.floor(wanted + 0.5), 0), int(size))
        carried = wanted - experimental
        sizes[2 * place : 2 * place + 2] = size - experimental, experimental
    return sizes


def _whole(number: float) -> int:
    if not math.isfinite(number):
        found = f"has {number} patients or events"
        raise InputError("design", found, "Simulate what survival_design returns")
    return math.ceil(number * (1.0 - _ROUNDING))


def _events(design: TrialDesign) -> Ints:
    events = [_whole(look.events) for look in design.looks]
    for place, each in enumerate(design.timing):
        if each is not None:
            events[place] = 0 if each.events is None else _whole(each.events)
    return np.array(events, np.int64)


def _timing(design: TrialDesign) -> Floats:
    if not any(each is not None for each in design.timing):
        return np.empty((0, 4))
    rules = np.tile([-1.0, -1.0, 1.0, math.inf], (len(design.looks), 1))
    for rule, each in zip(rules, design.timing, strict=False):
        if each is not None:
            rule[0] = -1.0 if each.calendar_month is None else each.calendar_month
            rule[1] = -1.0 if each.minimum_follow_up is None else each.minimum_follow_up
            rule[2] = float(each.rule == "all")
            rule[3] = math.inf if each.latest_month is None else each.latest_month
    return rules


def _check_size(design: TrialDesign, patients: int, events: Ints) -> None:
    if not 2 <= patients <= _MOST_PATIENTS:
        raise InputError("design", f"has {patients} patients", "Simulate 2 to 10 million")
    counted = events[events > 0]
    if events.size == 0 or events[-1] < 1 or (np.diff(counted) < 1).any():
        found = f"has looks at {', '.join(str(each) for each in events)} whole events"
        raise InputError("design", found, "Plan fewer looks, each at more events than the last")
    if events[-1] > patients:
        found = f"needs {events[-1]} events of {patients} patients"
        raise InputError("design", found, "Plan more patients or fewer events")
    if design.strata and len(design.strata) > MOST_STRATA:
        found = f"has {len(design.strata)} strata"
        raise InputError("design", found, f"Simulate at most {MOST_STRATA}")


def _hazards(
    strata: tuple[Stratum, ...], hazard_ratio: Pieces | None, labels: Words
) -> tuple[Singles, Singles, Singles]:
    cells: list[Pieces] = []
    for stratum in strata:
        ratio = stratum.hazard_ratio if hazard_ratio is None else hazard_ratio
        cells += [stratum.hazard_control, product(stratum.hazard_control, ratio)]
    shape = (max(len(pieces) for pieces in cells), len(cells))
    starts, months, slopes = np.full(shape, math.inf), np.zeros(shape), np.zeros(shape)
    for cell, pieces in enumerate(cells):
        cumulated = 0.0
        ends = [start for start, _ in pieces[1:]] + [math.inf]
        for k, ((start, hazard), end) in enumerate(zip(pieces, ends, strict=True)):
            starts[k, cell] = cumulated
            months[k, cell] = start
            slopes[k, cell] = 1.0 / max(hazard, 1.0 / _ENDLESS)
            cumulated += hazard * (end - start) if end < math.inf else 0.0
    return tuple(  # type: ignore[return-value]
        np.ascontiguousarray(each[:, labels], np.float32) for each in (starts, months, slopes)
    )


def product(left: Pieces, right: Pieces) -> Pieces:
    """The product of two step functions.

    Parameters
    ----------
    left, right : pieces
        ((start month, value), ...), the first start 0.
    """
    starts = sorted({start for start, _ in (*left, *right)})
    return tuple((start, _value(left, start) * _value(right, start)) for start in starts)


def _value(pieces: Pieces, month: float) -> float:
    return next(value for start, value in reversed(pieces) if start <= month)


def _losses(design: TrialDesign, labels: Words) -> Singles:
    hazards = (design.dropout.control, design.dropout.experimental)
    if max(hazards) <= 0.0:
        return np.empty(0, np.float32)
    means: Singles = _single([1.0 / max(each, 1.0 / _ENDLESS) for each in hazards])[labels & 1]
    return means


def _accrual(design: TrialDesign) -> tuple[Singles, Singles, Singles]:
    accrual = design.accrual
    total = accrual.patients
    shares: list[float] = []
    months: list[float] = []
    slopes: list[float] = []
    for start, rate in zip(accrual.starts_months, accrual.rates, strict=True):
        if rate > 0.0 and start < accrual.end_months:
            shares.append(accrual.entered_by(start) / total)
            months.append(start)
            slopes.append(total / rate)
    return _single(shares), _single(months), _single(slopes)


def _carries_on(design: TrialDesign) -> bool:
    """Whether a look before the last has a futility bound that does not bind."""
    binding = design.boundaries is not None and design.boundaries.binding
    early = design.looks[:-1]
    return not binding and any(
        look.futility_z is not None and math.isfinite(look.futility_z) for look in early
    )


def _bounds(design: TrialDesign) -> Floats:
    bounds = np.full((4, len(design.looks)), -math.inf)
    two_sided = design.sided == 2
    for place, look in enumerate(design.looks):
        efficacy = math.inf if look.efficacy_z is None else float(look.efficacy_z)
        if look.efficacy_z is None and len(design.looks) == 1:
            efficacy = float(-ndtri(design.alpha / design.sided))
        bounds[0, place] = efficacy
        if look.futility_z is not None and not math.isnan(look.futility_z):
            bounds[1, place] = look.futility_z
            bounds[3, place] = -look.futility_z if two_sided else -math.inf
        if two_sided:
            bounds[2, place] = -efficacy
        elif look.harm_z is not None:
            bounds[2, place] = look.harm_z
    return bounds


def _single(values: list[float]) -> Singles:
    return np.array(values, np.float32)
