"""Do simulated trials hang together: funnel, null world, switches, seeds?"""

from __future__ import annotations

import json

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.disease import load_model
from debulk.protocols import load_protocol
from debulk.treatments import load_modalities, override
from debulk.trials import ProtocolCharacteristics, run_trial

# As in the fixtures of this room.
SMALL = {"conduct.people_with_bowel_cancer": "9000"}
TRIALS = 12


def test_the_funnel_never_rises_and_ends_with_those_randomised(small_run) -> None:
    patients = [each["patients"] for each in small_run.funnel]
    assert patients == sorted(patients, reverse=True)
    assert small_run.funnel[0]["step"] == "drawn"
    table = small_run.trial_table
    assert patients[-1] == pytest.approx(table["patients"].mean())
    lost = [each["lost"] for each in small_run.funnel[1:]]
    assert patients[0] - sum(lost) == pytest.approx(patients[-1])


def test_every_key_of_the_contract_is_there(small_run) -> None:
    result = json.loads(json_text(small_run))
    assert {"protocol", "trials", "seed", "control", "funnel", "arms", "effect", "truth"} <= set(
        result
    )
    assert {"published", "provenance"} <= set(result)
    for arm in result["arms"].values():
        assert set(arm["survival"]) == {"12", "24", "36", "60"}
        assert {
            "patients",
            "median_os_months",
            "median_pfs_months",
            "treated_as_assigned",
            "treated_completely",
            "treated_80",
            "treated_minimum",
            "mortality_90_days",
            "systemic_days_lost",
        } <= set(arm)
    assert set(result["effect"]["hazard_ratio"]) == {"median", "lower", "upper"}
    assert {"estimate", "se"} <= set(result["effect"]["power"])
    assert {
        "hazard_ratio",
        "rmst_difference_months",
        "tau_months",
        "patients",
        "monte_carlo_error",
    } <= set(result["truth"])
    assert result["published"]["hazard_ratio"] == 0.88
    assert result["published"]["median_os_months"] == {"control": 27.5, "debulking": 30.0}


def test_in_the_null_world_the_true_effect_is_nothing_to_the_bit(null_run) -> None:
    assert null_run.truth.hazard_ratio == 1.0
    assert null_run.truth.rmst_difference_months == 0.0
    assert null_run.arms["debulking"]["mortality_90_days"] is None
    assert null_run.effect["power"]["estimate"] == null_run.effect["type_1_error"]["estimate"]


def test_the_null_world_has_the_same_patients(small_run, null_run) -> None:
    assert null_run.funnel == small_run.funnel
    assert (
        null_run.trial_table["log_hazard_ratio_null"].to_list()
        == small_run.trial_table["log_hazard_ratio_null"].to_list()
    )


def test_without_a_mechanism_cells_are_still_removed(small_protocol, small_run) -> None:
    bare = run_trial(small_protocol, model=load_model().without("all"), trials=TRIALS, seed=1)
    assert bare.truth.hazard_ratio < 1.0
    assert bare.truth.hazard_ratio != small_run.truth.hazard_ratio
    assert bare.mechanisms["on"] == []
    before = small_run.arms["debulking"]["mortality_90_days"]
    assert bare.arms["debulking"]["mortality_90_days"] < before
    lost = small_run.arms["debulking"]["systemic_days_lost"]
    assert bare.arms["debulking"]["systemic_days_lost"] < lost


def test_a_stricter_rule_randomises_fewer(small_run, tmp_path) -> None:
    from debulk.protocols import protocol_text

    text, _ = protocol_text("orchestra")
    path = tmp_path / "stricter.yaml"
    path.write_text(
        text.replace("treatable_share >= 0.8", "treatable_share >= 0.8 and lesions <= 4"),
        encoding="utf-8",
    )
    stricter = run_trial(load_protocol(path, changes=SMALL), trials=TRIALS, seed=1)
    assert 0 < stricter.patients < small_run.patients


def test_a_trial_that_fills_up_stops_drawing(small_run) -> None:
    full = load_protocol("orchestra", changes={**SMALL, "design.planned_patients": "20"})
    result = run_trial(full, trials=TRIALS, seed=1)
    assert result.patients == 20
    assert result.funnel[0]["patients"] < small_run.funnel[0]["patients"]


