"""What a protocol says and nothing would come of, or that contradicts itself: refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from debulk.core.errors import InputError
from debulk.protocols.plans import CentrePlan, Monitoring, Randomisation
from debulk.trials.conduct.analysis import parse_test
from debulk.trials.endpoints.results import NEED_UTILITIES
from debulk.trials.recruitment.covariates import CENTRE
from debulk.trials.recruitment.systemic import steps_of

if TYPE_CHECKING:
    from debulk.protocols import Protocol

Complaint = tuple[str, str, str]
"""Field, what was found, remedy."""


def check_consistency(protocol: Protocol) -> None:
    """Refuse options that would do nothing beside the others.

    Parameters
    ----------
    protocol : Protocol
        Whose parts are each in order.

    Raises
    ------
    InputError
        With the protocol's file and field.
    """
    file = protocol.source_name or protocol.name
    for field, found, remedy in (
        *_randomisation(protocol),
        *_centres(protocol),
        *_monitoring(protocol),
        *_endpoints(protocol),
        *_systemic(protocol),
    ):
        raise InputError(f"{file}, {field}", found, remedy)


def _randomisation(protocol: Protocol) -> Iterator[Complaint]:
    conduct, plan = protocol.conduct, protocol.conduct.randomisation
    here = "conduct.randomisation"
    if plan.method == "blocks":
        if conduct.block_size not in plan.block_sizes:
            sizes = ", ".join(map(str, plan.block_sizes))
            found = f"is {conduct.block_size} and blocks are of {sizes}"
            yield "conduct.block_size", found, "Give one of randomisation.block_sizes"
        for size in {*plan.block_sizes, conduct.block_size}:
            experimental = size * protocol.planned_share
            if abs(experimental - round(experimental)) > 1e-9:
                found = f"a block of {size} cannot be split {conduct.allocation:g} : 1"
                yield f"{here}.block_sizes", found, "Choose another block size"
    if plan.method != "minimisation" and plan.probability != Randomisation().probability:
        found = f"{plan.method} do nothing with {plan.probability:g}"
        yield f"{here}.probability", found, "Leave it out, or use minimisation"
    test = parse_test(protocol.design.test, "design.test")
    if plan.method == "simple" and plan.strata and not test.stratified:
        found = f"neither simple randomisation nor {test} uses {plan.strata[0]!r}"
        yield f"{here}.strata", found, "Leave strata out, or use them in method or test"
    if CENTRE in plan.strata and conduct.centres is None:
        found = f"{CENTRE!r} is a stratum and there is one centre"
        yield f"{here}.strata", found, "Give conduct.centres, or leave it out"


def _centres(protocol: Protocol) -> Iterator[Complaint]:
    plan = protocol.conduct.centres
    if plan is None:
        return
    here = "conduct.centres"
    skilled = plan.skill_sd > 0.0 or plan.learning_log_odds > 0.0
    if not skilled and CENTRE not in protocol.conduct.randomisation.strata:
        found = "centres have the same skill and are no stratum, so that they change nothing"
        yield here, found, "Give skill_sd or learning_log_odds, stratify by centre, or leave it out"
    if plan.learning_log_odds == 0.0 and plan.learning_patients != CentrePlan(1).learning_patients:
        found = f"is {plan.learning_patients:g} and nothing is learned"
        yield f"{here}.learning_patients", found, "Give learning_log_odds, or leave it out"
    if plan.number == 1 and (plan.size_variation > 0.0 or plan.opening_months > 0.0):
        name = "size_variation" if plan.size_variation > 0.0 else "opening_months"
        yield f"{here}.{name}", "there is one centre, which has everybody", "Leave it out"


def _monitoring(protocol: Protocol) -> Iterator[Complaint]:
    plan = protocol.design.monitoring
    if plan is None or plan.harm is not None:
        return
    if plan.harm_alpha != Monitoring((1.0,), "pocock").harm_alpha:
        found = f"is {plan.harm_alpha:g} and there is no harm bound to spend it"
        yield "design.monitoring.harm_alpha", found, "Give harm, or leave it out"


def _endpoints(protocol: Protocol) -> Iterator[Complaint]:
    named = {each.name for each in protocol.endpoints}
    if protocol.utilities is not None and not named & set(NEED_UTILITIES):
        found = "no endpoint weighs time by it"
        remedy = f"Add {' or '.join(NEED_UTILITIES)} to endpoints, or leave it out"
        yield "utilities", found, remedy


def _systemic(protocol: Protocol) -> Iterator[Complaint]:
    if not protocol.systemic_by_arm:
        return
    for arm in protocol.arms:
        here, plan = f"arms.{arm.name}.systemic", arm.strategy.systemic
        if plan is None:
            remedy = "Give it in both arms, or in neither"
            yield here, "is missing, and the other arm has it", remedy
            return
        started = plan.start_after_months > 0.0
        if plan.given != "lines" and (started or plan.stop_after_months is not None):
            name = "start_after_months" if started else "stop_after_months"
            yield f"{here}.{name}", f"no time rules therapy {plan.given}", "Leave it out"
        if protocol.run_in and (started or plan.regimen):
            name = "start_after_months" if started else "regimen"
            found = "line 1 begins with the run-in, which both arms share"
            yield f"{here}.{name}", found, "Leave it out, or leave out run_in"
        stop = plan.stop_after_months
        if stop is not None and steps_of(stop) <= steps_of(plan.start_after_months):
            found = f"is {stop:g}, so that line 1 has no step of 21 days"
            remedy = "Give a later time; for none before progression, given: after progression"
            yield f"{here}.stop_after_months", found, remedy
