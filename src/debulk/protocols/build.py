"""From a protocol file's entries to a Protocol, once everything in it has been checked."""

from __future__ import annotations

from collections import Counter

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.core.yaml_files import Place, YamlDocument
from debulk.patients import Criterion, parse_rule
from debulk.protocols.build_plans import (
    applicability_of,
    centres_of,
    emulation_of,
    leanings_of,
    monitoring_of,
    planned_of,
    randomisation_of,
    systemic_of,
    utilities_of,
)
from debulk.protocols.schema import CriterionEntry, Number, ProtocolFile
from debulk.protocols.spec import (
    Arm,
    Conduct,
    Design,
    Endpoint,
    Estimand,
    FunnelStep,
    Induction,
    Protocol,
    Strategy,
)

# Lowest and highest value, and whether it must be whole.
_RANGES: dict[str, tuple[float, float, bool]] = {
    "conduct.accrual_months": (0.1, 600, False),
    "conduct.people_with_bowel_cancer": (1, 10_000_000, True),
    "conduct.allocation": (0.1, 10, False),
    "conduct.block_size": (2, 100, True),
    "conduct.withdrawn": (0, 1, False),
    "conduct.crossed_over": (0, 1, False),
    "conduct.lost_per_year": (0, 0.99, False),
    "conduct.cutoff_months": (0.1, 1200, False),
    "conduct.salvage": (0, 1, False),
    "conduct.missed_visits": (0, 0.99, False),
    "conduct.drug_era": (0, 2, False),
    "conduct.secondary_resection": (0, 1, False),
    "conduct.repeat_resection": (0, 1, False),
    "design.planned_patients": (2, 1_000_000, True),
    "design.power": (0.01, 0.999, False),
    "design.alpha": (0.0001, 0.5, False),
    "design.events": (1, 1_000_000, True),
    "design.null_ratio": (0.1, 10, False),
    "estimand.tau_months": (0.1, 600, False),
}


def build_protocol(
    entries: ProtocolFile,
    document: YamlDocument,
    *,
    records: tuple[Parameter, ...],
    source_name: str,
    sha256: str,
) -> Protocol:
    """Turn checked entries into a Protocol, or say which line does not fit the others.

    Raises
    ------
    InputError
        With file, line, field, what was found and what to do.
    """
    if entries.version not in entries.versions:
        found, remedy = (
            f"no version is called {entries.version!r}",
            nearest(entries.version, entries.versions),
        )
        raise document.error(("version",), found, remedy)
    criteria = _criteria(entries, document)
    _check_ranges(entries, document)
    protocol = Protocol(
        name=entries.name,
        title=entries.title,
        question=entries.question,
        registrations=tuple(entries.registrations),
        published_as=entries.published_as,
        version=entries.version,
        versions=entries.versions,
        criteria=criteria,
        funnel=_funnel(entries, document),
        run_in=_run_in(entries, document),
        arms=_arms(entries, document),
        endpoints=tuple(Endpoint(e.name, e.title, e.primary) for e in entries.endpoints),
        estimand=Estimand(
            **{
                **entries.estimand.model_dump(),
                "tau_months": entries.estimand.tau_months.value,
            }
        ),
        design=_design(entries, document),
        conduct=_conduct(entries, document),
        applicability=applicability_of(entries),
        planned=planned_of(entries, document),
        utilities=utilities_of(entries, document),
        emulation=emulation_of(entries, document),
        criteria_sources={each.id: each.source for each in entries.criteria},
        parameters=records,
        source_name=source_name,
        sha256=sha256,
    )
    _check_sources(protocol, entries, document)
    return protocol


def _criteria(entries: ProtocolFile, document: YamlDocument) -> dict[str, Criterion]:
    criteria: dict[str, Criterion] = {}
    for index, entry in enumerate(entries.criteria):
        place: Place = ("criteria", index)
        if entry.id in criteria:
            raise document.error((*place, "id"), f"{entry.id!r} comes twice", "Rename one")
        text = _of_version(entry, "text", entries, document, place)
        rule = _of_version(entry, "rule", entries, document, place)
        if rule is not None:
            line = document.line_of((*place, "rule"))
            parse_rule(rule, where=f"{document.name}, line {line}, criterion {entry.id}")
        criteria[entry.id] = Criterion(
            id=entry.id,
            text=" ".join((text or "").split()),
            judged=entry.judged,
            rule=" ".join(rule.split()) if rule else None,
            assume=entry.assume,
            because=entry.because,
        )
    return criteria