def test_another_seed_gives_other_numbers(small_protocol, small_run) -> None:
    other = run_trial(small_protocol, trials=TRIALS, seed=2)
    assert other.truth.hazard_ratio != small_run.truth.hazard_ratio
    assert other.funnel != small_run.funnel


def test_one_thread_and_all_threads_give_the_same_bytes(small_protocol, small_run) -> None:
    alone = run_trial(small_protocol, trials=TRIALS, seed=1, workers=1)
    assert json_text(alone) == json_text(small_run)


def test_fewer_trials_are_the_first_of_more(small_protocol, small_run) -> None:
    fewer = run_trial(small_protocol, trials=3, seed=1)
    assert fewer.trial_table.equals(small_run.trial_table.head(3))


def test_a_card_can_be_changed(small_protocol, small_run) -> None:
    deadly = load_modalities()
    for name in deadly:
        deadly = override(deadly, f"{name}.mortality_90_days", 0.5)
    result = run_trial(small_protocol, modalities=deadly, trials=TRIALS, seed=1)
    before = small_run.arms["debulking"]["mortality_90_days"]
    assert result.arms["debulking"]["mortality_90_days"] > before
    assert result.truth.hazard_ratio > small_run.truth.hazard_ratio


def test_a_looser_card_makes_more_lesions_treatable(small_protocol, small_run) -> None:
    wider = override(load_modalities(), "liver_resection.max_lesions.liver", 50)
    result = run_trial(small_protocol, modalities=wider, trials=TRIALS, seed=1)
    by_step = {each["step"]: each["patients"] for each in result.funnel}
    before = {each["step"]: each["patients"] for each in small_run.funnel}
    assert by_step["treatable"] > before["treatable"]


def test_a_criterion_that_no_virtual_patient_can_answer_is_an_error(tmp_path) -> None:
    from debulk.protocols import protocol_text

    text, _ = protocol_text("orchestra")
    path = tmp_path / "unknown.yaml"
    path.write_text(text.replace("rule: crc_confirmed", "rule: asa <= 2"), encoding="utf-8")
    with pytest.raises(InputError, match=r"E1.*is unknown of .* virtual patients"):
        run_trial(load_protocol(path, changes=SMALL), trials=1, seed=1)


@pytest.mark.parametrize(("trials", "seed"), [(0, 1), (-3, 1), (1, -1)])
def test_numbers_out_of_range_are_refused(small_protocol, trials, seed) -> None:
    with pytest.raises(InputError):
        run_trial(small_protocol, trials=trials, seed=seed)


def test_nobody_eligible_is_an_answer_not_a_crash(tmp_path) -> None:
    from debulk.protocols import protocol_text

    text, _ = protocol_text("orchestra")
    path = tmp_path / "nobody.yaml"
    path.write_text(text.replace("rule: age_years >= 18", "rule: age_years >= 180"), "utf-8")
    result: ProtocolCharacteristics = run_trial(
        load_protocol(path, changes=SMALL), trials=2, seed=1
    )
    assert result.patients == 0
    assert result.power == 0.0
    assert json.loads(json_text(result))["truth"]["hazard_ratio"] is None


def test_curves_fall_from_one(small_run) -> None:
    for kind in ("os", "pfs"):
        curves = small_run.truth.curves[kind]
        for arm in ("control", "debulking"):
            values = np.array([each for each in curves[arm] if each is not None])
            assert values[0] == 1.0
            assert np.all(np.diff(values) <= 0.0)


def test_the_minimum_share_is_counted(small_run) -> None:
    """ORCHESTRA wants 80 %; a strategy that wants everything counts who had everything."""
    arm = small_run.arms["debulking"]
    assert arm["treated_minimum"] == arm["treated_80"]
    assert arm["treated_completely"] < arm["treated_minimum"]
    changes = {**SMALL, "arms.debulking.minimum_share": "1"}
    other = run_trial(load_protocol("orchestra", changes=changes), trials=TRIALS, seed=1)
    assert other.arms["debulking"]["treated_minimum"] == arm["treated_completely"]
