"""A case discussed: parts joined, wrong input refused, nothing that JSON cannot hold."""

import json

import pytest
from tests.board.known_cases import EXPECTED, known
from tests.board.registry_record import curated, record

from debulk.board import case_of_rows
from debulk.board import discussion as joined
from debulk.board.alike.evidence_alike import evidence_for
from debulk.board.discussion import discuss
from debulk.board.example_cases import example_cases
from debulk.board.matching.registry_trials import registry_trial
from debulk.board.scores_of_case import scores_for
from debulk.board.settings import BoardSettings
from debulk.core import InputError
from debulk.patients import Cohort

# Polars divides a column of one row and of many by a number in two ways: the last digit may differ.
LAST_DIGIT = 1e-15

KEYS = {
    "case_id",
    "title",
    "question",
    "board_months",
    "patient",
    "judged_at",
    "now",
    "at_entry",
    "lesions",
    "plans",
    "trials",
    "evidence",
    "scores",
    "futures",
    "equipoise",
    "missing",
    "provenance",
}


@pytest.fixture(autouse=True)
def no_futures(monkeypatch):
    """Futures have tests of their own."""
    unknown = {"state": "not_enough_known", "reasons": [], "text": "Not enough is known."}
    monkeypatch.setattr(joined, "_futures", lambda case, settings: (unknown, unknown))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_case_becomes_plain_json_with_the_agreed_keys(name):
    found = discuss(known(name)).to_dict()
    assert set(found) >= KEYS
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for trial in found["trials"]:
        assert trial["fit"] in ("fits", "may fit", "does not fit")
        assert {"id", "text", "state", "value", "judged"} <= set(trial["criteria"][0])


def test_the_first_sentences_are_those_of_the_page():
    said = discuss(known("BC03"), settings=BoardSettings(panel_draws=11)).in_short
    assert said[0] == (
        "Extent: multi-organ (3 organs, 15 lesions, largest 48 mm). With k = 4: the same."
    )
    assert said[1] == "Volume 130 ml; tumour burden score 10.2."
    assert said[2].startswith("Treatable now: 15 of 15 (100 %) in one plan; panels differ: ")
    assert said[3].startswith("Trials: 0 fit, ")
    assert said[4] == "Futures: Not enough is known."
    assert said[-1].endswith("answers would change what the board sees.")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("open", "Futures: the model cannot tell the options apart."),
        ("little", "the difference is smaller than 3 months either way in the model."),
        ("gain", "local treatment adds 3 months or more in the model."),
        ("loss", "local treatment takes 3 months or more in the model."),
    ],
)
def test_what_the_model_says_is_one_sentence_with_the_departments_lines(monkeypatch, verdict, said):
    shown = {"state": "done", "text": {"two_years": "..."}}
    equal = {"state": "done", "model": {"verdict": verdict}}
    monkeypatch.setattr(joined, "_futures", lambda case, settings: (shown, equal))
    assert discuss(known("BC05")).in_short[4].endswith(said)


def test_the_same_case_gives_the_same_bytes():
    once, twice = (json.dumps(discuss(known("BC09")).to_dict()) for _ in range(2))
    assert once == twice


def test_a_cohort_of_one_is_discussed_like_the_case():
    case = known("BC05")
    found = discuss(case.cohort, question=case.question)
    assert found.to_dict()["now"] == discuss(case).to_dict()["now"]
    assert found.case.board_months == case.board_months


def test_another_moment_is_another_judgement():
    then = discuss(known("BC12"), board_months=2.0, with_futures=False)
    assert (then.now.organs, then.now.removed) == (("liver",), 0)
    assert then.case.board_months == 2.0


def test_registry_trials_stand_beside_the_packaged_ones():
    trial = registry_trial(record(), curated(), name="record.json").trial
    found = discuss(known("BC02"), registry_trials=[trial], answers={"NCT99999999/X2": True})
    assert found.trials[-1].trial.name == "NCT99999999"
    assert found.trials[-1].in_force.fit == "fits"


