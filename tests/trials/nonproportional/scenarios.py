"""Alternatives on which formulas and simulated trials are compared."""

from __future__ import annotations

from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.survival_designs.assumptions import Stratum

FOLLOW_UP = 24.0

SCENARIOS: dict[str, tuple[int, Alternative]] = {
    "proportional": (
        400,
        Alternative(hazard_ratio=0.7, median_control=14, accrual=24, dropout=0.05),
    ),
    "delay of 3 months": (
        400,
        Alternative(
            hazard_ratio=((0, 1.0), (3, 0.65)), median_control=14, accrual=24, dropout=0.05
        ),
    ),
    "delay of 6 months, unequal drop-out": (
        500,
        Alternative(
            hazard_ratio=((0, 1.0), (6, 0.55)), median_control=12, accrual=30, dropout=(0.2, 0.05)
        ),
    ),
    "crossing at 4 months": (
        500,
        Alternative(hazard_ratio=((0, 1.5), (4, 0.6)), median_control=18, accrual=24, dropout=0.05),
    ),
    "crossing at 3 months, strong": (
        400,
        Alternative(hazard_ratio=((0, 2.0), (3, 0.5)), median_control=16, accrual=36, dropout=0.05),
    ),
    "crossing, two to one, accrual that rises": (
        450,
        Alternative(
            hazard_ratio=((0, 1.4), (3, 0.6)),
            median_control=15,
            accrual=((0, 5), (6, 12), (12, 20)),
            dropout=0.1,
            allocation=2,
        ),
    ),
    "cure": (
        500,
        Alternative(
            hazard_ratio=0.7, hazard_control=((0, 0.04), (18, 0.015), (36, 0.0)), accrual=24
        ),
    ),
    "cure after early harm": (
        600,
        Alternative(
            hazard_ratio=((0, 1.5), (3, 0.6)),
            hazard_control=((0, 0.04), (18, 0.015), (36, 0.0)),
            accrual=24,
            dropout=0.05,
        ),
    ),
    "effect that fades": (
        400,
        Alternative(
            hazard_ratio=((0, 0.5), (8, 0.8), (16, 1.1)),
            median_control=12,
            accrual=24,
            dropout=0.05,
        ),
    ),
    "two strata": (
        400,
        Alternative(
            hazard_ratio=((0, 1.2), (4, 0.6)),
            strata=(Stratum(0.4, 0.08), Stratum(0.6, 0.03, 0.6)),
            accrual=24,
            dropout=0.05,
        ),
    ),
    "delay, one to two": (
        450,
        Alternative(
            hazard_ratio=((0, 1.0), (4, 0.6)),
            median_control=14,
            accrual=24,
            dropout=0.1,
            allocation=0.5,
        ),
    ),
    "harm, benefit, nothing": (
        500,
        Alternative(
            hazard_ratio=((0, 1.3), (3, 0.5), (18, 1.0)),
            hazard_control=((0, 0.03), (6, 0.06), (24, 0.03)),
            accrual=30,
            dropout=0.05,
        ),
    ),
    "rising benefit": (
        400,
        Alternative(
            hazard_ratio=((0, 0.95), (6, 0.75), (12, 0.5)),
            median_control=16,
            accrual=18,
            dropout=0.05,
        ),
    ),
}
"""Patients, and what is true, by name."""
