"""Does switching mechanisms tell what they are worth, and say so in plain values?"""

from __future__ import annotations

import json

import pytest

from debulk.core import InputError
from debulk.disease import MECHANISMS
from debulk.trials.mechanisms.worth import mechanisms_worth


@pytest.fixture(scope="module")
def worth(model):
    """Two mechanisms of ORCHESTRA, with Sobol indices."""
    parts = []

    def progress(name):
        parts.append(name)
        return lambda done, wanted: None

    found = mechanisms_worth(
        "orchestra",
        model=model,
        patients=400,
        only=("surge", "occult"),
        sobol_samples=8,
        sobol_patients=60,
        progress=progress,
    )
    assert parts == ["patients", "worlds", "strengths"]
    return found


def test_the_contract_of_the_json(worth) -> None:
    result = json.loads(json.dumps(worth.to_dict(), allow_nan=False))
    assert [each["mechanism"] for each in result["mechanisms"]] == ["occult", "surge"]
    for each in result["mechanisms"]:
        assert each["hazard_ratio_on"] == result["as_given"]["hazard_ratio"]
        assert each["monte_carlo_error"] > 0.0
        assert each["off_over_on"] == pytest.approx(
            each["hazard_ratio_off"] / each["hazard_ratio_on"]
        )
    assert result["worlds"]["null"]["hazard_ratio"] == 1.0
    assert result["as_given"]["parameters"]["draws"] == 4
    assert result["patients"] == 400
    assert len(result["sobol"]["indices"]) == 2
    assert result["provenance"]["seed"] == 1
    assert any("400 virtual patients" in each for each in result["provenance"]["remarks"])


def test_without_occult_disease_debulking_does_better(worth) -> None:
    """What imaging hides is left behind: without it the hazard ratio falls beyond all noise."""
    occult = worth.mechanisms[0]
    assert occult.reading == "hinders"
    assert occult.log_change < -4.0 * occult.change_error
    assert worth.bare_removal.hazard_ratio < worth.as_given.hazard_ratio
    assert not occult.decides


def test_subgroups_part_the_patients(worth) -> None:
    by_feature: dict[str, int] = {}
    for each in worth.subgroups:
        by_feature[each.feature] = by_feature.get(each.feature, 0) + each.patients
    assert by_feature["metastases"] == by_feature["organs"] == 400
    assert by_feature["response to the run-in"] == 400
    assert by_feature["share that can be treated"] <= 400


def test_a_mechanism_that_is_off_is_switched_on(model) -> None:
    given = model.without("surge")
    found = mechanisms_worth(
        "orchestra", model=given, patients=80, only=("surge",), sobol_samples=None
    )
    (surge,) = found.mechanisms
    assert surge.off is found.as_given
    assert surge.on is not found.as_given
    assert found.sobol is None
    assert found.to_dict()["sobol"] is None


def test_one_set_of_parameters_says_nothing_of_others(model) -> None:
    found = mechanisms_worth(
        "orchestra", model=model.central(), patients=60, only=("pause",), sobol_samples=None
    )
    assert found.draws == 1
    assert found.to_dict()["as_given"]["parameters"] is None


@pytest.mark.parametrize("name", ["surg", "all"])
def test_unknown_mechanisms_are_refused(model, name: str) -> None:
    with pytest.raises(InputError, match=name):
        mechanisms_worth("orchestra", model=model, only=(name,))
    assert name not in MECHANISMS
