"""Designs for tests other than the log-rank test: weighted, MaxCombo, RMST, milestone, one arm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from debulk.core.provenance import Parameter, Status
from debulk.core.results import plain
from debulk.reports.design.asking.curves import calendar_of
from debulk.reports.design.asking.given import Given, written
from debulk.reports.design.asking.planning import Question
from debulk.reports.design.asking.reading import placed
from debulk.reports.design.asking.result import DEFAULT_ENDPOINT, provenance_of, rules_of

if TYPE_CHECKING:
    from debulk.trials.nonproportional.designs import NonproportionalDesign, NonproportionalLook
    from debulk.trials.nonproportional.single_arm import SingleArmDesign
    from debulk.trials.survival_designs.assumptions import Dropout, Stratum


def other_answer(
    given: Given, question: Question, name: str, numbers: tuple[float, ...]
) -> dict[str, Any]:
    """The answer for a test other than the log-rank test.

    Parameters
    ----------
    given : Given
    question : Question
    name : str
        The test.
    numbers : tuple of float
        After its colon.

    Raises
    ------
    InputError
        With the option or the line, if there is no such design.
    """
    renamed = {"tau": "test", "at": "test", "fractions": "looks", "weighting": "test"}
    with placed(given, boundaries="looks", alternative="hazard_ratio", **renamed):
        design = _designer(question, name, numbers)
        whole = design.rounded()
    blocks = {"solved": _size(design, question), "whole": _size(whole, question)}
    shown = "whole" if given.get("whole") else "solved"
    boundaries = question.boundaries
    found = {
        **blocks[shown],
        **blocks,
        "numbers": shown,
        "shown": [shown] if given.get("whole") or given.get("exact") else list(blocks),
        "test": name + (f":{','.join(written(each) for each in numbers)}" if numbers else ""),
        "endpoint": given.get("endpoint", DEFAULT_ENDPOINT),
        **_assumptions(design, question),
        "boundaries": None if boundaries is None else boundaries.to_dict(),
        "formula": None,
        "source": design.source,
        "details": design.details,
        "goal": None,
        "dilution": None,
        "rules": rules_of(given, has_looks=boundaries is not None),
        "simulation": None,
        "command": given.command(),
        "provenance": provenance_of(
            given, _parameters(given, design, question), _remarks(name, question)
        ),
        "curves": _calendar(name, whole, question),
    }
    return plain(found)  # type: ignore[no-any-return]


def _remarks(name: str, question: Question) -> tuple[str, ...]:
    if name != "fleming-harrington" or question.boundaries is None:
        return ()
    return (
        "The boundaries are made for the shares of events. Looks at a weighted statistic are "
        "correlated otherwise, so that the type I error is not exactly alpha.",
    )


def _designer(
    question: Question, name: str, numbers: tuple[float, ...]
) -> NonproportionalDesign | SingleArmDesign:
    given = question.arguments
    shared = {key: given[key] for key in ("alpha", "sided", "power", "patients", "follow_up")
              if key in given}  # fmt: skip
    assumed = {key: given[key] for key in ("median_control", "hazard_control", "accrual",
               "dropout", "allocation", "strata") if key in given}  # fmt: skip
    if name == "one-sample":
        from debulk.trials.nonproportional.single_arm import one_sample_logrank_design

        return one_sample_logrank_design(hazard_ratio=question.hazard_ratio, **assumed, **shared)
    from debulk.trials.nonproportional.alternative import Alternative

    alternative = Alternative(hazard_ratio=question.hazard_ratio, **assumed)
    make: Callable[..., NonproportionalDesign]
    own: dict[str, Any] = {}
    if name == "rmst":
        from debulk.trials.nonproportional.curve_designs import rmst_design as make

        own["tau"] = numbers[0]
    elif name == "milestone":
        from debulk.trials.nonproportional.curve_designs import milestone_design as make

        own["at"] = numbers[0]
    elif name == "average-hazard-ratio":
        from debulk.trials.nonproportional.average_effect import (
            average_hazard_ratio_design as make,
        )

        own["boundaries"] = question.boundaries
    elif name == "max-combo":
        from debulk.trials.nonproportional.combined import max_combo_design as make

        if question.boundaries is not None:
            own["fractions"] = question.boundaries.information.tolist()
            own["alpha_spent"] = question.boundaries.alpha_spent.tolist()
    else:
        from debulk.survival.rank.weightings import FlemingHarrington
        from debulk.trials.nonproportional.rank_designs import weighted_logrank_design as make

        own["weighting"] = FlemingHarrington(*numbers)
        own["boundaries"] = question.boundaries
    return make(alternative, **shared, **own)


def _size(design: Any, question: Question) -> dict[str, Any]:
    looks = getattr(design, "looks", None)
    rows = [_look(each, design) for each in looks] if looks else [_only_look(design)]
    return {
        "events": design.events,
        "patients": design.patients,
        "duration_months": design.duration_months,
        "power": design.power,
        "accrual": _accrual(design, question),
        "follow_up_months": design.follow_up_months,
        "looks": rows,
        "expected_null": None,
        "expected_alternative": None,
        "null_world": _null_world(design, question),
    }


def _accrual(design: Any, question: Question) -> dict[str, Any]:
    given = question.arguments["accrual"]
    end = design.accrual_months
    rows = given if isinstance(given, tuple) else ((0.0, design.patients / end),)
    kept = [(start, rate) for start, rate in rows if start < end]
    return {
        "starts_months": [start for start, _ in kept],
        "rates": [rate for _, rate in kept],
        "end_months": end,
        "patients": design.patients,
    }


def _look(look: NonproportionalLook, design: Any) -> dict[str, Any]:
    ratio = None
    if design.test.startswith("average") and math.isfinite(look.efficacy_z):
        ratio = math.exp(-look.efficacy_z / math.sqrt(look.information_null))
    return {
        "information": look.fraction,
        "events": look.events,
        "month": look.month,
        "patients": look.patients,
        "efficacy_z": look.efficacy_z,
        "futility_z": look.futility_z,
        "harm_z": None,
        "critical_hazard_ratio": ratio,
        "futility_hazard_ratio": None,
        "harm_hazard_ratio": None,
        "efficacy_alternative": look.crossing,
        "average_hazard_ratio": look.average_hazard_ratio,
        "nominal_p": None if "combo" in design.test.lower() else _two_tails(look, design),
    }


def _two_tails(look: NonproportionalLook, design: Any) -> float:
    return float(design.sided * 0.5 * math.erfc(look.efficacy_z / math.sqrt(2.0)))


def _only_look(design: Any) -> dict[str, Any]:
    return {
        "information": 1.0,
        "events": design.events,
        "month": design.duration_months,
        "patients": design.patients,
        "efficacy_z": design.critical_z,
        "futility_z": None,
        "harm_z": None,
        "critical_hazard_ratio": None,
        "futility_hazard_ratio": None,
        "harm_hazard_ratio": None,
        "efficacy_alternative": design.power,
        "nominal_p": design.alpha,
    }


def _null_world(design: Any, question: Question) -> dict[str, Any]:
    """Without an effect every statistic here is normal around 0 with the looks' correlation."""
    from debulk.reports.design.asking.result import null_rows

    level = design.alpha / design.sided
    if question.boundaries is None:
        opposite = level if design.sided == 2 else 0.0
        rows = [{"efficacy": level, "futility": 0.0, "harm": 0.0, "opposite": opposite}]
    else:
        rows = null_rows(question.boundaries, 0.0)
    total = sum(value for row in rows for value in row.values())
    return {
        "hazard_ratio": 1.0,
        "looks": rows,
        "benefit": sum(row["efficacy"] for row in rows),
        "none": max(0.0, 1.0 - total),
    }


