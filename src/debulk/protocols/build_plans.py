"""From a file's entries to the parts of a protocol that only some trials have."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from debulk.core.errors import nearest
from debulk.core.yaml_files import Place, YamlDocument
from debulk.protocols.emulation_plan import EmulationPlan
from debulk.protocols.plans import (
    Applicability,
    CentrePlan,
    Leaning,
    Monitoring,
    PlannedPatients,
    Randomisation,
    SystemicPlan,
    Utilities,
)
from debulk.protocols.schema import Number, ProtocolFile, StepEntry

Range = tuple[float, float, bool]

_CENTRES: Mapping[str, Range] = {
    "number": (1, 10_000, True),
    "size_variation": (0, 5, False),
    "opening_months": (0, 600, False),
    "skill_sd": (0, 5, False),
    "learning_log_odds": (0, 10, False),
    "learning_patients": (0.1, 10_000, False),
}
_PLANNED: Mapping[str, Range] = {
    "registered": (2, 10_000_000, True),
    "median_os_months": (0.1, 1200, False),
    "hazard_ratio_os": (0.01, 100, False),
    "median_pfs_months": (0.1, 1200, False),
    "hazard_ratio_pfs": (0.01, 100, False),
    "visit_interval_months": (0.1, 60, False),
}


def in_range(number: Number, limits: Range, place: Place, document: YamlDocument) -> None:
    """Refuse a number outside its limits.

    Raises
    ------
    InputError
        With file, line, field, what was found and the limits.
    """
    low, high, whole = limits
    if not low <= number.value <= high or (whole and number.value != int(number.value)):
        kind = "a whole number" if whole else "a number"
        remedy = f"Give {kind} from {low:g} to {high:g}"
        raise document.error(place, f"found {number.value:g}", remedy)


def applicability_of(entries: ProtocolFile) -> Applicability:
    """How far the disease model can stand for the trial."""
    return Applicability(entries.applicability.level, tuple(entries.applicability.missing))


def planned_of(entries: ProtocolFile, document: YamlDocument) -> PlannedPatients | None:
    """Patients drawn from the plan, checked."""
    planned = entries.planned
    if (planned is None) != (entries.applicability.level != "none"):
        found = "applicability none, and only that, goes with planned patients"
        raise document.error(("applicability",), found, "Add or remove the part called planned")
    if planned is None:
        return None
    for name, limits in _PLANNED.items():
        in_range(getattr(planned, name), limits, ("planned", name), document)
    values = {name: getattr(planned, name).value for name in _PLANNED}
    return PlannedPatients(**{**values, "registered": int(values["registered"])})


def systemic_of(entries: ProtocolFile, index: int, document: YamlDocument) -> SystemicPlan | None:
    """Systemic therapy of an arm, checked as far as a file alone can be."""
    from debulk.treatments import load_regimens

    given = entries.arms[index].systemic
    if given is None:
        return None
    place: Place = ("arms", index, "systemic")
    start, stop = given.start_after_months, given.stop_after_months
    for name, number in (("start_after_months", start), ("stop_after_months", stop)):
        if number is not None:
            in_range(number, (0, 60, False), (*place, name), document)
    if given.regimen and given.regimen not in (known := load_regimens()):
        found = f"no regimen is called {given.regimen!r}"
        raise document.error((*place, "regimen"), found, nearest(given.regimen, known))
    return SystemicPlan(
        given=given.given,
        start_after_months=start.value if start else 0.0,
        stop_after_months=stop.value if stop else None,
        regimen=given.regimen or "",
    )


def utilities_of(entries: ProtocolFile, document: YamlDocument) -> Utilities | None:
    """Worth of each state, checked."""
    utilities = entries.utilities
    if utilities is None:
        return None
    names = ("on_chemotherapy", "off_chemotherapy", "after_progression", "recovery")
    for name in names:
        in_range(getattr(utilities, name), (-1, 1, False), ("utilities", name), document)
    return Utilities(**{name: getattr(utilities, name).value for name in names})


def monitoring_of(entries: ProtocolFile, document: YamlDocument) -> Monitoring | None:
    """Looks before the last analysis, checked as far as a file alone can be."""
    given = entries.design.monitoring
    if given is None:
        return None
    place: Place = ("design", "monitoring")
    looks = tuple(given.information)
    rising = all(a < b for a, b in itertools.pairwise(looks))
    if not rising or looks[0] <= 0.0 or looks[-1] != 1.0:
        found = f"information is {', '.join(f'{each:g}' for each in looks)}"
        raise document.error((*place, "information"), found, "Let it rise from above 0 to 1")
    if entries.design.events is None:
        raise document.error(place, "there are looks but no planned events", "Give design.events")
    if given.harm_alpha is not None:
        if given.harm is None:
            found = "there is no harm bound to spend it"
            raise document.error((*place, "harm_alpha"), found, "Give harm, or leave it out")
        in_range(given.harm_alpha, (1e-6, 0.5, False), (*place, "harm_alpha"), document)
    return Monitoring(
        information=looks,
        efficacy=given.efficacy,
        futility=given.futility,
        harm=given.harm,
        harm_alpha=0.025 if given.harm_alpha is None else given.harm_alpha.value,
        binding=given.binding,
    )


def randomisation_of(entries: ProtocolFile, document: YamlDocument) -> Randomisation:
    """The method of allocation; by default blocks of the conduct's block size."""
    given = entries.conduct.randomisation
    block = int(entries.conduct.block_size.value)
    if given is None:
        return Randomisation(block_sizes=(block,))
    place: Place = ("conduct", "randomisation")
    if given.block_sizes and given.method != "blocks":
        found = f"method {given.method} has no blocks"
        raise document.error((*place, "block_sizes"), found, "Leave them out, or use blocks")
    if given.block_sizes and block not in given.block_sizes:
        found = f"{', '.join(map(str, given.block_sizes))} do not hold block_size, {block}"
        remedy = "Let conduct.block_size be one of them"
        raise document.error((*place, "block_sizes"), found, remedy)
    sizes = tuple(given.block_sizes) or (block,)
    allocation = entries.conduct.allocation.value
    for size in sizes:
        experimental = size * allocation / (1.0 + allocation)
        if not 2 <= size <= 100 or abs(experimental - round(experimental)) > 1e-9:
            found = f"a block of {size} cannot be split {allocation:g} : 1"
            raise document.error((*place, "block_sizes"), found, "Choose another block size")
    probability = 0.8 if given.probability is None else given.probability.value
    if given.probability is not None:
        in_range(given.probability, (0.5, 1.0, False), (*place, "probability"), document)
    return Randomisation(given.method, sizes, tuple(given.strata), probability)


