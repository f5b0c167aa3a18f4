"""The natural history at the medians of its priors: roughly right, as a prior is meant to be.

Bands are wide on purpose: nothing has been calibrated. Shares of 20,000 people have a Monte Carlo
error of 0.003, medians of a thousand recurrences one of half a month.
"""

import numpy as np
import pytest

from debulk.disease.census import take_census
from debulk.disease.model import prior_model
from debulk.disease.presenters import draw_presenters
from debulk.disease.structures import STRUCTURES

MODEL = prior_model()
PEOPLE = take_census(MODEL, seed=1, births=20_000)
DRAWN = draw_presenters(MODEL, seed=1, first_trial=0, trials=1, births=20_000)


def by_stage(values):
    return [np.mean(values[PEOPLE.stage == stage]) for stage in (1, 2, 3, 4)]


def found_before_death(people):
    return people.recurrence_months <= people.death_other_months


@pytest.mark.parametrize(
    ("stage", "low", "high"), [(1, 0.05, 0.35), (2, 0.1, 0.45), (3, 0.2, 0.55), (4, 0.1, 0.35)]
)
def test_stages(stage, low, high):
    assert low < np.mean(PEOPLE.stage == stage) < high


def test_recurrence_and_occult_disease_rise_with_stage():
    found = by_stage(found_before_death(PEOPLE))[:3]
    assert found == sorted(found)
    assert 0.05 < found[0] < 0.3
    assert 0.2 < found[2] < 0.55
    occult = by_stage(PEOPLE.occult_at_diagnosis > 0)
    assert occult == sorted(occult)
    cured = by_stage(PEOPLE.cured_by_removal)
    assert cured == sorted(cured, reverse=True)
    assert cured[3] == 0.0


def test_whoever_recurs_was_not_cured():
    assert not (PEOPLE.cured_by_removal & np.isfinite(PEOPLE.recurrence_months)).any()
    early = PEOPLE.stage < 4
    assert (PEOPLE.occult_survivors[early] <= PEOPLE.occult_at_diagnosis[early]).all()


def test_months_to_recurrence():
    assert 9 < np.nanmedian(PEOPLE.recurrence_months[PEOPLE.stage == 3]) < 28


def test_death_from_other_causes_is_that_of_people_of_that_age():
    """Of people aged 60 to 70 about a sixth dies from other causes within ten years."""
    aged = (PEOPLE.age_years > 60) & (PEOPLE.age_years < 70)
    assert 0.1 < np.mean(PEOPLE.death_other_months[aged] < 120) < 0.3
    died = [np.mean((PEOPLE.death_other_months < 120)[PEOPLE.female == sex]) for sex in (0, 1)]
    assert died[1] < died[0]


def test_extent_at_presentation():
    owner = np.repeat(np.arange(len(DRAWN)), np.diff(DRAWN.offsets))
    organs = np.zeros((len(DRAWN), 11), dtype=bool)
    organs[owner[DRAWN.visible], DRAWN.organ[DRAWN.visible]] = True
    number = np.bincount(owner, DRAWN.visible, len(DRAWN))
    assert 0.2 < np.mean(organs.sum(axis=1) >= 2) < 0.6
    assert 1 <= np.median(number) <= 5
    assert 0.3 < DRAWN.synchronous.mean() < 0.7


@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_structure_has_a_natural_history(structure):
    people = take_census(prior_model(structure), seed=1, births=4000)
    assert set(np.unique(people.stage)) == {1, 2, 3, 4}
    assert found_before_death(people).any()


def test_seeds_agree_within_monte_carlo_error():
    shares = [
        len(draw_presenters(MODEL, seed=s, first_trial=0, trials=1, births=8000)) / 8000
        for s in (21, 22)
    ]
    spread = np.sqrt(2 * shares[0] * (1 - shares[0]) / 8000)
    assert abs(shares[0] - shares[1]) < 4 * spread
