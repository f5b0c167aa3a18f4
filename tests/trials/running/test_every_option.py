"""Every option of a protocol changes what a run finds, or is refused by name."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.protocols import Protocol, load_protocol
from debulk.protocols.plans import (
    CentrePlan,
    Leaning,
    Monitoring,
    PlannedPatients,
    Randomisation,
    SystemicPlan,
    Utilities,
)
from debulk.protocols.spec import Conduct, Design, Endpoint, Induction, Strategy
from debulk.trials import compare_designs, run_trial, trial_settings
from debulk.trials.characteristics import ProtocolCharacteristics
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.strata import PrognosticFactor

OF_PLAN = 4
OF_MODEL = 2
FACTOR = PrognosticFactor("ras", ((0.5, 0.6), (0.5, 1.6)))
PATIENTS = PiecewiseExponentialPatients(
    400, 0.05, 0.7, progression_hazard=0.1, progression_ratio=0.7, strata=(FACTOR,)
)
LOOKS = Monitoring((0.4, 1.0), "spending-pocock", "kim-demets:1", "spending-pocock")


def outcome(found: ProtocolCharacteristics) -> str:
    """What was found, without what repeats the protocol's words and numbers."""
    result = json.loads(json_text(found))
    whole = {
        "trials": found.trial_table.write_json(),
        "truth": (found.truth.hazard_ratio, found.truth.rmst_difference_months),
        "effect": [found.effect[name]["estimate"] for name in ("power", "type_1_error")],
        "arms": [{**arm, "title": "", "systemic": ""} for arm in result["arms"].values()],
        "funnel": [step["patients"] for step in result["funnel"]],
        "endpoints": [(each["measures"], each.get("threshold")) for each in result["endpoints"]],
        "estimands": result["estimands"],
    }
    return json.dumps(whole, sort_keys=True).replace(f'"tau_months": {found.truth.tau_months}', "")


def changed(protocol: Protocol, part: str, value: Any) -> Protocol:
    """A protocol with one field of a part set; dots name parts of parts."""
    name, _, rest = part.partition(".")
    if not rest:
        return dataclasses.replace(protocol, **{name: value})
    inner = getattr(protocol, name)
    head, _, tail = rest.partition(".")
    new = dataclasses.replace(getattr(inner, head), **{tail: value}) if tail else value
    return dataclasses.replace(protocol, **{name: dataclasses.replace(inner, **{head: new})})


@pytest.fixture(scope="module")
def planned(plan_of) -> Protocol:
    """Patients of a plan, with looks and strata."""
    # Some trials stop for futility, some for harm, some for neither.
    protocol = plan_of(
        hazard_ratio_os=1.1,
        registered=400,
        planned_patients=200,
        events=60,
        monitoring=LOOKS,
        sided=1,
        alpha=0.1,
    )
    return dataclasses.replace(
        protocol,
        conduct=dataclasses.replace(
            protocol.conduct,
            accrual_months=40.0,
            cutoff_months=60.0,
            missed_visits=0.1,
            lost_per_year=0.1,
            centres=CentrePlan(6),
            randomisation=Randomisation("minimisation", strata=("centre",)),
        ),
    )


PLAIN_BLOCKS = Randomisation()
OF_A_PLAN: list[tuple[str, Any]] = [
    *(
        (f"planned.{name}", value)
        for name, value in dataclasses.asdict(
            PlannedPatients(300, 15.0, 0.6, 7.0, 0.6, 3.0)
        ).items()
    ),
    ("conduct.accrual_months", 30.0),
    ("conduct.allocation", 3.0),
    ("conduct.withdrawn", 0.3),
    ("conduct.crossed_over", 0.3),
    ("conduct.lost_per_year", 0.4),
    ("conduct.cutoff_months", 25.0),
    ("conduct.missed_visits", 0.6),
    ("conduct.randomisation", PLAIN_BLOCKS),
    ("conduct.randomisation.method", "simple"),
    ("conduct.randomisation.method", "blocks"),
    ("conduct.randomisation.probability", 0.99),
    ("conduct.centres.number", 3),
    ("conduct.centres.size_variation", 1.5),
    ("conduct.centres.opening_months", 39.0),
    ("design.planned_patients", 150),
    ("design.power", 0.98),
    ("design.alpha", 0.3),
    ("design.sided", 2),
    ("design.events", 90),
    ("design.monitoring", None),
    ("design.monitoring.information", (0.7, 1.0)),
    ("design.monitoring.efficacy", "haybittle-peto:3"),
    ("design.monitoring.futility", None),
    ("design.monitoring.harm", None),
    ("design.monitoring.harm_alpha", 0.4),
    ("estimand.tau_months", 12.0),
]


