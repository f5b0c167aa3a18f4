"""The pages of scores: formula, accuracy elsewhere, and a calculator that keeps nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.patients import Cohort
from debulk.prognosis import load_score, packaged_scores, score, wanted_scores
from debulk.prognosis.scores.typed import asked_of, points_of_values

FONG = {
    "n_positive": "2",
    "disease_free_interval_months": "0",
    "hepatic_lesions": "4",
    "cea_ug_l": "12,5",
    "largest_liver_diameter_mm": "60",
}


def test_every_score_is_listed_with_what_is_known_of_it(client):
    told = client.get("/scores.json").json()
    assert [each["name"] for each in told["scores"]] == packaged_scores()
    assert len(told["wanted"]) == len(wanted_scores())
    page = client.get("/scores").text
    assert "60.5 (55.2 to 65.8)" in page
    assert all(
        each.missing.split(";")[0] in page for each in wanted_scores() if "'" not in each.missing
    )


@pytest.mark.parametrize("name", packaged_scores())
def test_every_score_has_a_page_with_the_sentence(client, name):
    told = client.get(f"/scores/{name}.json").json()
    assert told["score"] == load_score(name).to_dict()
    page = client.get(f"/scores/{name}").text
    assert "It says nothing on whether local treatment helps." in page
    assert all(f'name="{each}"' in page for each in asked_of(load_score(name)))


def test_handworked_fong_three_points_of_five(client):
    answer = client.post("/scores/fong", data=FONG)
    assert answer.status_code == 200
    assert "3 of 5 points, group high" not in answer.text  # nodes, interval, number and size: 4
    assert "Clinical risk score (Fong): 4 of 5 points, group high." in answer.text
    assert "in 60.5 of 100 (55.2 to 65.8; a coin: 50)" in answer.text
    assert all(f'value="{value}"' in answer.text for value in FONG.values())


def test_an_unknown_item_gives_bounds_not_points(client):
    answer = client.post("/scores/fong", data={**FONG, "cea_ug_l": ""})
    assert "between 4 and 5 of 5 points, group high; unknown: carcinoembryonic" in answer.text


def test_what_is_typed_is_not_kept(client):
    answer = client.post("/scores/fong", data=FONG)
    assert answer.headers["cache-control"] == "no-store"
    assert 'value="60"' not in client.get("/scores/fong").text
    assert client.get("/scores/fong.json").json()["result"] is None


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("fong", {"n_positive": "2.8"}, "a whole number, 0 to 500 (found &#39;2.8&#39;)"),
        ("fong", {"cea_ug_l": "-3"}, "a number, 0 to 200,000 (found &#39;-3&#39;)"),
        ("fong", {"cea_ug_l": "nan"}, "found &#39;nan&#39;"),
        ("nordlinger", {"age_years": "7"}, "18 to 110 (found &#39;7&#39;)"),
        ("game", {"kras": "maybe"}, "choose one of the list (found &#39;maybe&#39;)"),
    ],
)
def test_hostile_values_are_told_beside_their_field_and_kept(client, name, typed, message):
    answer = client.post(f"/scores/{name}", data=typed)
    assert answer.status_code == 422
    assert message in answer.text
    assert client.get(f"/scores/{name}").status_code == 200


def test_a_wanted_score_says_what_is_missing(client):
    answer = client.get("/scores/iwatsuki")
    assert answer.status_code == 404
    assert "how its risk factors make grades" in answer.text


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(["fong", "konopke", "nagashima", "mcs", "tumour_burden", "game"]),
    hepatic=st.integers(1, 9),
    outside=st.integers(0, 3),
    largest=st.sampled_from([10.0, 49.9, 50.0, 50.1, 80.0]),
    cea=st.one_of(st.none(), st.sampled_from([5.0, 20.0, 200.0, 200.1])),
    nodes=st.one_of(st.none(), st.integers(0, 3)),
    ras=st.sampled_from([None, "wild_type", "mutated"]),
)
def test_property_typed_values_score_as_a_cohort_does(
    name, hepatic, outside, largest, cea, nodes, ras
):
    lesions = [
        {"patient_id": "P", "lesion_id": f"L{place}", "organ": organ, "diameter_mm": size}
        for place, (organ, size) in enumerate(
            [("liver", largest)] + [("liver", 5.0)] * (hepatic - 1) + [("lung", 8.0)] * outside
        )
    ]
    patient = {"patient_id": "P", "synchronous": True, "cea_ug_l": cea, "n_positive": nodes}
    patient |= {"ras": ras, "t_stage": 3, "lesion_list_complete": True}
    cohort = Cohort.from_tables({"patients": [patient], "lesions": lesions})
    expected = score(name, cohort).row(0, named=True)
    found = points_of_values(
        load_score(name),
        {
            "hepatic_lesions": hepatic,
            "extrahepatic_lesions": outside,
            "largest_liver_diameter_mm": largest,
            "cea_ug_l": cea,
            "n_positive": nodes,
            "ras": ras,
            "synchronous": True,
            "disease_free_interval_months": 0.0,
            "t_stage": 3,
        },
    )
    assert found.points == expected["points"]
    assert (found.lowest, found.highest) == (expected["lowest"], expected["highest"])
    assert found.group == expected["group"]