@dataclass(frozen=True)
class Assumed:
    """What is assumed, in the form that designs by the log-rank test have.

    Attributes
    ----------
    strata : tuple of Stratum
        With pieces; one for an unstratified trial.
    dropout : Dropout
    stratified : bool
    """

    strata: tuple[Stratum, ...]
    dropout: Dropout
    stratified: bool


def _assumed(question: Question) -> Assumed:
    from debulk.trials.survival_designs.assumptions import Stratum
    from debulk.trials.survival_designs.reading import (
        RATIOS,
        read_control,
        read_dropout,
        read_pieces,
        read_strata,
    )

    given = question.arguments
    ratio = read_pieces(question.hazard_ratio, "hazard_ratio", RATIOS)
    if "strata" in given:
        strata = read_strata(given["strata"], ratio)
    else:
        hazard = read_control(given.get("median_control"), given.get("hazard_control"))
        strata = (Stratum(1.0, hazard, ratio),)
    return Assumed(strata, read_dropout(given.get("dropout", 0.0)), "strata" in given)


def _calendar(name: str, whole: Any, question: Question) -> dict[str, Any] | None:
    """Patients and events over calendar time; power by effect is not worked out for these."""
    if name == "one-sample":
        return None
    from debulk.trials.survival_designs.assumptions import Accrual

    assumed, course = _assumed(question), _accrual(whole, question)
    accrual = Accrual(
        tuple(course["starts_months"]), tuple(course["rates"]), float(course["end_months"])
    )
    allocation = question.arguments.get("allocation", 1.0)
    rows = calendar_of(assumed.strata, assumed.dropout, allocation, accrual, whole.duration_months)
    return {"power": None, "calendar": rows}