@pytest.fixture(scope="module")
def found_of_plan(planned: Protocol) -> str:
    """What the plan's trials find."""
    return outcome(run_trial(planned, trials=30, seed=4))


@pytest.mark.parametrize(("part", "value"), OF_A_PLAN, ids=lambda each: str(each)[:30])
def test_options_of_a_plan(planned: Protocol, found_of_plan: str, part: str, value: Any) -> None:
    protocol = changed(planned, part, value)
    if part == "conduct.randomisation" or value == "simple":
        # Centres are no stratum of such a method.
        with pytest.raises(InputError, match=r"conduct\.(centres|randomisation)"):
            trial_settings(protocol)
        protocol = changed(
            changed(protocol, "conduct.centres", None),
            "conduct.randomisation",
            Randomisation(method=protocol.conduct.randomisation.method),
        )
    assert outcome(run_trial(protocol, trials=30, seed=4)) != found_of_plan


def test_blocks_and_binding(planned: Protocol) -> None:
    """What needs a partner to work: block sizes, and whether futility binds."""
    blocks = changed(planned, "conduct.randomisation.method", "blocks")
    before = outcome(run_trial(blocks, trials=OF_PLAN, seed=4))
    sizes = changed(blocks, "conduct.randomisation.block_sizes", (4, 6))
    assert outcome(run_trial(sizes, trials=OF_PLAN, seed=4)) != before
    one = changed(changed(planned, "conduct.randomisation", PLAIN_BLOCKS), "conduct.centres", None)
    other = changed(one, "conduct.block_size", 8)
    other = changed(other, "conduct.randomisation.block_sizes", (8,))
    assert outcome(run_trial(other, trials=OF_PLAN, seed=4)) != outcome(
        run_trial(one, trials=OF_PLAN, seed=4)
    )
    binding = changed(planned, "design.monitoring.binding", True)
    looks = [run_trial(each, trials=2, seed=4).monitoring for each in (planned, binding)]
    assert looks[0]["looks"] != looks[1]["looks"]


TESTS = (
    "stratified-logrank",
    "fleming-harrington:0,1",
    "modestly-weighted:12",
    "max-combo",
    "rmst:24",
    "milestone:18",
)


def test_every_test_is_another_statistic(planned: Protocol) -> None:
    plain = changed(changed(planned, "design.monitoring", None), "conduct.centres", None)
    plain = changed(plain, "conduct.randomisation", Randomisation(strata=("ras",)))
    seen = set()
    for test in ("logrank", *TESTS):
        table = run_trial(
            changed(plain, "design.test", test), model=PATIENTS, trials=2, seed=4
        ).trial_table
        seen.add(str(table["z_test" if test != "logrank" else "z"].to_list()))
    assert len(seen) == 1 + len(TESTS)


def test_leanings_consent_and_endpoints(planned: Protocol) -> None:
    def steps(**changes: Any) -> Protocol:
        funnel = tuple(
            dataclasses.replace(each, **changes) if each.consent else each
            for each in planned.funnel
        )
        return dataclasses.replace(planned, funnel=funnel)

    before = outcome(run_trial(planned, model=PATIENTS, trials=OF_PLAN, seed=4))
    for leaning in (
        Leaning("ras", 2.0, 0.0),
        Leaning("ras", -2.0, 0.0),
        Leaning("ras", 2.0, 1.0),
    ):
        found = run_trial(steps(leanings=(leaning,)), model=PATIENTS, trials=OF_PLAN, seed=4)
        assert outcome(found) != before
    assert outcome(run_trial(steps(chance=0.3), model=PATIENTS, trials=OF_PLAN, seed=4)) != before
    with pytest.raises(InputError, match="consent"):
        compare_designs(steps(consent=False), model=PATIENTS, trials=2)
    first = (Endpoint("pfs", "", True), Endpoint("os", "", False))
    found = run_trial(changed(planned, "endpoints", first), model=PATIENTS, trials=OF_PLAN, seed=4)
    assert outcome(found) != before


