"""What the trial asks and a registry cannot tell, in sentences."""

from __future__ import annotations

from debulk.emulation.question.as_known import record_of
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.question.settings import Settings
from debulk.patients import Cohort
from debulk.protocols import Protocol


def not_known(
    cohort: Cohort, protocol: Protocol, found: EmulatedPatients, settings: Settings
) -> tuple[str, ...]:
    """List it: what the source cannot tell, then what this protocol asked of it in vain."""
    told = list(record_of(cohort).not_known)
    for each in found.eligibility.criteria:
        everybody = each.met + each.not_met + each.unknown
        if each.handling == "not asked":
            told.append(f"{each.id}, {each.text}: nobody was asked, since nobody was randomised")
        elif each.unknown:
            how = each.handling if each.handling != "judged" else "left out"
            told.append(f"{each.id}, {each.text}: unknown in {each.unknown} of {everybody}; {how}")
    strategy = protocol.experimental.strategy
    if settings.plan.share == "any" and strategy.minimum_share > 0.0:
        told.append(
            "the share of the lesions that was treated; the trial asks for at least "
            f"{100 * strategy.minimum_share:.0f} %, here any local treatment counts"
        )
    held = {each.name for each in found.covariates}
    told += [f"{name}, of anybody" for name in settings.plan.covariates if name not in held]
    for covariate in found.covariates:
        unknown = covariate.patients - covariate.known
        if unknown:
            share = 100.0 * covariate.missing_share
            told.append(f"{covariate.name} at time zero in {unknown} patients ({share:.1f} %)")
    if found.undated:
        told.append(f"the date of local treatment in {found.undated} patients")
    if not found.loss_told:
        told.append("who was lost to follow-up, and whom the end of data collection cut off")
    told.append("whatever else made a panel choose: only the covariates named are weighed")
    return tuple(dict.fromkeys(told))
