"""Features worked out by hand on small cohorts."""

import math

import pytest

from debulk.patients import Cohort
from debulk.treatments import Lesion, plan

# Sums and spheres are a few operations: no more than rounding may differ.
ROUNDING = 1e-12

LISTED = {"lesion_list_complete": True}


def patient(lesions=(), treatments=(), judgements=(), assessments=(), **columns):
    who = {"patient_id": "a"}
    tables = {"patients": [{**who, **columns}]}
    parts = {
        "lesions": [
            {"lesion_id": f"L{number}", "organ": "liver", **each}
            for number, each in enumerate(lesions, start=1)
        ],
        "treatments": treatments,
        "judgements": judgements,
        "assessments": assessments,
    }
    for name, rows in parts.items():
        if rows:
            tables[name] = [{**who, **row} for row in rows]
    return Cohort.from_tables(tables)


def feature(cohort, name, moment="now"):
    return cohort.features(moment=moment, only=[name])[name].item()


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        (["right S6", "right S7"], True),
        (["right S6", "left S2"], False),
        (["right S6", "caudate S1"], False),
        (["S6", "segment 8"], True),
        (["s4", "S5"], False),
        (["right S6", None], None),
        (["right", "left", None], False),
        ([None], True),
        (["hilum", "right S5"], None),
        ([], False),
    ],
)
def test_two_known_lobes_settle_that_disease_is_not_in_one(sites, expected):
    cohort = patient([{"site": site} for site in sites], **LISTED)
    assert feature(cohort, "liver_one_lobe") is expected


@pytest.mark.parametrize(
    ("t_stage", "n_positive", "expected"),
    [
        (1, 0, "stage_1"),
        (2, 0, "stage_1"),
        (3, 0, "stage_2"),
        (4, 0, "stage_2"),
        (1, 1, "stage_3"),
        (None, 2, "stage_3"),
        (3, None, None),
        (None, 0, None),
    ],
)
def test_without_metastases_extent_is_the_stage(t_stage, n_positive, expected):
    cohort = patient(t_stage=t_stage, n_positive=n_positive, **LISTED)
    assert feature(cohort, "extent_k2") == expected


def test_a_cohort_that_records_no_lesions_knows_nothing_of_them():
    row = patient(t_stage=3, n_positive=0).features(only=["lesions", "has_brain", "extent_k2"])
    assert row.row(0)[-3:] == (None, None, None)


def test_volume_and_burden_follow_from_the_diameters():
    cohort = patient([{"diameter_mm": 30}, {"diameter_mm": 10}, {"organ": "lung", "volume_ml": 2}])
    ball = math.pi / 6
    assert feature(cohort, "liver_volume_ml") == pytest.approx(ball * 28, rel=ROUNDING)
    assert feature(cohort, "volume_ml") == pytest.approx(ball * 28 + 2, rel=ROUNDING)
    # The lung lesion has a volume but no diameter.
    assert feature(cohort, "largest_diameter_mm") is None
    assert feature(cohort, "largest_known_diameter_mm") == 30
    assert feature(cohort, "largest_liver_diameter_mm") == 30
    assert feature(cohort, "tumour_burden_score") == pytest.approx(math.sqrt(9 + 4), rel=ROUNDING)


def test_the_largest_liver_metastasis_is_unknown_if_a_size_there_is_and_0_without_one():
    assert feature(patient([{"diameter_mm": 30}, {}]), "largest_liver_diameter_mm") is None
    lung = [{"organ": "lung", "diameter_mm": 30}]
    assert feature(patient(lung), "largest_liver_diameter_mm") == 0
    listed = {"lesion_list_complete": False}
    assert feature(patient([{"diameter_mm": 9}], **listed), "largest_liver_diameter_mm") is None


@pytest.mark.parametrize(
    ("board", "ended", "completeness", "left"),
    [
        (5.0, 4.0, "complete", 1),
        (5.0, 5.0, "complete", 1),
        (5.0, 6.0, "complete", 2),
        (None, 6.0, "complete", 1),
        (5.0, 4.0, "incomplete", 2),
        (5.0, 4.0, None, 2),
    ],
)
def test_a_lesion_removed_completely_by_then_leaves_the_counts(board, ended, completeness, left):
    local = {"kind": "local", "lesion_ids": ["L1"], "end_months": ended}
    cohort = patient([{}, {}], [{**local, "completeness": completeness}], board_months=board)
    assert feature(cohort, "lesions") == left