@pytest.fixture(scope="module")
def modelled() -> Protocol:
    """Patients of the disease model, with centres, salvage and quality of life."""
    base = load_protocol(
        "orchestra",
        changes={"conduct.people_with_bowel_cancer": "2500", "conduct.withdrawn": "0.2"},
    )
    names = ("os", "quality_adjusted", "q_twist", "days_off_chemotherapy", "complications")
    return dataclasses.replace(
        base,
        conduct=dataclasses.replace(
            base.conduct,
            salvage=0.3,
            centres=CentrePlan(4, 0.5, 24.0, 1.0, 2.0, 10.0),
            randomisation=Randomisation(strata=("organs_involved",)),
        ),
        utilities=Utilities(0.7, 0.9, 0.5, 0.4),
        endpoints=tuple(Endpoint(each, "", each == "os") for each in names),  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def found_of_model(modelled: Protocol) -> str:
    """What the model's trials find."""
    return outcome(run_trial(modelled, trials=OF_MODEL, seed=4))


OF_THE_MODEL: list[tuple[str, Any]] = [
    ("conduct.people_with_bowel_cancer", 2400),
    ("conduct.salvage", 0.0),
    ("conduct.drug_era", 0.5),
    ("conduct.secondary_resection", 0.0),
    ("conduct.repeat_resection", 0.0),
    ("conduct.withdrawn", 0.5),
    ("conduct.randomisation.strata", ("synchronous",)),
    ("conduct.centres", None),
    ("conduct.centres.number", 2),
    ("conduct.centres.size_variation", 2.0),
    ("conduct.centres.opening_months", 110.0),
    ("conduct.centres.skill_sd", 0.0),
    ("conduct.centres.learning_log_odds", 5.0),
    ("conduct.centres.learning_patients", 100.0),
    ("utilities.on_chemotherapy", 0.1),
    ("utilities.off_chemotherapy", 0.1),
    ("utilities.after_progression", 0.1),
    ("utilities.recovery", 0.1),
    ("run_in.cycles", 6),
    ("run_in.share", 1.0),
    ("strategy.minimum_share", 0.0),
    ("strategy.start_after_months", 4.0),
    ("strategy.delivered", 0.3),
    ("strategy.targets", ("lung",)),
    ("strategy.modalities", ("liver_resection",)),
]


@pytest.mark.parametrize(("part", "value"), OF_THE_MODEL, ids=lambda each: str(each)[:30])
def test_options_of_the_model(
    modelled: Protocol, found_of_model: str, part: str, value: Any
) -> None:
    if part == "run_in.cycles":
        runs = tuple(dataclasses.replace(each, cycles=value) for each in modelled.run_in)
        protocol = changed(modelled, "run_in", runs)
    elif part == "run_in.share":
        protocol = changed(modelled, "run_in", (Induction("folfox_bevacizumab", 4, value),))
    elif part.startswith("strategy."):
        control, arm = modelled.arms
        strategy = dataclasses.replace(arm.strategy, **{part.removeprefix("strategy."): value})
        protocol = changed(modelled, "arms", (control, dataclasses.replace(arm, strategy=strategy)))
    else:
        protocol = changed(modelled, part, value)
    assert outcome(run_trial(protocol, trials=OF_MODEL, seed=4)) != found_of_model


WINDOW = SystemicPlan(stop_after_months=8.3, regimen="folfox")
OF_SYSTEMIC: list[tuple[str, Any]] = [
    ("strategy.systemic", WINDOW),
    ("systemic.given", "after progression"),
    ("systemic.start_after_months", 2.0),
    ("systemic.stop_after_months", 3.0),
    ("systemic.regimen", "regorafenib"),
]


@pytest.fixture(scope="module")
def around_surgery() -> Protocol:
    """Patients of the disease model who have drugs in one window in both arms."""
    protocol = load_protocol("eortc-40983", changes={"conduct.people_with_bowel_cancer": "1500"})
    return with_systemic(protocol, WINDOW, WINDOW)


def with_systemic(protocol: Protocol, *plans: SystemicPlan | None) -> Protocol:
    """A protocol whose arms have these plans."""
    arms = tuple(
        dataclasses.replace(arm, strategy=dataclasses.replace(arm.strategy, systemic=plan))
        for arm, plan in zip(protocol.arms, plans, strict=True)
    )
    return dataclasses.replace(protocol, arms=arms)


@pytest.mark.parametrize(("part", "value"), OF_SYSTEMIC, ids=lambda each: str(each)[:30])
def test_options_of_systemic_therapy(around_surgery: Protocol, part: str, value: Any) -> None:
    before = outcome(run_trial(around_surgery, trials=OF_MODEL, seed=4))
    if part == "strategy.systemic":
        other = with_systemic(around_surgery, None, None)
    elif part == "systemic.given":
        other = with_systemic(around_surgery, WINDOW, SystemicPlan(value))
    else:
        plan = dataclasses.replace(WINDOW, **{part.removeprefix("systemic."): value})
        other = with_systemic(around_surgery, WINDOW, plan)
    assert outcome(run_trial(other, trials=OF_MODEL, seed=4)) != before


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"conduct.randomisation": Randomisation(probability=0.9)}, "probability"),
        (
            {
                "conduct.randomisation": Randomisation("simple", strata=("centre",)),
                "conduct.centres": CentrePlan(4),
            },
            r"randomisation\.strata",
        ),
        ({"conduct.randomisation": Randomisation(strata=("centre",))}, r"randomisation\.strata"),
        ({"conduct.centres": CentrePlan(4)}, r"conduct\.centres"),
        ({"conduct.allocation": 2.0}, "block_sizes"),
        ({"conduct.block_size": 8}, "block_size"),
        (
            {"conduct.block_size": 5, "conduct.randomisation": Randomisation(block_sizes=(5,))},
            "block_sizes",
        ),
        ({"design.monitoring": Monitoring((1.0,), "pocock", harm_alpha=0.1)}, "harm_alpha"),
        ({"design.monitoring": Monitoring((0.5, 1.0), "pocock", binding=True)}, "monitoring"),
        ({"utilities": Utilities(1.0, 1.0, 1.0, 1.0)}, "utilities"),
        ({"conduct.salvage": 0.1}, "salvage"),
        (
            {
                "conduct.randomisation": Randomisation(strata=("centre",)),
                "conduct.centres": CentrePlan(4, learning_patients=5.0),
            },
            "learning_patients",
        ),
        (
            {
                "conduct.randomisation": Randomisation(strata=("centre",)),
                "conduct.centres": CentrePlan(1, size_variation=0.5),
            },
            "size_variation",
        ),
    ],
)
def test_what_would_do_nothing_is_refused(plan_of, changes: dict[str, Any], where: str) -> None:
    protocol = plan_of(registered=40)
    for part, value in changes.items():
        protocol = changed(protocol, part, value)
    with pytest.raises(InputError, match=rf"orchestra\.yaml.*{where}"):
        trial_settings(protocol)


def test_no_option_is_forgotten() -> None:
    """A new field of these parts fails here until it is tried above."""
    tried = {part for part, _ in (*OF_A_PLAN, *OF_THE_MODEL, *OF_SYSTEMIC)}
    parts = {
        "conduct": Conduct,
        "conduct.randomisation": Randomisation,
        "conduct.centres": CentrePlan,
        "design": Design,
        "design.monitoring": Monitoring,
        "planned": PlannedPatients,
        "utilities": Utilities,
        "strategy": Strategy,
        "systemic": SystemicPlan,
    }
    # Tried by a test of their own, or (the goal) words.
    elsewhere = {
        "conduct.block_size",
        "conduct.randomisation.block_sizes",
        "design.test",
        "design.goal",
        "design.monitoring.binding",
        "design.null_ratio",
        "strategy.local_treatment",
    }
    named = {
        f"{name}.{each.name}" for name, part in parts.items() for each in dataclasses.fields(part)
    }
    assert named - tried - elsewhere == set()
