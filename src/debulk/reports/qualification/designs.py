"""Boundaries, sample sizes and powers computed anew, under the names of their reference numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from debulk.trials.boundaries.families import WangTsiatis
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.designing import survival_design


def design_numbers() -> dict[str, float]:
    """Numbers of trial designs, by the name of their reference number."""
    return {**_bounds(), **_sample_sizes(), **_with_looks(), **_power()}


def _bounds() -> dict[str, float]:
    halves = (0.5, 0.75, 1.0)
    rules: dict[str, Any] = {
        "Z, O'Brien-Fleming, 3 looks": (_even(3), {"efficacy": "obrien-fleming"}),
        "Z, Pocock, 5 looks, two-sided": (
            _even(5),
            {"efficacy": "pocock", "alpha": 0.05, "sided": 2},
        ),
        "Z, Wang-Tsiatis 0.25, 4 looks": (_even(4), {"efficacy": WangTsiatis(0.25)}),
        "Z, O'Brien-Fleming spending, 50, 75 and 100 %": (
            halves,
            {"efficacy": Spending("obrien-fleming")},
        ),
        "Z, Pocock spending, 4 looks": (_even(4), {"efficacy": Spending("pocock")}),
        "Z, Kim-DeMets 2, 3 looks": (_even(3), {"efficacy": Spending("kim-demets", 2.0)}),
        "Z, Hwang-Shih-DeCani -4, 3 looks": (
            _even(3),
            {"efficacy": Spending("hwang-shih-decani", -4.0)},
        ),
    }
    numbers: dict[str, float] = {}
    for name, (information, rule) in rules.items():
        numbers |= _each(name, group_sequential(information, **rule).efficacy_z)
    futile = group_sequential(
        (0.4, 0.7, 1.0),
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -2.0),
        beta=0.2,
    )
    assert futile.futility_z is not None
    name = "futility Z, Hwang-Shih-DeCani -2, 40 and 70 %"
    return numbers | _each(name, futile.futility_z[:-1])


def _sample_sizes() -> dict[str, float]:
    two_sided: dict[str, Any] = {
        "alpha": 0.05,
        "sided": 2,
        "power": 0.8,
        "accrual": 60.0,
        "follow_up": 24.0,
    }
    early = survival_design(hazard_ratio=0.75, median_control=18.0, dropout=0.02, **two_sided)
    late = survival_design(hazard_ratio=27.5 / 33.5, median_control=27.5, **two_sided)
    freedman = survival_design(
        hazard_ratio=0.75, median_control=18.0, formula="freedman", **two_sided
    )
    margin = survival_design(
        hazard_ratio=1.0,
        null_ratio=1.3,
        median_control=40.0,
        power=0.9,
        accrual=48.0,
        follow_up=24.0,
    )
    return {
        "events, 6 months on 18 (hazard ratio 0.75)": early.events,
        "patients, 6 months on 18 (hazard ratio 0.75)": early.patients,
        "events, 6 months on 27.5": late.events,
        "patients, 6 months on 27.5": late.patients,
        "events, non-inferiority, margin 1.3": margin.events,
        "events, Freedman": freedman.events,
    }


def _with_looks() -> dict[str, float]:
    design = survival_design(
        hazard_ratio=0.7,
        median_control=20.0,
        power=0.9,
        accrual=36.0,
        follow_up=12.0,
        allocation=2.0,
        boundaries=group_sequential((0.5, 0.75, 1.0), efficacy=Spending("obrien-fleming")),
    )
    critical = [each.critical_hazard_ratio or 0.0 for each in design.looks]
    return {
        **_each(
            "events by look, hazard ratio 0.7, allocation 2 : 1",
            [each.events for each in design.looks],
        ),
        "patients, hazard ratio 0.7, allocation 2 : 1": design.patients,
        **_each("critical hazard ratio, allocation 2 : 1", critical),
    }


def _power() -> dict[str, float]:
    design = survival_design(
        hazard_ratio=0.75, median_control=27.5, patients=382, events=300, accrual=60.0
    )
    return {
        "power, 300 events, hazard ratio 0.75": design.power,
        "month of 300 events, 382 patients": design.duration_months,
    }


def _even(looks: int) -> tuple[float, ...]:
    return tuple((look + 1) / looks for look in range(looks))


def _each(name: str, values: Iterable[float]) -> dict[str, float]:
    return {f"{name}/{number}": float(value) for number, value in enumerate(values, start=1)}
