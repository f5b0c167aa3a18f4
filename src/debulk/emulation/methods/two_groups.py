"""Two groups from one moment on: hazard ratio, risk, restricted mean, curves; weighted or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.emulation.answers import StrategyCurve
from debulk.emulation.methods.cox_fit import fit_cox
from debulk.emulation.methods.incidence import AtHorizon, Causes, at_horizon, steps_of
from debulk.emulation.person_time import Flags, Floats
from debulk.survival.contrasts import normal_estimate
from debulk.survival.curves import kaplan_meier

Corrected = Callable[[Floats], Floats]
"""Turns each patient's influence with weights known into that with weights estimated."""


@dataclass(frozen=True)
class TwoGroups:
    """Follow-up of two groups.

    Attributes
    ----------
    entry, time : (n,) float64
        At risk after `entry`, up to `time`, in months from time zero.
    cause : (n,) int8
    treated : (n,) bool
    start, tau : float
        Where the comparison begins and ends.
    conf_level : float
    names : tuple of str
        Of the group without local treatment, and of that with it.
    weights : (n,) float64 or None
    corrected : callable or None
        See `Corrected`; where weights were estimated.
    causes : tuple of int
        Every cause that occurs in the registry, 1 first.
    """

    entry: Floats
    time: Floats
    cause: Causes
    treated: Flags
    start: float
    tau: float
    conf_level: float
    names: tuple[str, str]
    weights: Floats | None = None
    corrected: Corrected | None = None
    causes: tuple[int, ...] = (1,)

    @property
    def patients(self) -> dict[str, int]:
        """Patients of each group."""
        return self._counts(np.ones(self.time.size, dtype=np.bool_))

    @property
    def events(self) -> dict[str, int]:
        """Events of interest in each group."""
        return self._counts(self.cause == 1)

    def _counts(self, which: Flags) -> dict[str, int]:
        sides = (~self.treated, self.treated)
        return {
            name: int(np.count_nonzero(which & side))
            for name, side in zip(self.names, sides, strict=True)
        }


def causes_of(cause: Causes) -> tuple[int, ...]:
    """Every cause of an event that occurs, the one of interest first."""
    return (1, *(int(each) for each in np.unique(cause) if each > 1))


def hazard_ratio(
    groups: TwoGroups, others: Floats | None = None, names: tuple[str, ...] = ()
) -> Estimate:
    """Cause-specific hazard ratio, treated / not, by Cox's model; weighted: with the sandwich."""
    weighted = groups.weights is not None
    run = fit_cox(
        groups.entry,
        groups.time,
        groups.cause == 1,
        groups.treated,
        others,
        names,
        weights=groups.weights,
        cluster=np.arange(groups.time.size) if weighted else None,
    )
    coef, error = run.first
    note = "Cox, Efron's ties; se of the log ratio"
    if run.influence is not None:
        note += ", by the sandwich"
        if groups.corrected is not None:
            moved = groups.corrected(run.influence[:, 0])
            error = float(np.sqrt(np.sum(moved**2)))
            note += " with the weights' estimation in it"
    what = "hazard ratio" if groups.causes == (1,) else "cause-specific hazard ratio"
    return normal_estimate(
        f"{what}, {groups.names[1]} / {groups.names[0]}",
        coef,
        error,
        (groups.time.size, int(np.count_nonzero(groups.cause == 1))),
        groups.conf_level,
        note + ", interval on its scale.",
        exponential=True,
    )


def differences(groups: TwoGroups) -> tuple[Estimate, Estimate]:
    """Differences of restricted mean and of risk at the horizon, treated minus not.

    Raises
    ------
    InputError
        If a group is not followed up to the horizon.
    """
    refuse_beyond(groups)
    moved = np.zeros((2, groups.time.size))
    found: list[AtHorizon] = []
    for sign, side in ((-1.0, ~groups.treated), (1.0, groups.treated)):
        rows = (groups.entry[side], groups.time[side], groups.cause[side])
        weights = np.ones(rows[0].size) if groups.weights is None else groups.weights[side]
        steps = steps_of(*rows, weights, groups.causes)
        here = at_horizon(steps, *rows, weights, groups.tau, groups.start)
        found.append(here)
        moved[0, side] = sign * here.rmst_influence
        moved[1, side] = sign * here.risk_influence
    if groups.corrected is not None:
        moved = np.stack([groups.corrected(each) for each in moved])
    errors = np.sqrt(np.sum(moved**2, axis=1))
    note = "Influence of each patient squared and summed; normal interval."
    sizes = (groups.time.size, int(np.count_nonzero(groups.cause == 1)))
    span = f"from {groups.start:g} to {groups.tau:g} months, {groups.names[1]} - {groups.names[0]}"
    rmst = normal_estimate(
        f"restricted mean time before the event {span}",
        found[1].rmst - found[0].rmst,
        float(errors[0]),
        sizes,
        groups.conf_level,
        note,
    )
    risk = normal_estimate(
        f"risk of the event {span}",
        found[1].risk - found[0].risk,
        float(errors[1]),
        sizes,
        groups.conf_level,
        note,
    )
    return rmst, risk


def refuse_beyond(groups: TwoGroups) -> None:
    """Refuse a horizon that does not lie between the start and each group's last time.

    Raises
    ------
    InputError
        Saying the largest horizon allowed.
    """
    last = float(min(groups.time[groups.treated].max(), groups.time[~groups.treated].max()))
    if groups.start < groups.tau <= last:
        return
    found = f"{groups.tau:g} is not above {groups.start:g} and up to {last:g} months"
    remedy = f"Give a horizon up to {last:.10g}, the smaller of the two groups' last times"
    raise InputError("tau_months", found, remedy)


def curves_of(groups: TwoGroups) -> tuple[StrategyCurve, ...]:
    """Survival free of every event in each group, and the incidence of each cause."""
    result = []
    for name, side in zip(groups.names, (~groups.treated, groups.treated), strict=True):
        rows = (groups.entry[side], groups.time[side], groups.cause[side])
        weights = None if groups.weights is None else groups.weights[side]
        curve = kaplan_meier(
            rows[1],
            rows[2] > 0,
            entry=rows[0] if np.any(rows[0] > 0.0) else None,
            weights=weights,
            robust=None if weights is None else True,
            conf_level=groups.conf_level,
        )
        steps = curve.events > 0
        competing = {}
        if groups.causes != (1,):
            load = np.ones(rows[0].size) if weights is None else weights
            table = steps_of(*rows, load, groups.causes)
            competing = {each: table.incidence[:, k] for k, each in enumerate(groups.causes)}
        result.append(
            StrategyCurve(
                name,
                curve.time[steps],
                curve.survival[steps],
                curve.std_error[steps],
                curve.lower[steps],
                curve.upper[steps],
                curve.at_risk[steps],
                competing,
            )
        )
    return tuple(result)
