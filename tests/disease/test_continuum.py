"""Is the continuum what its definitions say, with bands that are not Monte Carlo error?"""

import json
import runpy
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.core.compiled import use_threads
from debulk.core.files import json_text
from debulk.disease.continuum import (
    LEVEL,
    band,
    compute_continuum,
    drawn_model,
    gathered,
    of_parameters,
)
from debulk.disease.continuum_evidence import _PLACES, published_points
from debulk.disease.continuum_tally import Tally, count_stages, fates
from debulk.disease.extents import EXTENTS, STAGES
from debulk.disease.model import prior_model
from debulk.evidence import finding

HAND_MADE = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))
model_with_draws, tally_of = HAND_MADE["model_with_draws"], HAND_MADE["tally_of"]

PEOPLE = 600
CLASSES = [
    *("stage_1", "stage_2", "stage_3"),
    *["liver_only"] * 3,
    "oligometastatic",
    "liver_only",
    *["multi_organ"] * 2,
]
"""Class of each extent, in the order of the axis."""


@pytest.fixture(scope="module")
def small():
    """The prior's medians, few people."""
    return compute_continuum(prior_model(), patients=PEOPLE, seed=3)


def result_of(draws):
    model = model_with_draws(draws)
    return gathered(tally_of(draws), model, patients=4000, seed=1)


def test_bands_of_made_up_counts():
    result = result_of(40).to_dict()
    assert [each["extent"] for each in result["extents"]] == [each.name for each in EXTENTS]
    assert [each["extent_class"] for each in result["extents"]] == CLASSES
    assert result["structures"] == dict.fromkeys(HAND_MADE["STRUCTURES"], 10)
    for each in result["extents"]:
        for line in ("cure", "occult"):
            found = each[line]
            assert 0.0 <= found["lower"] <= found["median"] <= found["upper"] <= 1.0
            assert found["patients_se"] > 0.0
            assert found["draws_se"] > 0.0
        assert set(each["by_structure"]) == set(HAND_MADE["STRUCTURES"])
    stage_1 = result["extents"][0]["cure"]
    assert stage_1["upper"] - stage_1["lower"] > 0.1  # log-odds spread by 0.25 around 0.7
    cure = [each["cure"]["median"] for each in result["extents"]]
    occult = [each["occult"]["median"] for each in result["extents"]]
    assert cure == sorted(cure, reverse=True)
    assert occult == sorted(occult)
    assert result["provenance"]["exclusions"][0]["count"] == 5 * 40
    assert json.loads(json_text(result)) == result


def test_alive_is_told_of_metastatic_extents_alone():
    for each in result_of(4).extents:
        alive = {name for name in each.measures if name.startswith("alive")}
        assert bool(alive) != (each.extent in STAGES)


def test_an_extent_that_nobody_has_is_not_known():
    tally = tally_of(3)
    tally.patients[:, -1] = 0
    for counts in tally.counts.values():
        counts[:, -1] = 0
    last = gathered(tally, model_with_draws(3), patients=9, seed=1).to_dict()["extents"][-1]
    assert last["patients"] == last["draws"] == 0
    assert last["cure"]["median"] is None
    assert last["by_structure"]["reference"]["cure"] is None


def test_one_draw_has_no_band():
    found = band(np.array([0.25]), np.array([100]))
    assert (found.lower, found.median, found.upper) == (0.25, 0.25, 0.25)
    assert found.patients_se == pytest.approx(0.0436, abs=0.001)  # root of .2549 .7451 / 100
    assert np.isnan(found.draws_se)


def test_a_band_over_many_patients_is_the_quantiles():
    shares = np.linspace(0.1, 0.3, 201)
    found = band(shares, np.full(201, 10**9))
    tail = (1.0 - LEVEL) / 2.0
    assert found.lower == pytest.approx(np.quantile(shares, tail), rel=1e-5)
    assert found.upper == pytest.approx(np.quantile(shares, 1.0 - tail), rel=1e-5)


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.15])
def test_statistical_bands_hold_the_parameters_alone(spread):
    # 4,000 draws of 25 patients each, so the raw spread is dominated by sampling (sd 0.09). The
    # spread found has a Monte Carlo error of about 0.002 (at 0: its square is known to 2e-4).
    random = np.random.default_rng(5)
    draws, people = 4000, 25
    true = np.clip(0.3 + spread * random.uniform(-1.0, 1.0, draws) * np.sqrt(3.0), 0.0, 1.0)
    counts = np.full(draws, people)
    shares = random.binomial(counts, true) / counts
    found = of_parameters(shares, counts)
    assert found.mean() == pytest.approx(shares.mean(), abs=0.003)
    assert found.std() == pytest.approx(true.std(), abs=0.02 if spread == 0.0 else 0.008)
    assert shares.std() > found.std() + 0.01


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=12),
)
def test_bands_are_shares_in_order(pairs):
    patients = np.array([of for _, of in pairs])
    shares = np.array([min(hits, of) / of for hits, of in pairs])
    found = band(shares, patients)
    assert 0.0 <= found.lower <= found.median <= found.upper <= 1.0
    assert found.patients_se > 0.0


def test_stages_count_what_outlives_removal():
    census = types.SimpleNamespace(
        stage=np.array([1, 2, 3, 3, 4]),
        recurrence_months=np.array([np.nan, 61.0, 60.0, 12.0, np.nan]),
        occult_at_diagnosis=np.array([0, 3, 2, 4, 9]),
        occult_survivors=np.array([0, 1, 0, 2, 0]),
    )
    tally = Tally.empty(2)
    count_stages(tally, census, 1)
    assert tally.patients[1, :4].tolist() == [1, 1, 2, 0]
    assert tally.counts["cure"][1, :3].tolist() == [1, 0, 1]
    assert tally.counts["occult"][1, :3].tolist() == [0, 1, 2]
    assert tally.counts["free_of_recurrence_60"][1, :3].tolist() == [1, 1, 0]
    assert tally.patients[0].sum() == 0