def test_settings_are_shown_and_marked_as_chosen():
    found = discuss(known("BC08"), settings=BoardSettings(extent_k=4)).to_dict()
    assert found["now"]["extent"] == found["now"]["extent_k4"] == "oligometastatic"
    statuses = {each["name"]: each["status"] for each in found["provenance"]["parameters"]}
    assert statuses["board.extent_k"] == "chosen"
    assert statuses["board.delta_months"] == "default"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"orchestra/X9": True}, "no criterion is called 'orchestra/X9'"),
        ({"orchestra/X6": "yes"}, "is 'yes'"),
        ({"orchestra/X6": 1}, "is 1"),
    ],
)
def test_answers_that_answer_nothing_are_refused(answers, said):
    with pytest.raises(InputError, match=said):
        discuss(known("BC01"), answers=answers)


@pytest.mark.parametrize("others", [(), ("imported again",)], ids=["withdrawn", "other criteria"])
def test_answers_to_a_criterion_that_is_gone_are_counted_not_refused(others):
    trials = [registry_trial(record(), curated(), name=each).trial for each in others]
    case = known("BC02").with_answers({"NCT99999999/X2b": True})
    excluded = discuss(case, registry_trials=trials, with_futures=False).provenance.exclusions
    assert [(each.reason, each.count) for each in excluded] == [
        ("answers by hand to criteria of registry trials that are not matched now", 1)
    ]


def test_a_cohort_needs_one_patient_and_a_moment():
    two = Cohort.from_tables({"patients": [{"patient_id": "A"}, {"patient_id": "B"}]})
    with pytest.raises(InputError, match="a cohort of 2 patients"):
        discuss(two)
    one = Cohort.from_tables({"patients": [{"patient_id": "A"}]})
    with pytest.raises(InputError, match="board_months"):
        discuss(one)


@pytest.mark.parametrize(
    "setting",
    [
        {"extent_k": 3},
        {"delta_months": float("nan")},
        {"leans_at": 50},
        {"panel_draws": 10**9},
        {"shrink_by": "0.3"},
        {"minimum_effective": True},
    ],
)
def test_settings_outside_what_they_can_be_are_refused(setting):
    with pytest.raises(InputError, match=next(iter(setting))):
        BoardSettings(**setting)


@pytest.mark.parametrize(
    "tables",
    [
        {"patients": [{}]},
        {"patients": [{"lesion_list_complete": False}]},
        {"patients": [{}], "lesions": [{"lesion_id": "L1", "organ": "brain"}]},
        {"patients": [{}], "lesions": [{"lesion_id": "P", "organ": "primary"}]},
        {"patients": [{}], "lesions": [{"lesion_id": "L1", "organ": "liver", "disappeared": True}]},
        {
            "patients": [{"panel_boldness": 2.0, "liver_remnant_share": 0.0}],
            "lesions": [
                {"lesion_id": f"L{n}", "organ": "liver", "diameter_mm": 499.0} for n in range(48)
            ],
        },
        {
            "patients": [{}],
            "lesions": [{"lesion_id": "L1", "organ": "lung", "diameter_mm": 8.0}],
            "judgements": [{"lesion_id": "L1", "panellist": "A"}],
        },
    ],
)
def test_a_case_with_gaps_is_discussed_all_the_same(tables):
    rows = {name: [{"patient_id": "A", **row} for row in each] for name, each in tables.items()}
    found = discuss(case_of_rows(rows, case_id="A", board_months=1.0))
    json.dumps(found.to_dict(), allow_nan=False)
    assert not any("None" in each for each in found.in_short)


@pytest.mark.parametrize("case", example_cases(), ids=lambda case: str(case.case_id))
def test_parts_that_share_one_look_at_the_case_say_what_each_says_alone(case):
    found = discuss(case, with_futures=False)
    assert found.evidence == evidence_for(case).to_dict()
    for together, alone in zip(found.scores, scores_for(case), strict=True):
        assert together["text"] == alone.text
        near = alone.value and pytest.approx(alone.value, rel=LAST_DIGIT)
        assert together["value"] == near
