"""Whole events and patients, and the power they give."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Parameter
from debulk.trials.boundaries.bounds import Boundaries
from debulk.trials.boundaries.solving import solve
from debulk.trials.survival_designs.assumptions import Accrual, Stratum
from debulk.trials.survival_designs.event_probabilities import Floats
from debulk.trials.survival_designs.looks import outlook
from debulk.trials.survival_designs.model import Model
from debulk.trials.survival_designs.records import remarks_of
from debulk.trials.survival_designs.stopping import one_look, stopping_of
from debulk.trials.survival_designs.timing import unreachable
from debulk.trials.survival_designs.trial_design import TrialDesign

_ALREADY_WHOLE = 1e-6
"""A number this close above a whole one is that number, off by rounding."""
_LARGEST_BLOCK = 60


def rounded_design(design: TrialDesign) -> TrialDesign:
    """The design with whole events at every look and whole patients in both arms.

    Events are rounded up at every look, patients up to a multiple of the smallest block that
    has the allocation (2 for 1 : 1, 3 for 2 : 1). Accrual goes on longer where its rates were
    given, else its rates rise. Months, boundaries at the new information, and power follow.

    Parameters
    ----------
    design : TrialDesign
        As solved.

    Raises
    ------
    InputError
        If the whole events cannot be reached by the whole patients.
    """
    block = _block(design.allocation)
    patients = _up(design.patients / block) * block
    accrual = _accrual(design, patients)
    events = np.array([float(_up(look.events)) for look in design.looks])
    if bool(np.any(np.diff(events) <= 0.0)):
        found = "two looks have the same number of whole events"
        raise InputError("rounded", found, "Plan fewer looks, or more events")
    model, boundaries = _model(design, events)
    months = model.alternative.month_of(accrual, events)
    if math.isnan(float(months[-1])):
        raise unreachable("rounded", float(events[-1]), accrual, model.alternative)
    found_looks = outlook(model, accrual, months, events)
    whole = dataclasses.replace(
        design,
        accrual=accrual,
        boundaries=boundaries,
        events=float(events[-1]),
        patients=float(patients),
        duration_months=float(months[-1]),
        power=found_looks.power,
        looks=found_looks.looks,
        expected_null=found_looks.null,
        expected_alternative=found_looks.alternative,
    )
    return dataclasses.replace(
        whole, parameters=_parameters(whole), remarks=remarks_of(whole, model)
    )


def _model(design: TrialDesign, events: Floats) -> tuple[Model, Boundaries | None]:
    strata = design.strata or (Stratum(1.0, design.hazard_control, design.hazard_ratio),)
    boundaries = design.boundaries
    if boundaries is None:
        stopping = one_look(design.looks[0].efficacy_z or 0.0, design.sided)
    else:
        boundaries = solve(events / events[-1], boundaries.rule)
        stopping = stopping_of(boundaries)
    model = Model(
        strata, design.dropout, design.null_ratio, design.allocation, design.formula, stopping
    )
    return model, boundaries


def _block(allocation: float) -> int:
    share = Fraction(allocation).limit_denominator(_LARGEST_BLOCK)
    if share.numerator == 0 or abs(float(share) / allocation - 1.0) > _ALREADY_WHOLE:
        return 1
    return share.numerator + share.denominator


def _accrual(design: TrialDesign, patients: int) -> Accrual:
    before = design.accrual
    if not design.fixed_rates or before.rates[-1] <= 0.0:
        return before.scaled(patients / design.patients)
    longer = (patients - design.patients) / before.rates[-1]
    return Accrual(before.starts_months, before.rates, before.end_months + longer)


def _up(value: float) -> int:
    return math.ceil(value * (1.0 - _ALREADY_WHOLE * 1e-3))


def _parameters(design: TrialDesign) -> tuple[Parameter, ...]:
    new = {
        "accrual": design.accrual,
        "power": design.power,
        "events": design.events,
        "patients": design.patients,
        "follow_up": design.duration_months - design.accrual.end_months,
        "duration_months": design.duration_months,
    }
    return tuple(
        dataclasses.replace(each, value=new[each.name], status="derived", source="whole numbers")
        if each.name in new
        else each
        for each in design.parameters
    )
