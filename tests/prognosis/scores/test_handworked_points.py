"""Points of each score at each of its cut points, as the wording of its source has them."""

import math

import polars as pl
import pytest
from tests.prognosis.scores.cases import cohort_of

from debulk.prognosis.scores.library import load_score, packaged_scores
from debulk.prognosis.scores.points import groups_of
from debulk.prognosis.scores.scoring import score

# A root of a sum of squares: no more than rounding may differ.
ROUNDING = 1e-12

AT_CUTS = {
    "fong": [
        ({"n_positive": 1}, 1),
        ({"found_months": 12.0}, 0),
        ({"found_months": 11.9}, 1),
        ({"synchronous": True}, 1),
        ({"lesions": 2}, 1),
        ({"cea_ug_l": 200.0}, 0),
        ({"cea_ug_l": 200.1}, 1),
        ({"size_mm": 50.0}, 0),
        ({"size_mm": 50.1}, 1),
        ({"outside": True}, 0),
        (
            {
                "n_positive": 3,
                "synchronous": True,
                "lesions": 4,
                "cea_ug_l": 900.0,
                "size_mm": 80.0,
            },
            5,
        ),
    ],
    "nordlinger": [
        ({"age_years": 60.1}, 1),
        ({"t_stage": 4}, 1),
        ({"n_positive": 1}, 1),
        ({"found_months": 24.0}, 0),
        ({"found_months": 23.9}, 1),
        ({"lesions": 3}, 0),
        ({"lesions": 4}, 1),
        ({"size_mm": 50.0}, 0),
        ({"size_mm": 50.1}, 1),
    ],
    "konopke": [
        ({"lesions": 3}, 0),
        ({"lesions": 4}, 1),
        ({"cea_ug_l": 199.9}, 0),
        ({"cea_ug_l": 200.0}, 1),
        ({"synchronous": True}, 1),
    ],
    "nagashima": [
        ({"t_stage": 4}, 1),
        ({"n_positive": 1}, 1),
        ({"lesions": 2}, 1),
        ({"size_mm": 50.0}, 0),
        ({"size_mm": 50.1}, 1),
        ({"outside": True}, 1),
    ],
    "malik": [
        ({"lesions": 7}, 0),
        ({"lesions": 8}, 1),
        ({"crp_mg_l": 10.0}, 0),
        ({"crp_mg_l": 10.1}, 1),
        ({"neutrophil_lymphocyte_ratio": 5.0}, 0),
        ({"neutrophil_lymphocyte_ratio": 5.1}, 1),
        ({"crp_mg_l": 90.0, "neutrophil_lymphocyte_ratio": 9.0}, 1),
        ({"crp_mg_l": 90.0, "lesions": 9}, 2),
    ],
    "game": [
        ({"ras": "mutated"}, 1),
        ({"ras": "mutated", "kras": "wild_type"}, 0),
        ({"cea_ug_l": 19.9}, 0),
        ({"cea_ug_l": 20.0}, 1),
        ({"n_positive": 1}, 1),
        # One metastasis: the root of size squared plus 1 passes 3 at 28.28 mm.
        ({"size_mm": 28.2}, 0),
        ({"size_mm": 28.3}, 1),
        # Five: the root of size squared plus 25 passes 9 at 74.83 mm.
        ({"lesions": 5, "size_mm": 74.8}, 1),
        ({"lesions": 5, "size_mm": 74.9}, 2),
        ({"outside": True}, 2),
    ],
    "mcs": [
        ({"ras": "mutated"}, 1),
        ({"n_positive": 1}, 1),
        ({"size_mm": 50.0}, 0),
        ({"size_mm": 50.1}, 1),
    ],
    "rees_postoperative": [
        ({"n_positive": 1}, 2),
        ({"differentiation": "moderate"}, 2),
        ({"differentiation": "poor"}, 4),
        ({"cea_ug_l": 5.9}, 0),
        ({"cea_ug_l": 6.0}, 1),
        ({"cea_ug_l": 60.0}, 1),
        ({"cea_ug_l": 60.1}, 3),
        ({"size_mm": 49.9}, 0),
        ({"size_mm": 50.0}, 2),
        ({"size_mm": 100.0}, 2),
        ({"size_mm": 100.1}, 7),
        ({"margin_positive": True}, 11),
        ({"outside": True}, 4),
    ],
    "beppu": [
        ({"synchronous": True}, 3),
        ({"n_positive": 1}, 3),
        ({"lesions": 2}, 4),
        ({"lesions": 4}, 4),
        ({"lesions": 5}, 9),
        ({"size_mm": 50.0}, 0),
        ({"size_mm": 50.1}, 2),
        ({"outside": True}, 4),
        ({"ca199_u_ml": 100.0}, 0),
        ({"ca199_u_ml": 100.1}, 4),
    ],
    "imai": [
        ({"n_positive": 1}, 5),
        ({"lesions": 6}, 0),
        ({"lesions": 7}, 7),
        ({"ca199_u_ml": 37.0}, 0),
        ({"ca199_u_ml": 37.1}, 10),
        ({"progressed_on_first_line": True}, 9),
        ({"outside": True}, 4),
    ],
}