def _of_version(
    entry: CriterionEntry, part: str, entries: ProtocolFile, document: YamlDocument, place: Place
) -> str | None:
    """Text or rule in the version in force."""
    value = getattr(entry, part)
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if set(value) != set(entries.versions):
        found = f"{part} is given for {', '.join(sorted(value))}"
        remedy = f"Give it for each version: {', '.join(sorted(entries.versions))}"
        raise document.error((*place, part), found, remedy)
    return str(value[entries.version])


def _funnel(entries: ProtocolFile, document: YamlDocument) -> tuple[FunnelStep, ...]:
    known = {each.id for each in entries.criteria}
    used: set[str] = set()
    judged = {each.id: each.judged for each in entries.criteria}
    after_run_in = False
    for index, step in enumerate(entries.funnel):
        place: Place = ("funnel", index)
        for name in (*step.criteria, *step.stands_for):
            if name not in known:
                found = f"no criterion {name!r}"
                raise document.error((*place, "criteria"), found, nearest(name, known))
            if name in used:
                found = f"criterion {name!r} is used twice"
                raise document.error((*place, "criteria"), found, "Keep one")
            used.add(name)
            late = judged[name] == "before randomisation"
            if after_run_in and not late and name not in step.stands_for:
                found = f"{name} is judged {judged[name]} but comes after the run-in"
                raise document.error((*place, "criteria"), found, "Move the step up")
            after_run_in = after_run_in or late
    for name, count in Counter(each.step for each in entries.funnel).items():
        if count > 1:
            raise document.error(("funnel",), f"step {name!r} comes twice", "Rename one")
    kinds = [each.kind for each in entries.funnel]
    if (
        kinds[0] != "drawn"
        or kinds[-1] != "randomised"
        or len(set(kinds[1:-1])) > 2
        or any(each in ("drawn", "randomised") for each in kinds[1:-1])
    ):
        found = "the funnel must begin with kind drawn and end with kind randomised, once each"
        raise document.error(("funnel",), found, "Correct the order of the steps")
    if unused := sorted(known - used):
        found = f"no step of the funnel uses criterion {unused[0]!r}"
        raise document.error(("funnel",), found, "Add it to a step, or remove it")
    return tuple(
        FunnelStep(
            step=each.step,
            text=each.text,
            kind=each.kind,
            criteria=tuple(each.criteria),
            chance=each.chance.value if each.chance else None,
            leanings=leanings_of(each),
            consent=each.consent,
            stands_for=tuple(each.stands_for),
        )
        for each in entries.funnel
    )


def _run_in(entries: ProtocolFile, document: YamlDocument) -> tuple[Induction, ...]:
    from debulk.treatments import load_regimens

    regimens = load_regimens()
    for index, each in enumerate(entries.run_in):
        place: Place = ("run_in", index)
        if each.regimen not in regimens:
            found = f"no regimen is called {each.regimen!r}"
            raise document.error((*place, "regimen"), found, nearest(each.regimen, regimens))
        _in_range(each.cycles, 1, 24, True, (*place, "cycles"), document)
        _in_range(each.share, 0, 1, False, (*place, "share"), document)
    total = sum(each.share.value for each in entries.run_in)
    if entries.run_in and abs(total - 1.0) > 1e-9:
        raise document.error(("run_in",), f"shares add up to {total:g}", "Make them add up to 1")
    return tuple(
        Induction(each.regimen, int(each.cycles.value), each.share.value) for each in entries.run_in
    )


def _arms(entries: ProtocolFile, document: YamlDocument) -> tuple[Arm, ...]:
    control, experimental = entries.arms
    if control.name == experimental.name:
        raise document.error(("arms", 1, "name"), f"{control.name!r} comes twice", "Rename one")
    if control.local_treatment and not experimental.local_treatment:
        found = "the control arm has local treatment and the experimental arm has none"
        raise document.error(("arms",), found, "Put the control arm first")
    _check_cards(entries, document)
    for index, arm in enumerate(entries.arms):
        place: Place = ("arms", index)
        if arm.minimum_share and arm.start_after_months and arm.delivered:
            _in_range(arm.minimum_share, 0, 1, False, (*place, "minimum_share"), document)
            _in_range(
                arm.start_after_months, 0, 24, False, (*place, "start_after_months"), document
            )
            _in_range(arm.delivered, 0, 1, False, (*place, "delivered"), document)
    return tuple(_arm(entries, index, document) for index in range(len(entries.arms)))


def _check_cards(entries: ProtocolFile, document: YamlDocument) -> None:
    """Refuse organs and cards of local treatment that do not exist."""
    from debulk.core.anatomy import ORGANS
    from debulk.treatments import load_modalities

    known = {"targets": tuple(ORGANS), "modalities": tuple(load_modalities())}
    for index, arm in enumerate(entries.arms):
        for part, names in known.items():
            for name in getattr(arm, part):
                if name not in names:
                    found = f"there is no {name!r}"
                    raise document.error(("arms", index, part), found, nearest(name, names))


