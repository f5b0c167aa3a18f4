"""Designs for tests other than the log-rank test: weighted, MaxCombo, RMST, milestone, one arm."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from debulk.cli.trial_design.given import Given, written
from debulk.cli.trial_design.planning import Question
from debulk.cli.trial_design.reading import one, placed
from debulk.cli.trial_design.result import DEFAULT_ENDPOINT, provenance_of, rules_of
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter, Status
from debulk.core.results import plain

if TYPE_CHECKING:
    from debulk.trials.nonproportional.designs import NonproportionalDesign, NonproportionalLook
    from debulk.trials.nonproportional.single_arm import SingleArmDesign

TESTS: Mapping[str, tuple[str, ...]] = {
    "logrank": (),
    "fleming-harrington": ("RHO", "GAMMA"),
    "max-combo": (),
    "rmst": ("MONTHS",),
    "milestone": ("MONTHS",),
    "average-hazard-ratio": (),
    "one-sample": (),
}
"""Tests and the numbers after their colon."""

_NEVER = ("gain_months", "front_median", "null_ratio", "not_treated", "crossover", "events",
          "formula", "harm", "harm_alpha", "simulate", "seed")  # fmt: skip
_WITH_LOOKS = ("fleming-harrington", "max-combo", "average-hazard-ratio")


def chosen_test(given: Given) -> tuple[str, tuple[float, ...]]:
    """Name and numbers of the test.

    Parameters
    ----------
    given : Given

    Raises
    ------
    InputError
        If there is no such test, or its numbers are missing or superfluous.
    """
    where = given.place("test")
    name, colon, rest = given.get("test", "logrank").strip().partition(":")
    if name not in TESTS:
        raise InputError(where, f"there is no test {name!r}", nearest(name, TESTS))
    wanted = TESTS[name]
    example = {"fleming-harrington": "fleming-harrington:0,1"}.get(name, f"{name}:36")
    parts = rest.split(",") if colon else []
    if len(parts) != len(wanted):
        remedy = f"Give {name}" if not wanted else f"Give {':'.join((name, ','.join(wanted)))}"
        raise InputError(where, f"{name} takes {len(wanted)} numbers, not {len(parts)}", remedy)
    return name, tuple(one(part, where, f"Give {example}") for part in parts)


def check_together(given: Given, name: str) -> None:
    """Refuse options that a test does not take.

    Parameters
    ----------
    given : Given
    name : str
        The test.

    Raises
    ------
    InputError
        With the option, or the file and line.
    """
    for each in _NEVER:
        if each in given:
            found = f"is not offered with the test {name}"
            raise InputError(given.place(each), found, "Leave it out, or use the test logrank")
    if "follow_up" not in given:
        found = f"is needed with the test {name}"
        raise InputError(given.place("follow_up"), found, "Give --follow-up MONTHS")
    no_looks = name not in _WITH_LOOKS
    if no_looks and "looks" in given:
        found = f"looks are not offered with the test {name}"
        raise InputError(given.place("looks"), found, "Leave them out: one analysis at the end")
    if name == "one-sample":
        for each in ("stratum", "allocation"):
            if each in given:
                raise InputError(given.place(each), "there is one arm", "Leave it out")
    if name == "max-combo" and "futility" in given:
        found = "is not offered with the test max-combo"
        raise InputError(given.place("futility"), found, "Leave it out")


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
        "provenance": provenance_of(given, _parameters(given, design), _remarks(name, question)),
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
    from debulk.cli.trial_design.result import null_rows

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


def _assumptions(design: Any, question: Question) -> dict[str, Any]:
    from debulk.cli.trial_design.result import medians_of
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
        hazard = strata[0].hazard_control
    else:
        hazard = read_control(given.get("median_control"), given.get("hazard_control"))
        strata = (Stratum(1.0, hazard, ratio),)
    lost = read_dropout(given.get("dropout", 0.0))
    return {
        "hazard_ratio": ratio,
        "planned_hazard_ratio": question.hazard_ratio,
        "hazard_control": hazard,
        "medians": medians_of(strata),
        "null_ratio": 1.0,
        "alpha": design.alpha,
        "sided": design.sided,
        "allocation": given.get("allocation", 1.0),
        "dropout": {
            "experimental": -math.expm1(-12.0 * lost.experimental),
            "control": -math.expm1(-12.0 * lost.control),
        },
        "strata": strata if "strata" in given else None,
    }


def _parameters(given: Given, design: Any) -> tuple[Parameter, ...]:
    def status(name: str, otherwise: Status) -> Status:
        return "chosen" if name in given else otherwise

    rows: list[tuple[str, Any, Status]] = [
        ("alpha", design.alpha, status("alpha", "default")),
        ("sided", design.sided, status("sided", "default")),
        ("power", design.power, status("power", "derived")),
        ("patients", design.patients, status("patients", "derived")),
        ("events", design.events, "derived"),
        ("duration_months", design.duration_months, "derived"),
    ]
    sources = {"chosen": "the call", "default": "the program's default",
               "derived": "the other parameters"}  # fmt: skip
    return tuple(Parameter(name, value, kind, sources[kind]) for name, value, kind in rows)
