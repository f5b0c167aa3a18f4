"""Sample size, power and timing of a survival trial: from what is given to a design."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.survival.options import check_flag, check_share, check_word, one_number, shown
from debulk.trials.boundaries.bounds import Boundaries, check_boundaries
from debulk.trials.boundaries.solving import solve
from debulk.trials.survival_designs.assumptions import Accrual, Pieces, Stratum
from debulk.trials.survival_designs.event_probabilities import Floats
from debulk.trials.survival_designs.looks import outlook
from debulk.trials.survival_designs.model import Model
from debulk.trials.survival_designs.question import Question, Size, sized
from debulk.trials.survival_designs.reading import (
    COUNTS,
    RATIOS,
    read_accrual,
    read_control,
    read_dropout,
    read_follow_up,
    read_pieces,
    read_positive,
    read_strata,
)
from debulk.trials.survival_designs.records import parameters_of, remarks_of
from debulk.trials.survival_designs.stopping import MOST_DRIFT, one_look, stopping_of
from debulk.trials.survival_designs.timing import Timing
from debulk.trials.survival_designs.trial_design import Formula, TrialDesign

_SAME = 1e-9
"""Two statements of one number agree within this."""
_MOST_ROUNDS = 50
_SETTLED = 1e-10
"""Change of information that ends the rounds between size and timed looks."""


def survival_design(
    *,
    hazard_ratio: Any,
    median_control: float | None = None,
    hazard_control: Any = None,
    null_ratio: float = 1.0,
    alpha: float | None = None,
    sided: int | None = None,
    power: float | None = None,
    patients: float | None = None,
    events: float | None = None,
    follow_up: float | None = None,
    allocation: float = 1.0,
    accrual: Any,
    dropout: Any = 0.0,
    boundaries: Boundaries | None = None,
    binding: bool | None = None,
    formula: Formula = "schoenfeld",
    strata: Sequence[Stratum] | None = None,
    timing: Timing | Sequence[Timing | None] | None = None,
) -> TrialDesign:
    """Design a two-arm survival trial: events, patients, power and the months of its looks.

    Exactly two of *power or events*, *patients*, and *follow_up* are given; the third follows.

    Parameters
    ----------
    hazard_ratio : float or pieces
        Experimental against control, constant or ((start month, ratio), ...) since
        randomisation.
    median_control : float, optional
        Median survival of the control arm in months, exponential.
    hazard_control : float or pieces, optional
        Hazard of the control arm per month, in place of the median.
    null_ratio : float
        Hazard ratio of the null hypothesis: 1 for superiority, above 1 a non-inferiority margin.
    alpha : float, optional
        Level, total at `sided`; by default that of `boundaries`, else 0.025.
    sided : {1, 2}, optional
        By default that of `boundaries`, else 1.
    power : float, optional
        Probability to cross the efficacy boundary, above the one-sided level.
    patients : float, optional
        Both arms together.
    events : float, optional
        At the final analysis.
    follow_up : float, optional
        Months from the last patient's entry to the final analysis.
    allocation : float
        Experimental : control.
    accrual : float or pieces
        Months of uniform accrual, or ((start month, patients per month), ...); a last rate of 0
        ends accrual. Months, and pieces that end, scale their rates where patients follow from
        power or events and `follow_up`; pieces that do not end go on until the patients are in.
        Pieces that end also say how many patients there are, if neither `patients` nor
        `follow_up` is given.
    dropout : float or pair
        Probability of being lost within 12 months (exponential), both arms or (experimental,
        control).
    boundaries : Boundaries, optional
        Looks and boundaries from `group_sequential`; None is one analysis at the end.
    binding : bool, optional
        Only to state again what `boundaries` was made with.
    formula : {"schoenfeld", "freedman", "lachin-foulkes"}
        How events and patients follow from power.
    strata : sequence of Stratum, optional
        Strata of a stratified test, in place of `median_control` and `hazard_control`.
    timing : Timing or sequence of Timing or None, optional
        When the looks take place, one entry an interim look, or one a look with the final one
        last; None waits for the planned information. A final entry takes the place of
        `follow_up` beside `patients`. Boundaries are then made again at the information expected.

    Returns
    -------
    TrialDesign
        Events and patients as solved; its `rounded` makes them whole.

    Raises
    ------
    InputError
        If a number is out of range, options contradict each other, or patients, events or power
        cannot be reached.

    Notes
    -----
    Under hazard ratios that change over time or differ between strata, the expected Z rests on
    the logarithm of the hazard ratio averaged over the events expected by each look (Mukhopadhyay
    et al. 2020). With several looks the power counts every boundary as followed. Formulas:
    Schoenfeld (1981, 1983), Freedman (1982), Lachin and Foulkes (1986).
    """
    ratio = read_pieces(hazard_ratio, "hazard_ratio", RATIOS)
    each = _strata(ratio, median_control, hazard_control, strata)
    level, sides = _level(alpha, sided, boundaries, binding)
    check_word(formula, Formula, "formula")
    margin, balance = (
        read_positive(null_ratio, "null_ratio", RATIOS),
        read_positive(allocation, "allocation", RATIOS),
    )
    interim, final = _timing(timing, 1 if boundaries is None else len(boundaries.information))
    question = Question(
        read_accrual(accrual),
        _power(power, level / sides, boundaries),
        None if events is None else read_positive(events, "events", COUNTS),
        None if patients is None else read_positive(patients, "patients", COUNTS),
        None if follow_up is None else read_follow_up(follow_up),
        final,
    )
    question.check()
    stopping = one_look(float(-ndtri(level / sides)), sides)
    if boundaries is not None:
        stopping = stopping_of(boundaries)
    model = Model(each, read_dropout(dropout), margin, balance, formula, stopping)
    _check_effect(model, question)
    size, model, boundaries = _settled(question, model, boundaries, interim)
    chosen = {
        "alpha": alpha if boundaries is None else level,
        "sided": sided if boundaries is None else sides,
        "power": power,
        "events": events,
        "patients": patients,
        "follow_up": follow_up,
        "null_ratio": None if margin == 1.0 else margin,
        "allocation": None if balance == 1.0 else balance,
        "dropout": dropout if model.dropout.experimental + model.dropout.control > 0.0 else None,
        "formula": None if formula == "schoenfeld" else formula,
    }
    bare = assembled(size, model, boundaries, level)
    design = dataclasses.replace(
        bare,
        strata=None if strata is None else model.strata,
        fixed_rates=question.keeps_rates,
        timing=interim,
    )
    return dataclasses.replace(
        design, parameters=parameters_of(design, chosen), remarks=remarks_of(design, model)
    )


def assembled(size: Size, model: Model, boundaries: Boundaries | None, alpha: float) -> TrialDesign:
    """The design of a given size, before it says what was chosen.

    Parameters
    ----------
    size : Size
        Accrual and final month.
    model : Model
        With the boundaries of its looks.
    boundaries : Boundaries or None
        The same boundaries.
    alpha : float
        Level.
    """
    accrual = size.accrual
    events = model.events_at(accrual, size.month)
    months = model.look_months(accrual, size.month)
    found = outlook(model, accrual, months, events * model.stopping.information)
    first = model.strata[0]
    return TrialDesign(
        hazard_ratio=first.hazard_ratio,
        hazard_control=first.hazard_control,
        null_ratio=model.null_ratio,
        alpha=alpha,
        sided=model.stopping.sided,
        allocation=model.allocation,
        accrual=accrual,
        dropout=model.dropout,
        strata=None,
        boundaries=boundaries,
        formula=model.formula,
        events=events,
        patients=accrual.patients,
        duration_months=size.month,
        power=found.power,
        looks=found.looks,
        expected_null=found.null,
        expected_alternative=found.alternative,
    )


def _strata(
    ratio: Pieces, median_control: Any, hazard_control: Any, strata: Any
) -> tuple[Stratum, ...]:
    if strata is None:
        return (Stratum(1.0, read_control(median_control, hazard_control), ratio),)
    if median_control is not None or hazard_control is not None:
        found = "strata are given beside median_control or hazard_control"
        raise InputError("strata", found, "Give the hazards in the strata alone")
    return read_strata(strata, ratio)


def _level(alpha: Any, sided: Any, boundaries: Any, binding: Any) -> tuple[float, int]:
    """Level and sides, which must be those of the boundaries."""
    if alpha is not None:
        check_share(alpha, "alpha", "Give 0.025")
    if sided is not None and one_number(sided, "sided") not in (1.0, 2.0):
        raise InputError("sided", f"{shown(sided)} is neither 1 nor 2", "Give 1 or 2")
    if binding is not None:
        check_flag(binding, "binding")
    if boundaries is None:
        if binding:
            raise InputError("binding", "there are no boundaries", "Give boundaries")
        return 0.025 if alpha is None else float(alpha), 1 if sided is None else int(sided)
    check_boundaries(boundaries)
    if boundaries.plan is not None:
        found = "they were updated at the information observed"
        raise InputError("boundaries", found, "Give the boundaries as planned")
    if abs(float(boundaries.information[-1]) - 1.0) > _SAME:
        found = f"the last look is at information {boundaries.information[-1]:g}"
        raise InputError("boundaries", found, "Let the last look be at information 1")
    stated = (("alpha", alpha, boundaries.alpha), ("sided", sided, boundaries.sided))
    for name, given, own in (*stated, ("binding", binding, boundaries.binding)):
        if given is not None and abs(float(given) - float(own)) > _SAME:
            found = f"{shown(given)} contradicts the boundaries, made with {name}={own}"
            raise InputError(name, found, f"Leave {name} out, or make the boundaries with it")
    return float(boundaries.alpha), int(boundaries.sided)


def _power(power: Any, level: float, boundaries: Boundaries | None) -> float | None:
    if power is None:
        return None
    check_share(power, "power", "Give 0.8")
    found = float(power)
    if found <= level:
        text = f"{found:g} is not above the one-sided level {level:g}"
        raise InputError("power", text, "Give a higher power")
    beta = None if boundaries is None else boundaries.rule.beta
    if beta is not None and abs(found + beta - 1.0) > _SAME:
        text = f"{found:g} contradicts the boundaries, made with beta={beta:g}"
        raise InputError("power", text, "Make the boundaries with beta = 1 - power")
    return found


def _timing(timing: Any, looks: int) -> tuple[tuple[Timing | None, ...], Timing | None]:
    """Timing of the interim looks and of the final one."""
    if timing is None:
        return (), None
    entries = list(timing) if isinstance(timing, list | tuple) else [timing]
    if not entries or len(entries) not in (looks, looks - 1):
        found = f"holds {len(entries)} entries for {looks} looks"
        raise InputError("timing", found, "Give one an interim look, or one a look")
    for entry in entries:
        if entry is not None and not isinstance(entry, Timing):
            remedy = "Give Timing(events=...), Timing(calendar_month=...) or None"
            raise InputError("timing", f"{shown(entry)} is no Timing", remedy)
    final = entries.pop() if len(entries) == looks else None
    return tuple(entries) if any(each is not None for each in entries) else (), final


def _check_effect(model: Model, question: Question) -> None:
    """Refuse effects and formulas that do not fit each other."""
    margin = model.null_ratio
    if model.formula == "freedman" and margin != 1.0:
        found = f"null_ratio {margin:g} with the formula freedman"
        raise InputError("null_ratio", found, "Use schoenfeld or lachin-foulkes with a margin")
    if model.uses_variances and not model.is_proportional:
        found = "lachin-foulkes needs one hazard ratio for all times and strata"
        raise InputError("formula", found, "Use schoenfeld")
    if question.power is None:
        return
    least, most = (model.stopping.power(drift) for drift in (0.0, MOST_DRIFT))
    if not least < question.power <= most:
        found = f"under these boundaries the power lies between {least:g} and {most:g}"
        raise InputError("power", found, "Give a power between them, or other boundaries")
    if not model.is_proportional:
        return
    ratio = math.exp(float(model.alternative.log_ratio or 0.0))
    if abs(ratio / margin - 1.0) < 1e-12:
        found = f"{ratio:g} is the null hypothesis itself: no trial can tell them apart"
        raise InputError("hazard_ratio", found, "Give a hazard ratio below null_ratio")
    if ratio > margin:
        found = f"{ratio:g} is on the wrong side of null_ratio {margin:g}: it means harm"
        raise InputError("hazard_ratio", found, "Give a hazard ratio below null_ratio")


def _settled(
    question: Question,
    model: Model,
    boundaries: Boundaries | None,
    interim: tuple[Timing | None, ...],
) -> tuple[Size, Model, Boundaries | None]:
    """Size, with boundaries at the information that the timing of the looks leads to."""
    size = sized(question, model)
    if boundaries is None or not interim:
        return size, model, boundaries
    for _ in range(_MOST_ROUNDS):
        information = _information(model, size, interim)
        moved = float(np.max(np.abs(information - model.stopping.information)))
        if moved < _SETTLED:
            return size, model, boundaries
        boundaries = solve(information, boundaries.rule)
        model = dataclasses.replace(model, stopping=stopping_of(boundaries))
        size = sized(question, model, size.month)
    found = "the size of the trial and the information at its looks do not settle"
    raise InputError("timing", found, "Time the looks by information, or give patients")


def _information(model: Model, size: Size, interim: tuple[Timing | None, ...]) -> Floats:
    """Expected share of the final events at each look."""
    accrual: Accrual = size.accrual
    months = model.look_months(accrual, size.month)
    for k, each in enumerate(interim):
        if each is not None:
            months[k] = each.month(accrual, model.alternative)
    if bool(np.any(np.diff(months) <= 0.0)):
        shown_months = ", ".join(f"{month:.1f}" for month in months)
        remedy = "Let every look come after the one before and before the final analysis"
        raise InputError("timing", f"the looks come at months {shown_months}", remedy)
    events = model.alternative.events(accrual, months)
    return np.asarray(events / events[-1])