def centres_of(entries: ProtocolFile, document: YamlDocument) -> CentrePlan | None:
    """Centres with their own accrual and skill, checked."""
    given = entries.conduct.centres
    if given is None:
        return None
    values: dict[str, float] = {}
    for name, limits in _CENTRES.items():
        number = getattr(given, name)
        if number is not None:
            in_range(number, limits, ("conduct", "centres", name), document)
            values[name] = number.value
    number_of_centres = int(values.pop("number"))
    return CentrePlan(number_of_centres, **values)


def emulation_of(entries: ProtocolFile, document: YamlDocument) -> EmulationPlan | None:
    """How the question is put to a registry, checked as far as a file alone can be."""
    given = entries.emulation
    if given is None:
        return None
    control, experimental = entries.arms
    if control.local_treatment or not experimental.local_treatment:
        found = "the arms do not differ in whether metastases are treated locally"
        remedy = "Only local treatment against none can be emulated: leave the part out"
        raise document.error(("emulation",), found, remedy)
    in_range(given.grace_months, (1, 60, True), ("emulation", "grace_months"), document)
    after = given.response_after_months
    if after is not None:
        in_range(after, (0, 24, False), ("emulation", "response_after_months"), document)
    return EmulationPlan(
        time_zero=given.time_zero,
        grace_months=given.grace_months.value,
        timing=given.timing,
        share=given.share,
        local_rule=given.local_rule,
        outcome=given.outcome,
        covariates=tuple(given.covariates),
        eligible_while=given.eligible_while,
        response_after_months=0.0 if after is None else after.value,
        event_causes=tuple(given.event_causes),
    )


def leanings_of(step: StepEntry) -> tuple[Leaning, ...]:
    """How a step's chance depends on the patient."""
    return tuple(
        Leaning(each.feature, each.log_odds.value, each.reference.value) for each in step.leanings
    )
