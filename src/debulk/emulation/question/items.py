"""The seven items of a target trial, each held against what the registry could give.

Eligibility, strategies, assignment, time zero, outcome, causal contrast and analysis plan are the
components of the protocol that Hernan and Robins name (Am J Epidemiol 2016;183:758-764).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from debulk.emulation.check import Check, State
from debulk.emulation.grace import GracePeriod
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.question.settings import Settings
from debulk.emulation.question.time_zero import words_of
from debulk.protocols import Protocol

ITEMS = (
    "eligibility",
    "strategies",
    "assignment",
    "time zero",
    "outcome",
    "causal contrast",
    "analysis plan",
)
"""The seven items, in order."""


def seven_items(
    found: EmulatedPatients, protocol: Protocol, settings: Settings, checks: tuple[Check, ...]
) -> tuple[Check, ...]:
    """Hold the emulated trial against the target trial, item by item.

    Parameters
    ----------
    found : EmulatedPatients
    protocol : Protocol
    settings : Settings
    checks : tuple of Check
        As `question_checks` made them.

    Returns
    -------
    tuple of Check
        One for each of `ITEMS`.
    """
    by_name = {each.check: each for each in checks}
    return (
        Check("eligibility", by_name["criteria"].state, by_name["criteria"].text),
        _strategies(found, settings),
        _assignment(found),
        _time_zero(settings, by_name),
        _outcome(found, settings),
        _contrast(found, protocol, settings),
        _analysis(by_name),
    )


def strategy_texts(grace: GracePeriod, visit_months: float) -> dict[str, str]:
    """What each strategy says, in words."""
    within = f"within {grace.visits * visit_months:.3g} months of time zero"
    share = f" of at least {100 * grace.minimum_share:.0f} % of the lesions" if grace.staged else ""
    how = {
        "natural": "when usual care treats, at the last visit of the grace period at the latest",
        "uniform": "evenly over the visits of the grace period",
    }[grace.timing]
    return {
        grace.names[0]: f"no local treatment {within}, usual care after",
        grace.names[1]: f"local treatment{share} {within}, unless progression or death comes "
        f"first; {how}",
    }


def _strategies(found: EmulatedPatients, settings: Settings) -> Check:
    person_time, grace = found.person_time, found.grace
    inside = found.treated_in_grace
    text = (
        f"{inside} of {person_time.patients} patients had local treatment as the strategy asks "
        f"within the grace period; timing {grace.timing}"
    )
    state: State = "pass" if inside else "fail"
    if inside and settings.plan.share == "any":
        state = "unknown"
        text += "; any local treatment counts, whatever its share of the lesions"
    if found.late_after_progression:
        text += f"; {found.late_after_progression} were treated after progression (usual care)"
    return Check("strategies", state, text, float(inside))


def _assignment(found: EmulatedPatients) -> Check:
    if not found.covariates:
        text = "nobody was randomised, and no covariate makes up for it"
        return Check("assignment", "fail", text, 0.0)
    names = ", ".join(each.name for each in found.covariates)
    text = (
        f"nobody was randomised; treatment is taken as if at random among patients alike in {names}"
        ", which no table can show"
    )
    return Check("assignment", "unknown", text, float(len(found.covariates)))


def _time_zero(settings: Settings, by_name: Mapping[str, Check]) -> Check:
    prevalent = by_name["prevalent treatment"]
    text = f"{words_of(settings.plan)}; one for all, before the strategies part; {prevalent.text}"
    # Those treated before are left out, however many: a check of its own says what that costs.
    state: State = "unknown" if prevalent.state == "unknown" else "pass"
    return Check("time zero", state, text, prevalent.value)


def _outcome(found: EmulatedPatients, settings: Settings) -> Check:
    person_time = found.person_time
    events = int(np.sum(person_time.cause == 1))
    names = {"os": "death", "pfs": "progression or death"}
    text = f"{names[settings.plan.outcome]}: {events} events"
    competing = int(np.sum(person_time.cause > 1))
    if settings.plan.event_causes:
        text += f" of {', '.join(settings.plan.event_causes)}, {competing} competing deaths"
    late = int(np.sum(person_time.entry_months > 0.0))
    if late:
        text += f"; {late} came under observation after time zero (left truncation)"
    if events == 0:
        return Check("outcome", "fail", text, 0.0)
    if not found.loss_told:
        text += "; who was lost to follow-up cannot be told from whom the cut-off ended"
        return Check("outcome", "unknown", text, float(events))
    lost = int(np.sum(person_time.lost))
    return Check("outcome", "pass", f"{text}; {lost} lost to follow-up", float(events))


def _contrast(found: EmulatedPatients, protocol: Protocol, settings: Settings) -> Check:
    first, second = strategy_texts(found.grace, found.person_time.visit_months).values()
    text = (
        f"observational analogue of the per-protocol effect: {second}; against: {first}. "
        f"Differences by {settings.tau_months:g} months; the trial itself asked: "
        f"{protocol.estimand.treatments}, {protocol.estimand.intercurrent_events}"
    )
    return Check("causal contrast", "pass", text)


def _analysis(by_name: Mapping[str, Check]) -> Check:
    names = ("covariates from the future", "grace period", "missing covariates")
    parts = [by_name[name] for name in names]
    order: tuple[State, ...] = ("pass", "unknown", "fail")
    worst = max((each.state for each in parts), key=order.index)
    doubtful = [f"{each.check}: {each.text}" for each in parts if each.state != "pass"]
    text = "; ".join(doubtful) or f"nothing speaks against it: {', '.join(names)}"
    return Check("analysis plan", worst, text)
