"""Numbers behind the pictures: power by effect, and patients and events by calendar month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError

if TYPE_CHECKING:
    from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Pieces, Stratum
    from debulk.trials.survival_designs.trial_design import TrialDesign

_EFFECTS, _EFFECTS_BY_DESIGN = 36, 16
"""Effects drawn: where power follows from events alone, and where each needs a design anew."""
_MONTHS = 121
FEWER, MORE = 0.8, 1.2
"""Shares of the planned events between which the band of power lies."""
_WEAKEST, _WIDEST = -0.5, 2.0
"""Effects drawn, in times of the planned one on the log scale."""


def curves_of(design: TrialDesign) -> dict[str, Any]:
    """Everything the pictures need beyond the table of looks.

    Parameters
    ----------
    design : TrialDesign

    Returns
    -------
    dict
        `power`: rows of effect and power; `calendar`: rows of month, patients, and events under
        the design's hazard ratio and without effect.
    """
    from debulk.trials.survival_designs.assumptions import Stratum

    strata = design.strata or (Stratum(1.0, design.hazard_control, design.hazard_ratio),)
    calendar = calendar_of(
        strata, design.dropout, design.allocation, design.accrual, design.duration_months
    )
    return {"power": _power(design), "calendar": calendar}


def _power(design: TrialDesign) -> dict[str, Any]:
    """Power of the same events and patients under other effects."""
    constant = design.strata is None and len(design.hazard_ratio) == 1
    rows = []
    by_events = constant and design.formula != "lachin-foulkes"
    for share in np.linspace(_WEAKEST, _WIDEST, _EFFECTS if by_events else _EFFECTS_BY_DESIGN):
        try:
            if by_events:
                power, fewer, more = (_by_events(design, float(share), n) for n in (1, FEWER, MORE))
            else:
                power, fewer, more = _with_effect(design, float(share)).power, None, None
        except InputError:  # so strong that the events are never reached
            continue
        ratio = _raised(design.hazard_ratio, float(share), design.null_ratio)[0][1]
        row: dict[str, float | None] = {
            "share": float(share),
            "hazard_ratio": ratio,
            "power": power,
        }
        rows.append(row | {"power_fewer_events": fewer, "power_more_events": more})
    return {"by": "hazard_ratio" if constant else "share", "rows": rows}


def _by_events(design: TrialDesign, share: float, events_share: float) -> float:
    """The same where power depends on events and one hazard ratio alone: much faster."""
    from debulk.trials.survival_designs.formulas import Contrast
    from debulk.trials.survival_designs.stopping import one_look, stopping_of

    ratio = _raised(design.hazard_ratio, share, design.null_ratio)[0][1]
    contrast = Contrast(design.formula, design.null_ratio, design.allocation)
    if design.boundaries is None:
        stopping = one_look(design.looks[0].efficacy_z or 0.0, design.sided)
    else:
        stopping = stopping_of(design.boundaries)
    drift = contrast.drift_of_one_event(math.log(ratio)) * math.sqrt(design.events * events_share)
    return stopping.power(drift)


def _with_effect(design: TrialDesign, share: float) -> TrialDesign:
    """The same trial where the effect is a share of the planned one on the log scale."""
    from debulk.trials.survival_designs.assumptions import Stratum
    from debulk.trials.survival_designs.designing import survival_design

    margin = design.null_ratio
    strata = None
    if design.strata is not None:
        strata = tuple(
            Stratum(
                each.share,
                each.hazard_control,
                _raised(each.hazard_ratio, share, margin),
                each.name,
            )
            for each in design.strata
        )
    starts, rates = design.accrual.starts_months, design.accrual.rates
    return survival_design(
        hazard_ratio=_raised(design.hazard_ratio, share, margin),
        hazard_control=design.hazard_control if strata is None else None,
        strata=strata,
        null_ratio=margin,
        alpha=design.alpha,
        sided=design.sided,
        events=design.events,
        patients=design.patients,
        allocation=design.allocation,
        accrual=(*zip(starts, rates, strict=True), (design.accrual.end_months * (1 + 1e-9), 0.0)),
        dropout=tuple(
            -np.expm1(-12.0 * each)
            for each in (design.dropout.experimental, design.dropout.control)
        ),
        boundaries=design.boundaries,
        formula=design.formula,
    )


def _raised(pieces: Pieces, share: float, margin: float) -> Pieces:
    return tuple((start, margin * (value / margin) ** share) for start, value in pieces)


def calendar_of(
    strata: tuple[Stratum, ...],
    dropout: Dropout,
    allocation: float,
    accrual: Accrual,
    duration_months: float,
) -> list[dict[str, float]]:
    """Patients entered and events expected, month by month.

    Parameters
    ----------
    strata : tuple of Stratum
        With pieces; one for an unstratified trial.
    dropout : Dropout
    allocation : float
        Experimental : control.
    accrual : Accrual
    duration_months : float
        Month of the final analysis.
    """
    from debulk.trials.survival_designs.expectation import expectation

    last = max(duration_months, accrual.end_months)
    even = np.linspace(0.0, 1.08 * last, _MONTHS)[1:]
    months = np.unique(np.concatenate((even, (*accrual.starts_months[1:], accrual.end_months))))
    planned, none = (
        expectation(strata, dropout, allocation, ratio).events(accrual, months)
        for ratio in (None, 1.0)
    )
    rows = [{"month": 0.0, "patients": 0.0, "events": 0.0, "events_without_effect": 0.0}]
    rows += [
        {
            "month": float(month),
            "patients": accrual.entered_by(float(month)),
            "events": float(with_effect),
            "events_without_effect": float(without),
        }
        for month, with_effect, without in zip(months, planned, none, strict=True)
    ]
    return rows
