"""Futures of cases: what must hold of each, and the cases that get none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from tests.board.futures.synthetic import case

from debulk.board import BoardCase, case_of_entry
from debulk.board.futures.alike import alike
from debulk.board.futures.equipoise_words import open_to_patient
from debulk.board.futures.front import futures_of
from debulk.board.futures.known import known_of
from debulk.board.futures.library import Library
from debulk.board.futures.likeness import Likeness
from debulk.board.futures.options import OPTIONS, follow
from debulk.board.futures.result import Futures, NotEnoughKnown
from debulk.board.settings import BoardSettings
from debulk.core.errors import InputError
from debulk.disease import run_course
from debulk.disease.presenters import presenters_again

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "patients" / "cases.json").read_text("utf-8")
)
CASES = {each["case_id"]: each for each in REFERENCE["cases"]}
OUTSIDE = {"msi_high", "brain", "who", "lesions", "line", "long_line"}
PATIENTS = 2000
FEW = BoardSettings(minimum_effective=20, widest_disagreement=100.0)
"""The library of the tests is a thirtieth of the packaged one."""


def _limited() -> BoardCase:
    return case({"liver": [28.0, 19.0]})


@pytest.fixture(scope="module")
def shown(library: Library) -> Futures:
    found = futures_of(_limited(), settings=FEW, library=library, patients=PATIENTS)
    assert isinstance(found, Futures)
    return found


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [x for each in value.values() for x in _numbers(each)]
    if isinstance(value, list):
        return [x for each in value for x in _numbers(each)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_property_a_result_is_plain_json_with_every_interval_in_order(shown: Futures) -> None:
    result = shown.to_dict()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert np.isfinite(_numbers(result)).all()
    for option in result["options"]:
        for row in option["alive"]:
            assert 0.0 <= row["lower"] <= row["estimate"] <= row["upper"] <= 100.0
        curve = option["curves"]["overall"]
        assert curve["months"] == list(range(61))
        assert curve["estimate"][0] == pytest.approx(1.0)
        assert np.all(np.diff(curve["estimate"]) <= 1e-12)
        for icons in option["icons"]:
            assert icons["alive"] + icons["dead"] == 100
            assert icons["dead_within_90_days"] <= icons["dead"]
    for row in result["differences"]:
        told = [row[f"{name}_of_100"]["estimate"] for name in ("benefit", "little", "harm")]
        assert sum(told) == pytest.approx(100.0, abs=1e-9)


def test_property_the_difference_is_that_of_the_options(shown: Futures) -> None:
    base, option = shown.options
    apart = shown.differences[0]
    assert (base.option, option.option, apart.option) == ("systemic", "local", "local")
    for year, value in apart.alive.items():
        expected = option.alive[year].estimate - base.alive[year].estimate
        assert value.estimate == pytest.approx(expected, abs=1e-9)


def test_property_same_result_again_and_on_any_number_of_threads(
    shown: Futures, library: Library
) -> None:
    most = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        again = futures_of(_limited(), settings=FEW, library=library, patients=PATIENTS)
    finally:
        numba.set_num_threads(most)
    assert json.dumps(again.to_dict()) == json.dumps(shown.to_dict())
    assert json.dumps(again.equipoise.to_dict()) == json.dumps(shown.equipoise.to_dict())


def test_handworked_null_world_differs_in_nobody(shown: Futures, library: Library) -> None:
    (null,) = shown.null_world
    assert null["identical"] is True
    assert null["largest_difference_months"] == 0.0
    assert null["had_sham"] > 0
    known, _ = known_of(_limited(), FEW)
    assert known is not None
    who = alike(known, library, Likeness(), patients=PATIENTS)
    sham = follow(library.model.null_world(), who, OPTIONS["local"])
    base = follow(library.model, who, OPTIONS["systemic"])
    np.testing.assert_array_equal(sham.death_months, base.death_months)
    np.testing.assert_array_equal(sham.progression_free_months, base.progression_free_months)
    assert not sham.major_complication.any()
    assert not sham.not_resumed.any()


def test_statistical_conditioning_on_nothing_gives_back_the_library(library: Library) -> None:
    known, _ = known_of(_limited(), FEW)
    assert known is not None

    class Anybody(Likeness):
        def at_start(self, known: Any, library: Library) -> Any:
            return np.ones(len(library))

    who = alike(known, library, Anybody(), patients=4000)
    sampled = float(
        (follow(library.model, who, OPTIONS["systemic"]).death_months > 24.0) @ who.weight
    )
    everybody = presenters_again(
        library.model, seed=library.seed, trial=library.trial, patient=library.patient
    )
    whole = run_course(
        library.model, everybody, seed=11, randomised_step=0, horizon_months=24.0
    ).death_months
    mean = float(np.isinf(whole).mean())
    # A sample of 4,000 of 18,000, three standard errors.
    assert abs(sampled - mean) < 3.0 * np.sqrt(mean * (1.0 - mean) / 4000)
    assert who.weight.sum() == pytest.approx(1.0, abs=1e-9)
    assert who.draws_left_out == 0


def test_property_every_draw_counts_the_same(library: Library) -> None:
    known, _ = known_of(_limited(), FEW)
    assert known is not None
    who = alike(known, library, Likeness(), patients=PATIENTS)
    totals = np.bincount(who.draw, weights=who.weight)
    np.testing.assert_allclose(totals, 1.0 / totals.size, rtol=1e-9)
    assert who.trials.size + who.draws_left_out == library.draws


def test_property_response_and_line_are_those_of_the_case(library: Library) -> None:
    asked = case(
        {"liver": [40.0, 20.0]},
        line={"line": 1, "start_months": 0.0},
        response="PR",
        board_months=2.8,
        now=[24.0, 12.0],
    )
    known, _ = known_of(asked, FEW)
    assert known is not None
    assert (known.run_in_steps, known.response) == (4, 1)
    assert known.change == pytest.approx(0.6)
    who = alike(known, library, Likeness(), patients=PATIENTS)
    start = np.bincount(
        who.presenters.owner[who.presenters.visible],
        weights=who.presenters.diameter_mm[who.presenters.visible],
    )
    now = np.bincount(who.presenters.owner, weights=who.diameter_mm * who.visible)
    ratio = float((now / start) @ who.weight)
    assert 0.45 < ratio < 0.75
    found = futures_of(asked, settings=FEW, library=library, patients=PATIENTS)
    assert isinstance(found, Futures)
    assert "response to the first line" in found.matched.on
    assert found.run_in_months == pytest.approx(4 * 21 / 30.4375)


def test_handworked_progression_is_followed_without_a_curve_of_it(library: Library) -> None:
    asked = case(
        {"liver": [40.0, 30.0]},
        line={"line": 1, "start_months": 0.0},
        response="PD",
        board_months=4.2,
        now=[52.0, 39.0],
    )
    settings = BoardSettings(minimum_effective=3, widest_disagreement=100.0)
    found = futures_of(asked, settings=settings, library=library, patients=20_000)
    assert isinstance(found, Futures)
    assert found.options[0].median_progression_free_months is None
    assert found.differences[0].median_progression_free_months is None
    assert found.to_dict()["options"][0]["curves"]["progression_free"] is None
    assert "progression" not in found.text
    price = found.options[1].price
    assert price is not None
    assert price.treated.estimate > 80.0  # it is given nevertheless, beside the next line


def test_property_later_local_treatment_is_an_option_too(library: Library) -> None:
    found = futures_of(
        _limited(),
        settings=FEW,
        options=["local_later", "systemic", "local"],
        library=library,
        patients=1000,
    )
    assert isinstance(found, Futures)
    assert [each.option for each in found.options] == ["systemic", "local_later", "local"]
    assert len(found.null_world) == 2
    later, now = (each.price for each in found.options[1:])
    assert later is not None
    assert now is not None
    assert later.treated.estimate < now.treated.estimate  # some progress before


@pytest.mark.parametrize("case_id", sorted(CASES))
def test_reference_each_case_has_futures_or_a_reason(case_id: str, library: Library) -> None:
    found = futures_of(
        case_of_entry(CASES[case_id]), settings=FEW, library=library, patients=PATIENTS
    )
    result = found.to_dict()
    json.dumps(result, allow_nan=False)
    if case_id == "BC11":
        assert isinstance(found, NotEnoughKnown)
        assert [each["fields"] for each in found.reasons] == [["patients.who_ps"]]
        assert "WHO performance status" in found.text
        assert found.matched is None
    elif isinstance(found, NotEnoughKnown):
        assert {each["reason"] for each in found.reasons} <= {"few", "few_draws", "disagree"}
        assert found.matched is not None
        assert found.still_known
    else:
        assert result["state"] == "shown"
        model = found.equipoise.to_dict()["model"]
        assert model["gain_of_100"] + model["little_of_100"] + model["loss_of_100"] == 100


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (case({"liver": [20.0]}, msi="high"), "msi_high"),
        (case({"liver": [20.0], "brain": [8.0]}), "brain"),
        (case({"liver": [20.0]}, who_ps=4), "who"),
        (case({"liver": [10.0] * 41}), "lesions"),
        (case({}), "no_metastasis"),
        (case({"liver": [20.0]}, line={"line": 2, "start_months": 1.0}), "line"),
        (
            case({"liver": [20.0]}, line={"line": 1, "start_months": 1.0}, board_months=20.0),
            "long_line",
        ),
        (case({"liver": [20.0]}, line={"line": 1}), "unknown_field"),
        (case({"liver": [20.0]}, age_years=None), "unknown_field"),
        (case({"liver": [20.0]}, lesion_list_complete=False), "unknown_field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_what_the_model_does_not_hold_is_said(
    asked: BoardCase, reason: str, library: Library
) -> None:
    found = futures_of(asked, library=library)
    assert isinstance(found, NotEnoughKnown)
    assert reason in {each["reason"] for each in found.reasons}
    assert found.equipoise.to_dict()["state"] == "not_enough_known"
    assert found.text.startswith("Not enough is known to show futures for this patient. Reason: ")
    outside = "This patient lies outside what the model was calibrated on ("
    assert (outside in found.text) == any(each["reason"] in OUTSIDE for each in found.reasons)
    assert "{" not in found.text


def test_hostile_an_impossible_disease_finds_nobody(library: Library) -> None:
    found = futures_of(
        case({"liver": [400.0], "bone": [3.0] * 20, "lung": [3.0] * 3}, age_years=18.0),
        library=library,
    )
    assert isinstance(found, NotEnoughKnown)
    assert found.reasons[0]["reason"] == "few"
    assert found.matched is not None
    assert found.matched.drawn == len(library)


def test_hostile_options_and_numbers_are_refused_by_name(library: Library) -> None:
    with pytest.raises(InputError, match="no option 'locall'"):
        futures_of(_limited(), options=["locall"], library=library)
    with pytest.raises(InputError, match="nothing to compare"):
        futures_of(_limited(), options=["systemic"], library=library)
    for wrong in (3, 1000.5, True, 10**9):
        with pytest.raises(InputError, match="patients"):
            futures_of(_limited(), patients=wrong, library=library)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="horizon_months"):
        BoardSettings(horizon_months=121.0)


def test_property_settings_of_the_department_are_heeded(library: Library) -> None:
    own = BoardSettings(
        minimum_effective=20,
        widest_disagreement=100.0,
        delta_months=0.0,
        horizon_months=24.0,
        leans_at=51,
        extent_k=4,
    )
    found = futures_of(_limited(), settings=own, library=library, patients=PATIENTS)
    assert isinstance(found, Futures)
    assert found.options[0].mean_months.estimate <= 24.0
    apart = found.differences[0]
    told = apart.benefit.estimate + apart.little.estimate + apart.harm.estimate
    assert told == pytest.approx(100.0)
    assert apart.little.estimate > 0.0  # alive in both at two years: no difference at all
    assert (found.equipoise.delta_months, found.equipoise.leans_at) == (0.0, 51)
    chosen = {each.name for each in found.provenance.parameters if each.status == "chosen"}
    assert {"board.delta_months", "board.horizon_months", "board.extent_k"} <= chosen


def test_the_difference_of_progression_free_medians_is_that_of_paired_courses(
    shown: Futures,
) -> None:
    base, option = (each.median_progression_free_months for each in shown.options[:2])
    apart = shown.differences[0].median_progression_free_months
    assert base is not None
    assert option is not None
    assert apart is not None
    assert apart.estimate == pytest.approx(option.estimate - base.estimate)
    # Paired courses: the difference is known better than two unrelated medians would tell.
    unpaired = (option.upper - option.lower) + (base.upper - base.lower)
    assert 0.0 < apart.upper - apart.lower < unpaired


def test_handworked_each_step_is_told_and_any_of_them_may_end_the_simulation(
    library: Library,
) -> None:
    told: list[float] = []
    futures_of(_limited(), settings=FEW, library=library, patients=PATIENTS, progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]

    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        futures_of(_limited(), settings=FEW, library=library, patients=PATIENTS, progress=stop)


def test_handworked_disagreeing_variants_are_not_shown(library: Library) -> None:
    asked = case({"liver": [30.0, 40.0, 20.0, 20.0], "peritoneum": [20.0, 15.0]}, who_ps=2)
    shown = futures_of(asked, settings=FEW, library=library, patients=4000)
    assert isinstance(shown, Futures)
    signs = {np.sign(each["estimate"]) for each in shown.layers.model["difference"]}
    assert signs == {-1.0, 1.0}
    two_years = shown.differences[0].alive[2]
    assert two_years.upper - two_years.lower > 30.0
    hidden = futures_of(
        asked, settings=BoardSettings(minimum_effective=20), library=library, patients=4000
    )
    assert isinstance(hidden, NotEnoughKnown)
    assert [each["reason"] for each in hidden.reasons] == ["disagree"]


def test_handworked_sentences_of_open_studies() -> None:
    assert open_to_patient([], {"ERASUR": 4, "GUANGDONG": 1, "NCT1": 0}) == (
        "Open to this patient: no trial here fits; ERASUR may fit (4 answers missing), "
        "GUANGDONG may fit (1 answer missing), NCT1 may fit."
    )


def test_handworked_sentences_hold_intervals_and_never_advise(shown: Futures) -> None:
    said = [*shown.text.values(), *(shown.equipoise.text or {}).values()]
    for sentence in said:
        lowered = sentence.lower()
        assert "{" not in sentence
        for word in ("significant", "should", "recommend", "best", "equipoise:"):
            assert word not in lowered
    assert shown.text["two_years"].count(" to ") == 3
    assert shown.text["progression"].count(" to ") == 3
    assert "Of 100 who get it" in shown.text["price"]
    assert "of 100" in shown.text["price"]
    assert shown.provenance.inputs.keys() == {"posterior"}
