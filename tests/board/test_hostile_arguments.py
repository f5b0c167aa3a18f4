"""The board against arguments that nothing can have expected."""

import pytest
from tests.board.known_cases import known
from tests.board.registry_record import CURATED, curated, record
from tests.hostile import VALUES, any_value_for_any_argument, survives

from debulk.board import case_of_rows
from debulk.board import discussion as joined
from debulk.board.discussion import discuss
from debulk.board.matching.possible_changes import possible_changes
from debulk.board.matching.registry_trials import read_registry_trial, registry_trial
from debulk.board.settings import BoardSettings
from debulk.core import InputError
from debulk.patients import Cohort


@pytest.fixture(autouse=True)
def other_parts(monkeypatch):
    unknown = {"state": "not_enough_known", "reasons": [], "text": "Not enough is known."}
    monkeypatch.setattr(joined, "_futures", lambda case, settings: (unknown, unknown))
    monkeypatch.setattr(joined, "packaged_trials", tuple)


@pytest.mark.parametrize("argument", ["case", "board_months", "answers", "settings"])
def test_any_value_for_what_is_asked_of_a_case(argument):
    usual = {"case": known("BC05"), "settings": BoardSettings(panel_draws=11)}
    for kind, value in VALUES.items():
        survives(discuss, {**usual, argument: value}, f"{argument}: {kind}")


@pytest.mark.parametrize("argument", ["question", "with_futures", "registry_trials"])
@pytest.mark.parametrize("kind", ["word", "None", "nought", "list of text", "object", "polars"])
def test_some_values_for_the_rest(argument, kind):
    usual = {"case": known("BC05"), "settings": BoardSettings(panel_draws=11)}
    survives(discuss, {**usual, argument: VALUES[kind]}, f"{argument}: {kind}")


def test_any_value_for_a_setting_and_for_a_record(tmp_path):
    any_value_for_any_argument(BoardSettings, {}, "BoardSettings")
    for kind, value in VALUES.items():
        survives(BoardSettings.of_department, {"stored": {"leans_at": value}}, f"stored: {kind}")
    usual = {"record": record(), "criteria": curated(), "name": "record.json"}
    for argument in ("record", "criteria"):
        for kind, value in VALUES.items():
            label = f"registry_trial, {argument}: {kind}"
            survives(
                lambda **given: registry_trial(**given).trial, {**usual, argument: value}, label
            )
    (tmp_path / "NCT99999999.criteria.yaml").write_text(CURATED)
    with pytest.raises(InputError, match="NCT99999999"):
        read_registry_trial(tmp_path / "NCT99999999.json")


def test_a_trial_that_comes_twice_is_refused():
    trial = registry_trial(record(), curated(), name="record.json").trial
    with pytest.raises(InputError, match="NCT99999999 comes twice"):
        discuss(known("BC05"), registry_trials=[trial, trial])


def test_a_simulated_patient_is_a_cohort_of_one_too():
    tables = {
        "patients": [{"patient_id": 0, "board_months": 1.0}],
        "lesions": [{"patient_id": 0, "lesion_id": "0", "organ": "liver", "diameter_mm": 20.0}],
    }
    found = discuss(Cohort.from_tables(tables, validate=False), with_futures=False)
    assert (found.now.lesions, found.case.case_id) == (1, "0")


def test_hundreds_of_lesions_are_not_tried_one_by_one():
    rows = [
        {"patient_id": "A", "lesion_id": f"L{n}", "organ": "liver", "diameter_mm": 9.0}
        for n in range(300)
    ]
    tables = {"patients": [{"patient_id": "A"}], "lesions": rows}
    case = case_of_rows(tables, case_id="A", board_months=1.0)
    assert len(possible_changes(case)) < 200
    assert discuss(case, with_futures=False).now.lesions == 300