def test_with_nothing_left_to_see_extent_is_that_at_entry():
    lesions = [{"organ": "lung", "disappeared": True}, {"disappeared": True}]
    cohort = patient(lesions, t_stage=3, n_positive=0)
    assert feature(cohort, "lesions") == 0
    assert feature(cohort, "extent_k2") == "oligometastatic"
    removed = {"kind": "local", "lesion_ids": ["L1", "L2"], "completeness": "complete"}
    line = {"kind": "systemic", "line": 1, "start_months": 4}
    cohort = patient([{}, {}], [{**removed, "end_months": 2}, line], t_stage=3, n_positive=0)
    assert feature(cohort, "extent_k2", "entry") == "liver_only"


def test_responses_count_from_the_first_palliative_line_to_the_board():
    lines = [
        {"kind": "systemic", "line": 0, "start_months": 0},
        {"kind": "systemic", "line": 1, "start_months": 10},
        {"kind": "systemic", "line": 2, "start_months": 20},
    ]
    scans = [(5, "CR"), (13, "SD"), (16, "PR"), (19, "PD"), (23, "CR"), (40, "PD")]
    cohort = patient(
        treatments=lines,
        assessments=[{"time_months": time, "response": response} for time, response in scans],
        board_months=30,
    )
    row = cohort.features().row(0, named=True)
    assert row["palliative_line"] == 2
    assert row["first_line"] is False
    assert row["first_line_months"] == 10
    assert row["induction_response"] == "SD"
    assert row["best_response"] == "CR"


def test_a_lesion_without_a_date_may_be_the_first_outside_the_liver():
    known = {"organ": "lung", "detected_months": 15}
    given = {"adjuvant": "given", "adjuvant_end_months": 8}
    name = "months_adjuvant_to_extrahepatic"
    assert feature(patient([known, {"detected_months": 2}], **given), name) == 7
    assert feature(patient([known, {"organ": "bone"}], **given), name) is None


def judge(panellist, lesion, treatable, time=None):
    return {
        "panellist": panellist,
        "lesion_id": lesion,
        "treatable": treatable,
        "time_months": time,
    }


def test_a_panel_is_averaged_over_its_members_latest_views():
    views = [
        judge("x", "L1", True), judge("x", "L2", False),
        judge("y", "L1", False, 1), judge("y", "L1", True, 2), judge("y", "L2", True, 2),
        judge("z", "L1", False),
    ]  # fmt: skip
    lesions = [{"diameter_mm": 10}, {"diameter_mm": 20}]
    cohort = patient(lesions, judgements=views, board_months=3)
    # x treats one of two, y by now both; z has not judged the second lesion.
    assert feature(cohort, "treatable_share") == pytest.approx(0.75, rel=ROUNDING)
    volume = (1 / 9 + 1) / 2
    assert feature(cohort, "treatable_share_volume") == pytest.approx(volume, rel=ROUNDING)


def test_without_a_panel_the_plan_decides():
    lesions = [("liver", 20.0), ("lung", 12.0), ("bone", 60.0), ("liver", 90.0)]
    cohort = patient(
        [{"organ": organ, "diameter_mm": size, "near_vessel": False} for organ, size in lesions],
        liver_remnant_share=0.5,
    )
    planned = plan([Lesion(organ, size, near_vessel=False) for organ, size in lesions], 0.5)
    assert 0.0 < planned.treatable_share < 1.0
    expected = {
        "treatable_share": planned.treatable_share,
        "treatable_share_volume": planned.treatable_share_volume,
        "planned_sessions": len(planned.sessions),
        "planned_weeks": planned.weeks,
    }
    for name, value in expected.items():
        assert feature(cohort, name) == pytest.approx(value, rel=ROUNDING)


def test_a_lesion_without_size_leaves_the_plan_unknown():
    cohort = patient([{"diameter_mm": 10}, {}])
    assert feature(cohort, "treatable_share") is None
    assert feature(cohort, "planned_sessions") is None
