"""Ever against never treated from time zero: the comparison of most series, as a warning."""

from __future__ import annotations

import numpy as np

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
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival.options import check_flag, check_kind

NAMES = ("never treated", "ever treated")

_IMMORTAL = (
    "Biased by construction (immortal time): who was ever treated had to live and stay eligible "
    "until then, so this comparison favours treatment even where treatment does nothing. It is "
    "shown as a warning, not as an answer."
)
_CRUDE_CURVES = "The curves are not adjusted; only the hazard ratio is."


def naive_ever_never(
    person_time: PersonTime,
    grace: GracePeriod,
    *,
    tau_months: float,
    conf_level: float = 0.95,
    curves: bool = True,
    adjusted: bool = False,
    model: WeightModel = SPLINES,
) -> Answer:
    """Compare patients who were ever treated with those who never were, from time zero.

    Parameters
    ----------
    person_time : PersonTime
    grace : GracePeriod
        Only whether it is staged matters: treated then means that the share was reached.
    tau_months : float
        Horizon of risk and restricted mean, up to the smaller of the groups' last times.
    conf_level : float
    curves : bool
        Whether curves are made.
    adjusted : bool
        Whether the hazard ratio is adjusted for covariates at time zero; risk and restricted mean
        are then not given, since they would answer another question.
    model : WeightModel
        Terms of the adjustment.

    Returns
    -------
    Answer
        Of contrast "strategies": it is read as one, wrongly.

    Raises
    ------
    InputError
        If nobody or everybody is treated, the horizon lies beyond a group's last time, or a
        covariate is not finite.
    """
    question = ask(person_time, grace, tau_months, conf_level, curves)
    check_flag(adjusted, "adjusted")
    check_kind(model, WeightModel, "model")
    treated = question.ever
    refuse_one_group(treated, "at any time")
    groups = TwoGroups(
        person_time.entry_months,
        person_time.time_months,
        person_time.cause,
        treated,
        0.0,
        question.tau_months,
        question.conf_level,
        NAMES,
        causes=causes_of(person_time.cause),
    )
    rmst, risk = differences(groups)
    terms: tuple[str, ...] = ()
    if adjusted:
        everyone = np.ones(person_time.patients, dtype=np.bool_)
        others, terms = baseline_terms(person_time, everyone, model)
        ratio = hazard_ratio(groups, others, terms)
    else:
        ratio = hazard_ratio(groups)
    kind = ", adjusted for covariates at time zero" if adjusted else ""
    return Answer(
        method="naive, adjusted" if adjusted else "naive",
        title=f"Ever against never treated, from time zero{kind}",
        contrast="strategies",
        estimand="No causal contrast: patients are grouped by what happened to them later.",
        hazard_ratio=ratio,
        rmst_difference=None if adjusted else rmst,
        risk_difference=None if adjusted else risk,
        tau_months=question.tau_months,
        patients=groups.patients,
        events=groups.events,
        curves=curves_of(groups) if curves else (),
        caveats=(
            _IMMORTAL,
            *((_CRUDE_CURVES,) if adjusted and curves else ()),
            *question.caveats,
        ),
        interval="Model-based for the hazard ratio; squared influences for the differences.",
        details={"immortal_months": _immortal_months(question), "terms": terms},
    )


def _immortal_months(question: MethodQuestion) -> float:
    """Mean months from entry to treatment among the treated: time in which they could not die."""
    waited = question.treated_months - question.person_time.entry_months
    return float(np.mean(np.maximum(waited[question.ever], 0.0)))