MOST = {
    "fong": 5,
    "nordlinger": 6,
    "konopke": 3,
    "nagashima": 5,
    "malik": 2,
    "game": 7,
    "mcs": 3,
    "rees_postoperative": 31,
    "beppu": 25,
    "imai": 35,
}

GROUPS = {
    "fong": ["low"] * 3 + ["high"] * 3,
    "nordlinger": ["low"] * 3 + ["intermediate"] * 2 + ["high"] * 2,
    "konopke": ["low", "intermediate", "high", "high"],
    "nagashima": ["low"] * 2 + ["intermediate"] * 2 + ["high"] * 2,
    "malik": ["0", "1", "2"],
    "game": ["low"] * 2 + ["medium"] * 2 + ["high"] * 4,
    "mcs": ["low", "intermediate", "moderate", "high"],
    "rees_postoperative": [None] * 32,
    "beppu": [None] * 26,
    "imai": ["16 or less"] * 17 + ["above 16"] * 19,
}


def test_every_packaged_score_is_worked_by_hand():
    assert {*AT_CUTS, "tumour_burden"} == set(packaged_scores())
    assert set(MOST) == set(GROUPS) == set(AT_CUTS)


@pytest.mark.parametrize("name", AT_CUTS)
def test_points_at_each_cut_point(name):
    changes, expected = zip(*AT_CUTS[name], strict=True)
    found = score(name, cohort_of({}, *changes))
    assert found["points"].to_list() == [0, *expected]
    assert found["missing_items"].list.len().to_list() == [0] * (len(expected) + 1)


@pytest.mark.parametrize("name", AT_CUTS)
def test_the_most_points_and_the_groups(name):
    chosen = load_score(name)
    assert chosen.highest == MOST[name]
    points = pl.Series(range(MOST[name] + 1))
    assert groups_of(chosen, points).to_list() == GROUPS[name]


def test_the_tumour_burden_is_a_measurement_in_three_zones():
    # 3, 4, 5: four metastases, the largest 3 cm; 5, 12, 13: five, the largest 12 cm.
    cohort = cohort_of({}, {"lesions": 4, "size_mm": 30.0}, {"lesions": 5, "size_mm": 120.0})
    found = score("tumour_burden", cohort)
    assert found["points"].to_list() == pytest.approx([math.sqrt(2), 5.0, 13.0], rel=ROUNDING)
    assert found["group"].to_list() == ["zone 1", "zone 2", "zone 3"]
    chosen = load_score("tumour_burden")
    assert groups_of(chosen, pl.Series([2.999, 3.0, 8.999, 9.0])).to_list() == [
        "zone 1",
        "zone 2",
        "zone 2",
        "zone 3",
    ]


def test_the_largest_liver_metastasis_decides_not_one_elsewhere():
    cohort = cohort_of({})
    lesions = cohort.lesions.to_dicts()
    lesions.append({**lesions[0], "lesion_id": "L9", "organ": "lung", "diameter_mm": 90.0})
    tables = cohort.tables | {"lesions": lesions}
    assert score("fong", type(cohort).from_tables(tables))["points"].to_list() == [0]
