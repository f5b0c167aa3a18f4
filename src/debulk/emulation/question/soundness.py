"""Checks of the question itself, before any method answers it: nothing of the future is used."""

from __future__ import annotations

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.check import Check, State
from debulk.emulation.checks.before_time_zero import check_prevalent_treatment
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.question.settings import Settings

_MOSTLY_MISSING = 0.4
"""From this share of patients on, an unknown covariate is said to be mostly a guess."""


def question_checks(found: EmulatedPatients, settings: Settings) -> tuple[Check, ...]:
    """Time zero, prevalent treatment, future covariates, grace period, what is unknown."""
    return (
        _time_zero(found),
        _prevalent(found),
        _future(found),
        _grace(found, settings),
        _criteria(found),
        _missing(found, settings),
    )


def refuse_one_strategy(found: EmulatedPatients) -> None:
    """Refuse a registry in which one of the strategies never occurs.

    Raises
    ------
    InputError
        If nobody who could be is treated inside the grace period, or everybody is at time zero.
    """
    person_time, grace = found.person_time, found.grace
    no_local, local = grace.names
    if found.treated_in_grace == 0:
        reached = " of the share asked for" if grace.staged else ""
        raise InputError(
            f"strategy {local}",
            f"none of {person_time.patients} patients had local treatment{reached} within "
            f"{_length(found):g} months of time zero and before progression",
            "Give a longer grace period or an earlier time zero; or say share='any'"
            if grace.staged
            else "Give a longer grace period or an earlier time zero",
        )
    if int(np.sum(person_time.start_visit == 0)) == person_time.patients:
        raise InputError(
            f"strategy {no_local}",
            f"all {person_time.patients} patients were treated at time zero",
            "Choose an earlier time zero, when both strategies were still open",
        )


def _length(found: EmulatedPatients) -> float:
    return found.grace.visits * found.person_time.visit_months


def _time_zero(found: EmulatedPatients) -> Check:
    start = found.person_time.start_months
    first = float(np.nanmin(start)) if np.any(~np.isnan(start)) else None
    text = (
        "time zero is one for all, at eligibility, and comes before the strategies part: no "
        "patient in the analysis was treated before it"
    )
    return Check("time zero", "pass", text, value=first, threshold=0.0)


def _prevalent(found: EmulatedPatients) -> Check:
    return check_prevalent_treatment(found.considered, found.prevalent, found.undated)


def _future(found: EmulatedPatients) -> Check:
    followed = [each.name for each in found.covariates if each.source == "assessments"]
    text = "every covariate is the last value known at or before its visit, every criterion was "
    text += "judged on what was known at time zero"
    if followed:
        text += f"; followed over time: {', '.join(followed)}"
    if found.doubts:
        return Check("covariates from the future", "unknown", f"{text}; {'; '.join(found.doubts)}")
    return Check("covariates from the future", "pass", text)


def _grace(found: EmulatedPatients, settings: Settings) -> Check:
    person_time, length = found.person_time, _length(found)
    beyond = float(np.mean(person_time.time_months > length))
    text = (
        f"{length:.3g} months of grace lie within the {settings.tau_months:g} months asked about; "
        f"{100 * beyond:.0f} % of the patients were followed beyond them"
    )
    return Check("grace period", "pass" if beyond > 0.0 else "fail", text, beyond, 0.0)


def _criteria(found: EmulatedPatients) -> Check:
    unknown = [each for each in found.eligibility.criteria if each.unknown]
    asked = [each for each in unknown if each.handling != "not asked"]
    number = len(found.eligibility.criteria)
    if not asked:
        return Check("criteria", "pass", f"all {number} criteria were judged", 0.0)
    ways: dict[str, list[str]] = {}
    for each in asked:
        way = "left out where unknown" if each.handling == "judged" else each.handling
        ways.setdefault(way, []).append(each.id)
    shown = "; ".join(f"{way}: {', '.join(names)}" for way, names in ways.items())
    text = f"{len(asked)} of {number} criteria could not be judged in everybody ({shown})"
    return Check("criteria", "unknown", text, float(len(asked)))


def _missing(found: EmulatedPatients, settings: Settings) -> Check:
    if not found.covariates:
        return Check("missing covariates", "unknown", "there are no covariates", 0.0)
    worst = max(found.covariates, key=lambda each: each.missing_share)
    share = worst.missing_share
    if share == 0.0:
        return Check("missing covariates", "pass", "every covariate is known at time zero", 0.0)
    text = (
        f"{worst.name} is unknown in {100 * share:.0f} % at time zero; handled as "
        f"{settings.missing}, which is right only if being unknown says nothing beyond itself"
    )
    state: State = "fail" if share >= _MOSTLY_MISSING else "unknown"
    return Check("missing covariates", state, text, share, _MOSTLY_MISSING)