def _arm(entries: ProtocolFile, index: int, document: YamlDocument) -> Arm:
    entry, systemic = entries.arms[index], systemic_of(entries, index, document)
    if not (entry.minimum_share and entry.start_after_months and entry.delivered):
        return Arm(entry.name, entry.title, Strategy(local_treatment=False, systemic=systemic))
    strategy = Strategy(
        local_treatment=True,
        minimum_share=entry.minimum_share.value,
        start_after_months=entry.start_after_months.value,
        delivered=entry.delivered.value,
        targets=tuple(entry.targets),
        modalities=tuple(entry.modalities),
        systemic=systemic,
    )
    return Arm(entry.name, entry.title, strategy)


def _design(entries: ProtocolFile, document: YamlDocument) -> Design:
    design = entries.design
    return Design(
        planned_patients=int(design.planned_patients.value),
        power=design.power.value,
        alpha=design.alpha.value,
        sided=design.sided,
        goal=design.goal,
        events=int(design.events.value) if design.events else None,
        test=design.test,
        monitoring=monitoring_of(entries, document),
        null_ratio=1.0 if design.null_ratio is None else design.null_ratio.value,
    )


def _conduct(entries: ProtocolFile, document: YamlDocument) -> Conduct:
    conduct = entries.conduct
    return Conduct(
        accrual_months=conduct.accrual_months.value,
        people_with_bowel_cancer=int(conduct.people_with_bowel_cancer.value),
        allocation=conduct.allocation.value,
        block_size=int(conduct.block_size.value),
        withdrawn=conduct.withdrawn.value,
        crossed_over=conduct.crossed_over.value,
        lost_per_year=conduct.lost_per_year.value,
        cutoff_months=conduct.cutoff_months.value,
        randomisation=randomisation_of(entries, document),
        centres=centres_of(entries, document),
        salvage=_value(conduct.salvage, 0.0),
        missed_visits=_value(conduct.missed_visits, 0.0),
        drug_era=_value(conduct.drug_era, 1.0),
        secondary_resection=_value(conduct.secondary_resection, 0.0),
        repeat_resection=_value(conduct.repeat_resection, 0.0),
    )


def _value(number: Number | None, otherwise: float) -> float:
    return otherwise if number is None else float(number.value)


def _check_ranges(entries: ProtocolFile, document: YamlDocument) -> None:
    for path, (low, high, whole) in _RANGES.items():
        part, field = path.split(".")
        number = getattr(getattr(entries, part), field)
        if number is not None:
            _in_range(number, low, high, whole, (part, field), document)
    conduct = entries.conduct
    block, allocation = conduct.block_size.value, conduct.allocation.value
    experimental = block * allocation / (1.0 + allocation)
    if abs(experimental - round(experimental)) > 1e-9:
        found = f"a block of {block:g} cannot be split {allocation:g} : 1"
        raise document.error(("conduct", "block_size"), found, "Choose another block size")


def _in_range(
    number: Number, low: float, high: float, whole: bool, place: Place, document: YamlDocument
) -> None:
    if not low <= number.value <= high or (whole and number.value != int(number.value)):
        kind = "a whole number" if whole else "a number"
        remedy = f"Give {kind} from {low:g} to {high:g}"
        raise document.error(place, f"found {number.value:g}", remedy)


def _check_sources(protocol: Protocol, entries: ProtocolFile, document: YamlDocument) -> None:
    """Refuse evidence keys that are unknown or that a protocol may not rest on."""
    from debulk.evidence import firewall_violations

    cited = protocol.sources()
    if entries.conduct.randomisation is not None:
        cited["conduct.randomisation"] = entries.conduct.randomisation.source
    if entries.design.monitoring is not None:
        cited["design.monitoring"] = entries.design.monitoring.source
    if entries.emulation is not None:
        cited["emulation"] = entries.emulation.source
    for arm in entries.arms:
        if arm.systemic is not None:
            cited[f"arms.{arm.name}.systemic"] = arm.systemic.source
    uses = {
        where: ";".join(key for key in keys.split(";") if key.split(":")[0] in _TABLES)
        for where, keys in cited.items()
    }
    for violation in firewall_violations({w: keys for w, keys in uses.items() if keys}):
        where = violation.where
        raise InputError(
            f"{document.name}, {where}",
            f"cites {violation.key}: {violation.found}",
            "Cite another row, or say assumption",
        )


_TABLES = ("trials", "eligibility", "parameters", "series", "continuum")
