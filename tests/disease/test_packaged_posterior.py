"""The sample that ships: of today's targets and parameters, balanced, and able to do both at once.

CLOCC's late benefit and SIRFLOX's null have to come out of one parameter set.
"""

import math
from collections import Counter

import numpy as np
import pytest

from debulk.disease.calibration.disease_problem import disease_problem
from debulk.disease.model import load_model
from debulk.disease.parameters import check_value, parameter_entries
from debulk.disease.posterior import VERSION, Posterior, packaged_posterior
from debulk.disease.structures import STRUCTURES
from debulk.disease.targets.evaluation import simulate_targets
from debulk.disease.targets.table import SUMMARY, load_targets, target_named
from debulk.evidence import finding

LEAST_STRUCTURES = 3
BOTH = (
    *("clocc_control_5y", "clocc_experimental_5y", "clocc_control_8y", "clocc_experimental_8y"),
    "sirflox_hazard_ratio",
)
TRIED, PATIENTS = 60, 2000
"""Draws, from the first on, and patients in each arm of each trial: a survival has a Monte Carlo
error of at most 0.011, the hazard ratio one of about 0.012."""


@pytest.fixture(scope="module")
def sample():
    return packaged_posterior()


def only(sample, draw):
    """The model of one draw."""
    values = {name: each[draw : draw + 1] for name, each in sample.values.items()}
    return load_model(Posterior(values, sample.structures[draw : draw + 1], {}))


def test_several_structures_with_equal_numbers_of_draws(sample):
    counts = Counter(sample.structures)
    assert set(counts) <= set(STRUCTURES)
    assert len(counts) >= LEAST_STRUCTURES
    assert len(set(counts.values())) == 1


def test_draws_are_in_random_order_with_structures_in_turn(sample):
    kinds = set(sample.structures)
    turns = [
        sample.structures[first : first + len(kinds)] for first in range(0, len(sample), len(kinds))
    ]
    # Any number of first draws holds each structure as often as any other, give or take one,
    assert all(set(each) == kinds for each in turns)
    # and no structure always comes first.
    assert len({each[0] for each in turns}) > 1


def test_every_value_is_in_the_domain_of_its_parameter(sample):
    free = {name: entry for name, entry in parameter_entries().items() if entry.free}
    assert set(sample.values) == set(free)
    for name, entry in free.items():
        assert sample.values[name].shape == (len(sample),)
        for value in sample.values[name]:
            check_value(entry, float(value))


def test_it_is_of_todays_targets_and_parameters(sample):
    identity = sample.provenance["settings"]["identity"]
    today = disease_problem().identity
    assert sample.provenance["version"] == today["model"] == VERSION
    for name in ("targets_sha256", "parameters_sha256"):
        assert identity[name] == today[name], f"{name}: run debulk disease calibrate again"


def test_its_targets_rest_on_rows_of_role_calibration_alone(sample):
    rows = sample.provenance["targets"]
    assert {each["name"] for each in rows} == {each.name for each in load_targets()}
    cited = {key for each in rows for key in each["evidence"] if not key.startswith(SUMMARY)}
    assert len(cited) > 50
    assert {finding(key).role for key in cited} == {"calibration"}


@pytest.fixture(scope="module")
def drawn(sample):
    """CLOCC's survivals and SIRFLOX's hazard ratio in one draw after the other."""
    return np.array([measured(sample, draw, seed=1) for draw in range(min(TRIED, len(sample)))])


def measured(sample, draw, seed):
    targets = [target_named(name, load_targets()) for name in BOTH]
    model = only(sample, draw)
    return simulate_targets(model, seed=seed, patients=PATIENTS, targets=targets).values


def all_inside(values):
    targets = [target_named(name, load_targets()) for name in BOTH]
    return all(each.contains(value) for each, value in zip(targets, values, strict=True))


@pytest.mark.slow
def test_statistical_one_parameter_set_gives_both_the_late_benefit_and_the_null(sample, drawn):
    good = [draw for draw, values in enumerate(drawn) if all_inside(values)]
    # And with other patients too: none is inside by the luck of those it was found with.
    assert any(all_inside(measured(sample, draw, seed=2)) for draw in good)


@pytest.mark.slow
def test_statistical_nearly_every_draw_gives_a_late_benefit(drawn):
    # Gains of the same patients in both arms: Monte Carlo errors of about 0.01.
    for control, experimental in (drawn[:, :2].T, drawn[:, 2:4].T):
        assert np.mean(experimental > control) >= 0.9


@pytest.mark.slow
def test_statistical_many_draws_give_the_null(drawn):
    """SIRFLOX published 1.04 (0.91 to 1.19); a share of a quarter strays by 6 % in 60 draws."""
    ratios = drawn[:, 4]
    assert np.mean((ratios >= 0.909) & (ratios <= 1.19)) > 0.25
    assert abs(math.log(np.median(ratios))) < 0.15
