"""Does an emulation hold every answer, every refusal, and the contract of its JSON?"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.emulation.question.registries import cohort, patient, protocol
from tests.emulation.stubs import Stub

from debulk.core.errors import InputError
from debulk.core.files import json_text
from debulk.emulation.front import emulate
from debulk.emulation.grace import GracePeriod
from debulk.emulation.method_table import MAIN, METHODS, NAIVE, Method
from debulk.emulation.weight_model import WeightModel
from debulk.patients import Cohort, ReadingRecord
from debulk.protocols import load_protocol

CONTRACT = ("protocol", "method", "patients", "clones", "excluded", "strategies", "effect")
CONTRACT += ("checks", "not_known")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    monkeypatch.setattr(Method, "function", lambda self: made.of(self))
    return made


@pytest.fixture
def registry() -> Cohort:
    return cohort(
        a=patient(last=31.0, dead=True),
        b=patient(last=41.0, local=(3.0,)),
        gone=patient(last=41.0, local=(0.5,)),
    )


def test_the_contract_holds_and_nothing_is_nan(stub: Stub, registry: Cohort) -> None:
    found = emulate(registry, protocol())
    told = json.loads(json_text(found.to_dict()))
    assert set(CONTRACT) <= set(told)
    assert set(told["effect"]) == {"hazard_ratio", "risk_difference", "rmst_difference"}
    assert told["effect"]["hazard_ratio"]["upper"] is None
    assert (told["patients"], told["clones"]) == (2, 4)
    assert told["excluded"] == [
        {"reason": "local treatment before time zero (prevalent treatment)", "patients": 1}
    ]
    assert all({"check", "state", "text"} <= set(each) for each in told["checks"])
    assert set(told["strategies"]) == {"control", "debulking"}
    survival = told["strategies"]["control"]["survival"]
    # Beyond the last step of a curve nothing is said.
    assert survival == {"12": 0.9, "24": 0.9, "36": None, "60": None}
    assert told["strategies"]["debulking"]["survival"] is None


def test_the_naive_answer_always_stands_beside(stub: Stub, registry: Cohort) -> None:
    found = emulate(registry, protocol(), method="landmark")
    assert [each.method for each in found.answers] == [NAIVE, "landmark"]
    assert found.answer.method == "landmark"
    assert found.naive is found.answers[0]
    assert found.clones == 0
    alone = emulate(registry, protocol(), method="naive")
    assert [each.method for each in alone.answers] == [NAIVE]


def test_all_is_every_method_with_clones_as_the_answer(stub: Stub, registry: Cohort) -> None:
    found = emulate(registry, protocol(), method="all")
    assert [each.method for each in found.answers] == list(METHODS)
    assert found.answer.method == MAIN


def test_options_go_where_they_belong(stub: Stub, registry: Cohort) -> None:
    model = WeightModel(form="cox", knots=4)
    emulate(
        registry,
        protocol(share=0.0),
        method="all",
        timing="uniform",
        grace_months=4.0,
        tau_months=24.0,
        interval="bootstrap",
        replicates=7,
        seed=9,
        conf_level=0.9,
        model=model,
        truncate=0.99,
    )
    clones = stub.given[MAIN]
    assert (clones["interval"], clones["replicates"], clones["seed"]) == ("bootstrap", 7, 9)
    assert clones["truncate"] == 0.99
    assert "seed" not in stub.given["landmark"]
    assert all(
        (given.get("model") == model) == METHODS[name].modelled
        for name, given in stub.given.items()
    )
    assert stub.given["overlap"]["weights"] == "overlap"
    for given in stub.given.values():
        assert (given["tau_months"], given["conf_level"]) == (24.0, 0.9)
        assert given["grace"] == GracePeriod("uniform", 4, 0.0, ("control", "debulking"))


@pytest.mark.parametrize(
    "option",
    [{"truncate": 0.99}, {"interval": "bca"}, {"weigh_loss": True}, {"calendar": "diagnosed"}],
)
def test_what_a_method_would_not_heed_is_refused(
    stub: Stub, registry: Cohort, option: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match=f"^{next(iter(option))}: chosen, and landmark"):
        emulate(registry, protocol(), method="landmark", **option)


def test_replicates_without_a_bootstrap_are_refused(stub: Stub, registry: Cohort) -> None:
    with pytest.raises(InputError, match=r"^replicates: chosen, and the interval 'sandwich'"):
        emulate(registry, protocol(), replicates=7)


@pytest.mark.parametrize("option", [{"negative_control": 3}, {"weigh_loss": "no"}])
def test_options_of_another_kind_are_refused(registry: Cohort, option: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"^{next(iter(option))}: "):
        emulate(registry, protocol(), **option)


def test_a_method_that_fails_is_told_beside_the_others(stub: Stub, registry: Cohort) -> None:
    stub.refuses = {"overlap", MAIN}
    found = emulate(registry, protocol(), method="all")
    assert [name for name, _ in found.refused] == ["overlap", MAIN]
    assert "separation" in found.refused[0][1]
    with pytest.raises(InputError, match="separation"):
        emulate(registry, protocol(), method="overlap")
    stub.refuses = {NAIVE}
    assert emulate(registry, protocol(), method="landmark").naive is None


def test_without_dates_only_ever_and_never_are_compared(stub: Stub) -> None:
    registry = cohort(
        a=patient(last=31.0, dead=True),
        b=patient(last=41.0, local=(None,)),
        c=patient(last=41.0, local=(3.0,)),
    )
    found = emulate(registry, protocol(), method="all")
    assert [each.method for each in found.answers] == [NAIVE]
    assert {name for name, _ in found.refused} == set(METHODS) - {NAIVE}
    given = stub.given[NAIVE]["person_time"]
    assert given.start_months[1:].tolist() == [0.0, 2.0]
    assert np.isnan(given.start_months[0])


def test_the_result_says_what_was_chosen_and_where_it_comes_from(stub: Stub) -> None:
    made = cohort(a=patient(last=31.0, dead=True), b=patient(last=41.0, local=(3.0,)))
    record = ReadingRecord(
        "study x", "diagnosis", inputs={"x.csv": "12"}, not_known=("organ of surgery",)
    )
    from_files = Cohort.from_tables(made.tables, record=record)
    found = emulate(from_files, protocol(), grace_months=4.0, seed=3)
    told = found.provenance
    status = {each.name: each.status for each in told.parameters}
    assert status["emulation.grace_months"] == "chosen"
    assert status["emulation.timing"] == "default"
    assert told.inputs["x.csv"] == "12"
    assert told.inputs["orchestra.yaml"] == load_protocol("orchestra").sha256
    assert told.seed == 3
    assert found.not_known[0] == "organ of surgery"


def test_the_trial_itself_stands_beside_for_survival_alone(stub: Stub, registry: Cohort) -> None:
    published = emulate(registry, protocol()).published
    assert published is not None
    assert published["trial"] == "ORCHESTRA"
    assert emulate(registry, protocol(), outcome="pfs").published is None


def test_patients_in_another_order_are_the_same_patients(stub: Stub) -> None:
    people = {
        name: patient(last=30.0 + place, local=(3.0,) if place % 2 else (), age_years=50.0 + place)
        for place, name in enumerate("abcdef")
    }
    both = [
        emulate(cohort(**dict(order)), protocol(covariates=("age_years",))).person_time
        for order in (list(people.items()), list(people.items())[::-1])
    ]
    first, second = both
    assert first.patient_id == second.patient_id[::-1]
    np.testing.assert_array_equal(first.time_months, second.time_months[::-1])
    np.testing.assert_array_equal(first.start_months, second.start_months[::-1])


def test_simulated_patients_whose_names_are_numbers_are_the_same(stub: Stub) -> None:
    people = {
        name: patient(last=30.0, local=each, treated=(("L0", "L1"),) * len(each), age_years=50.0)
        for name, each in {"0": (), "1": (3.0,), "2": (4.0, 5.0)}.items()
    }
    words = cohort(**people)
    tables = {
        name: table.with_columns(pl.col("patient_id").cast(pl.Int64))
        for name, table in words.tables.items()
    }
    numbers = Cohort.from_tables(tables, validate=False)
    asked = protocol("E3", "E6", share=0.8, covariates=("age_years", "organs_involved"))
    first, second = (emulate(each, asked).person_time for each in (words, numbers))
    assert second.patient_id == (0, 1, 2)
    for name in ("time_months", "start_months", "complete_months", "values", "eligible"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_every_method_is_where_the_table_says() -> None:
    assert all(callable(each.function()) for each in METHODS.values())
