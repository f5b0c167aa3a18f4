"""Treated by a landmark or not, among those alive and event-free there, from the landmark on."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.question import (
    SPLINES,
    MethodQuestion,
    ask,
    baseline_terms,
    refuse_one_group,
)
from debulk.emulation.methods.two_groups import (
    TwoGroups,
    causes_of,
    curves_of,
    differences,
    hazard_ratio,
)
from debulk.emulation.person_time import Flags, PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival.options import check_flag, check_kind, one_number

NAMES = ("not treated by the landmark", "treated by the landmark")

_SURVIVORS = (
    "Answers only for those who lived event-free to the landmark, and groups them by what they "
    "were given until then: deaths before it are not counted, and selection for treatment stays."
)
_CRUDE_CURVES = "The curves are not adjusted; only the hazard ratio is."


def landmark_groups(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
    landmark_months: float | None = None,
    adjusted: bool = False,
    model: WeightModel = SPLINES,
) -> Answer:
    """Compare by treatment up to a landmark, from the landmark on (Anderson and others 1983).

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
    tau_months : float
        Horizon of risk and restricted mean, counted from time zero and after the landmark.
    conf_level : float
    curves : bool
    landmark_months : float, optional
        Default the end of the grace period. A treatment on the day itself comes after it.
    adjusted : bool
        Whether the hazard ratio is adjusted for covariates at time zero; risk and restricted mean
        are then not given.
    model : WeightModel
        Terms of the adjustment.

    Returns
    -------
    Answer
        `details` counts who was left out, and why, by treatment before the landmark.

    Raises
    ------
    InputError
        If nobody is left at the landmark, nobody or everybody left was treated by it, the horizon
        does not lie between it and a group's last time, or a covariate is not finite.
    """
    question = ask(person_time, grace, tau_months, conf_level, curves)
    check_flag(adjusted, "adjusted")
    check_kind(model, WeightModel, "model")
    landmark = question.grace_months
    if landmark_months is not None:
        landmark = one_number(landmark_months, "landmark_months")
        if landmark <= 0.0:
            found = f"{landmark:g} is not above 0"
            raise InputError("landmark_months", found, "Give months after time zero")
    there, treated = at_landmark(question, landmark)
    groups = landmark_follow_up(question, landmark, there, treated, NAMES)
    rmst, risk = differences(groups)
    terms: tuple[str, ...] = ()
    if adjusted:
        others, terms = baseline_terms(person_time, there, model)
        ratio = hazard_ratio(groups, others, terms)
    else:
        ratio = hazard_ratio(groups)
    left_out = counts_left_out(question, landmark)
    kind = ", adjusted for covariates at time zero" if adjusted else ""
    return Answer(
        method="landmark, adjusted" if adjusted else "landmark",
        title=f"Treated or not by month {landmark:.4g}, from then on{kind}",
        contrast="strategies",
        estimand=f"Contrast by past treatment among those alive and event-free at {landmark:.4g}"
        " months: no strategy that could be chosen at time zero.",
        hazard_ratio=ratio,
        rmst_difference=None if adjusted else rmst,
        risk_difference=None if adjusted else risk,
        tau_months=question.tau_months,
        patients=groups.patients,
        events=groups.events,
        curves=curves_of(groups) if curves else (),
        caveats=(
            _SURVIVORS,
            words_of_left_out(left_out, landmark),
            *((_CRUDE_CURVES,) if adjusted and curves else ()),
            *question.caveats,
        ),
        interval="Model-based for the hazard ratio; squared influences for the differences.",
        details={"landmark_months": landmark, "left_out": left_out, "terms": terms},
    )


def at_landmark(question: MethodQuestion, landmark: float) -> tuple[Flags, Flags]:
    """Who is followed beyond the landmark, and who of all was treated before it.

    Raises
    ------
    InputError
        If nobody is left, or those left are all treated or all untreated.
    """
    there = question.person_time.time_months > landmark
    if not np.any(there):
        last = float(np.max(question.person_time.time_months))
        found = f"nobody is alive, event-free and followed at {landmark:g} months"
        raise InputError("landmark_months", found, f"Give a landmark below {last:.10g}")
    treated = question.treated_months < landmark
    refuse_one_group(treated[there], f"by the landmark of {landmark:g} months")
    return there, treated


def landmark_follow_up(
    question: MethodQuestion, landmark: float, there: Flags, treated: Flags, names: tuple[str, str]
) -> TwoGroups:
    """Follow-up from the landmark on of those who are there."""
    person_time = question.person_time
    return TwoGroups(
        np.maximum(person_time.entry_months[there], landmark),
        person_time.time_months[there],
        person_time.cause[there],
        treated[there],
        landmark,
        question.tau_months,
        question.conf_level,
        names,
        causes=causes_of(person_time.cause),
    )


def counts_left_out(question: MethodQuestion, landmark: float) -> dict[str, dict[str, int]]:
    """Patients gone by the landmark: how they left, by whether they had been treated."""
    person_time = question.person_time
    gone = person_time.time_months <= landmark
    ways = {
        "event": person_time.cause == 1,
        "competing event": person_time.cause > 1,
        "last seen": person_time.cause == 0,
    }
    sides = {"treated": question.ever, "untreated": ~question.ever}
    return {
        side: {way: int(np.count_nonzero(gone & which & how)) for way, how in ways.items()}
        for side, which in sides.items()
    }


def words_of_left_out(left_out: dict[str, dict[str, Any]], landmark: float) -> str:
    """The same in a sentence."""
    total = sum(sum(ways.values()) for ways in left_out.values())
    parts = [
        f"{count} {side} by {way}" if way != "last seen" else f"{count} {side} last seen"
        for side, ways in left_out.items()
        for way, count in ways.items()
        if count
    ]
    inside = f" ({', '.join(parts)})" if parts else ""
    return f"Left out by month {landmark:.4g}: {total} patients{inside}."