def _assumptions(design: Any, question: Question) -> dict[str, Any]:
    from debulk.reports.design.asking.result import medians_of

    given, assumed = question.arguments, _assumed(question)
    first, lost = assumed.strata[0], assumed.dropout
    return {
        "hazard_ratio": first.hazard_ratio,
        "planned_hazard_ratio": question.hazard_ratio,
        "hazard_control": first.hazard_control,
        "medians": medians_of(assumed.strata),
        "null_ratio": 1.0,
        "alpha": design.alpha,
        "sided": design.sided,
        "allocation": given.get("allocation", 1.0),
        "dropout": {
            "experimental": -math.expm1(-12.0 * lost.experimental),
            "control": -math.expm1(-12.0 * lost.control),
        },
        "strata": assumed.strata if assumed.stratified else None,
    }


def _parameters(given: Given, design: Any, question: Question) -> tuple[Parameter, ...]:
    """Every number: assumptions, choices, and what follows."""
    assumed = _assumed(question)
    values: dict[str, Any] = {
        "hazard_ratio": assumed.strata[0].hazard_ratio,
        "hazard_control": assumed.strata[0].hazard_control,
        "accrual": question.arguments["accrual"],
        "dropout": assumed.dropout,
        "follow_up": design.follow_up_months,
        "allocation": question.arguments.get("allocation", 1.0),
        "alpha": design.alpha,
        "sided": design.sided,
        "power": design.power,
        "patients": design.patients,
        "events": design.events,
        "duration_months": design.duration_months,
    }
    if assumed.stratified:
        del values["hazard_ratio"], values["hazard_control"]
        values = {"strata": assumed.strata, **values}
    if question.boundaries is not None:
        values["boundaries"] = question.boundaries.rule
    return tuple(_parameter(name, value, given) for name, value in values.items())


_ASSUMED = ("hazard_ratio", "hazard_control", "strata", "accrual", "dropout")
_DERIVED = ("power", "patients", "events", "duration_months")


def _parameter(name: str, value: Any, given: Given) -> Parameter:
    options = {"strata": ("stratum",), "hazard_control": ("hazard_control", "median_control"),
               "boundaries": ("looks",)}.get(name, (name,))  # fmt: skip
    status: Status = "chosen" if any(each in given for each in options) else "default"
    source = {"chosen": "the call", "default": "the program's default"}[status]
    if status == "default" and name in _DERIVED:
        status, source = "derived", "the other parameters"
    return Parameter(name, value, status, "assumption" if name in _ASSUMED else source)