def test_cure_needs_no_recurrence_no_cell_and_no_death_by_treatment():
    course = types.SimpleNamespace(
        death_months=np.array([np.inf, 130.0, 61.0, 1.0, 70.0, 20.0]),
        progression_months=np.array([np.inf, np.inf, 30.0, np.inf, np.inf, np.inf]),
        tumour_free=np.array([True, False, True, True, True, True]),
        cause=np.array([0, 1, 3, 2, 3, 3]),
        died_within_90_days=np.array([False, False, False, True, False, False]),
    )
    found = fates(course)
    assert found["cure"].tolist() == [True, False, False, False, True, True]
    assert found["free_of_recurrence_60"].tolist() == [True, True, False, False, True, False]
    assert found["alive_60"].tolist() == [True, True, True, False, True, False]
    assert found["alive_120"].tolist() == [True, True, False, False, False, False]


def test_published_points_say_what_their_rows_say():
    points = {each.key: each for each in published_points()}
    assert len(points) == len(_PLACES)
    names = [each.name for each in EXTENTS]
    for place in _PLACES:
        row, point = finding(place.key), points[place.key]
        shown = 100.0 * (1.0 - point.value if place.flip else point.value)
        if row.kind == "text":
            assert f"{shown:g}" in row.text
        else:
            assert shown == pytest.approx(row.value)
        assert point.role == row.role
        assert point.seen == (row.role == "calibration")
        places = [names.index(name) for name in point.extents]
        assert places == list(range(places[0], places[0] + len(places)))
        if point.lower is not None:
            assert point.lower < point.value < point.upper
    assert {each.role for each in points.values()} == {"calibration", "validation"}


def test_survival_by_number_of_metastases_is_held_out():
    points = [each for each in published_points() if each.key.startswith("series:china")]
    shown = {each.extents: each.value for each in points}
    assert shown == pytest.approx(
        {("liver_1",): 0.54, ("liver_2_4",): 0.417, ("liver_5_more",): 0.32}
    )
    for each in points:
        assert (each.role, each.seen, each.bound) == ("validation", False, "at most")
        assert each.to_dict()["interval"] == "none"


def test_limits_from_printed_counts_are_wilsons():
    (point,) = [each for each in published_points() if each.key.endswith("10-y-actual-survivors")]
    # 102 of 612 by R, prop.test(102, 612, correct = FALSE)
    assert (point.lower, point.upper) == pytest.approx((0.13924, 0.19825), abs=1e-5)
    assert point.interval == "derived"


def test_the_model_end_to_end(small):
    result = small.to_dict()
    by_name = {each["extent"]: each for each in result["extents"]}
    cure = [by_name[each.name]["cure"]["median"] for each in STAGES]
    assert cure == sorted(cure, reverse=True)
    # Who is cured has no recurrence; a lesion that survives may still be found after 5 years.
    for each in STAGES:
        free = by_name[each.name]["measures"]["free_of_recurrence_60"]["median"]
        assert by_name[each.name]["cure"]["median"] <= free
    extensive = by_name["multi_organ_extensive"]
    assert extensive["cure"]["median"] < by_name["liver_1"]["cure"]["median"]
    assert extensive["occult"]["median"] > by_name["stage_1"]["occult"]["median"]
    assert "no bands" in result["provenance"]["remarks"][1]
    assert sum(each["patients"] for each in result["extents"]) < 2 * PEOPLE


def test_same_seed_same_bytes_whatever_the_threads(small):
    try:
        use_threads(1)
        again = compute_continuum(prior_model(), patients=PEOPLE, seed=3)
    finally:
        use_threads(None)
    assert json_text(again) == json_text(small)
    assert json_text(compute_continuum(prior_model(), patients=PEOPLE, seed=4)) != json_text(small)


def test_chunks_do_not_matter(monkeypatch):
    model = model_with_draws(3)
    whole = json_text(compute_continuum(model, patients=200))
    monkeypatch.setattr("debulk.disease.continuum._CHUNK_PEOPLE", 1)
    told = []
    parts = compute_continuum(
        model, patients=200, progress=lambda done, of: told.append((done, of))
    )
    assert json_text(parts) == whole
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_off_mechanisms_reach_the_course():
    bare = compute_continuum(prior_model().without("occult"), patients=PEOPLE, seed=3)
    cure = {each.extent.name: each.cure.median for each in bare.extents}
    default = compute_continuum(prior_model(), patients=PEOPLE, seed=3)
    for each in default.extents[3:]:
        if each.patients > 30:
            assert cure[each.extent.name] > each.cure.median


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"draws": 0}, "draws: 0 asked for"),
        ({"draws": 2}, "draws: 2 asked for, the model has one parameter set. Give 1"),
        ({"patients": 0}, "patients: 0 is below 1"),
        ({"patients": 10**8}, "are more than 10,000,000"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"seed": 2**63}, "is out of range"),
    ],
    ids=str,
)
def test_numbers_out_of_range_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        compute_continuum(prior_model(), **changes)


@pytest.mark.parametrize("draws", [0, -1, 6])
def test_draws_that_a_posterior_does_not_have_are_refused(draws):
    with pytest.raises(InputError, match="draws"):
        drawn_model(model_with_draws(5), draws)


def test_draws_are_the_first_and_at_most_a_hundred():
    assert drawn_model(model_with_draws(5), 3).draws == 3
    assert drawn_model(model_with_draws(5), None).draws == 5
    assert drawn_model(model_with_draws(120), None).draws == 100
    assert drawn_model(model_with_draws(120), 120).draws == 120
