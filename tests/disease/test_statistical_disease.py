"""Version 1 against the values that the prototype reached with the same parameters.

Bands are wide on purpose: the prototype's central 90 % over 50 parameter sets, this program's one
central set, and four Monte Carlo standard errors. Medians of 3000 patients have an error of about
0.5 months, shares of 20,000 people one of 0.003.
"""

import numpy as np
import pytest

from debulk.disease import draw_presenters, load_model, run_course, take_census

MODEL = load_model()
DRAWN = draw_presenters(MODEL, seed=1, first_trial=0, trials=1, births=20_000)
START = 21 / 30.4375  # months from the start of line 1 to the end of a run-in of one step


def seen():
    owner = np.repeat(np.arange(len(DRAWN)), np.diff(DRAWN.offsets))
    visible = DRAWN.visible
    organs = np.zeros((len(DRAWN), 11), dtype=bool)
    organs[owner[visible], DRAWN.organ[visible]] = True
    number = np.bincount(owner, visible, len(DRAWN))
    diameters = np.bincount(owner, visible * DRAWN.diameter_mm, len(DRAWN))
    volume = np.bincount(owner, visible * DRAWN.cells / 1e9, len(DRAWN))
    return organs, number, diameters, volume


def test_stages_and_recurrence():
    people = take_census(MODEL, seed=1, births=20_000)
    for stage, (low, high) in {
        1: (0.15, 0.23),
        2: (0.25, 0.33),
        3: (0.28, 0.37),
        4: (0.17, 0.23),
    }.items():
        assert low < np.mean(people.stage == stage) < high
    for stage, (low, high) in {1: (0.11, 0.20), 2: (0.18, 0.27), 3: (0.28, 0.42)}.items():
        assert low < np.isfinite(people.recurrence_months[people.stage == stage]).mean() < high
    assert 14 < np.nanmedian(people.recurrence_months[people.stage == 2]) < 24


def test_extent_at_presentation():
    organs, number, _, _ = seen()
    assert 0.33 < np.mean(organs.sum(axis=1) >= 2) < 0.48
    assert 1 <= np.median(number) <= 4
    liver_only = organs[:, 0] & (organs.sum(axis=1) == 1)
    assert 0.30 < liver_only[DRAWN.synchronous].mean() < 0.55


def first_line():
    organs, number, diameters, _ = seen()
    resectable = (organs.sum(axis=1) == 1) & (number <= 3)
    dropped = resectable & (np.random.default_rng(1).random(len(DRAWN)) < 0.9)
    return DRAWN.take((DRAWN.who_ps <= 1) & (diameters >= 20) & ~dropped)


def test_first_line_survival_progression_and_response():
    chosen = first_line()
    got = run_course(
        MODEL, chosen, seed=1, randomised_step=1, horizon_months=72, secondary_resection=1.0
    )
    died = got.death_months + START
    progressed = np.minimum(got.progression_months + START, died)
    assert 20 < np.median(died) < 29
    assert 8 < np.median(progressed) < 12
    assert 0.55 < np.mean(got.best_change <= -0.3) < 0.75
    assert 0.09 < np.mean(died > 60) < 0.22


def test_extensive_disease_lives_shorter():
    organs, number, _, _ = seen()
    extensive = (organs.sum(axis=1) >= 2) & (number >= 10) & (DRAWN.who_ps <= 1)
    got = run_course(MODEL, DRAWN.take(extensive), seed=1, randomised_step=1, horizon_months=72)
    assert 14 < np.median(got.death_months) + START < 23


@pytest.mark.parametrize(("extensive", "low", "high"), [(True, 2.0, 7.0), (False, 8.0, 20.0)])
def test_untreated_liver_metastases(extensive, low, high):
    organs, number, _, volume = seen()
    liver_only = organs[:, 0] & (organs.sum(axis=1) == 1)
    chosen = liver_only & ((volume > 250) if extensive else (volume <= 250) & (number >= 2))
    untreated = MODEL.with_parameters({"k1": 0.0, "k2": 0.0, "k3": 0.0, "h_drug": 0.0})
    got = run_course(untreated, DRAWN.take(chosen), seed=1, randomised_step=1, horizon_months=72)
    assert low < np.median(got.death_months) + START < high


def test_visits_fall_on_many_days():
    got = run_course(MODEL, first_line(), seed=1, randomised_step=3, horizon_months=60)
    after = got.progression_months[(got.progression_months > 0) & (got.progression_months < 60)]
    assert np.unique(after).size > 0.9 * after.size


def test_seeds_agree_within_monte_carlo_error():
    shares = [
        len(draw_presenters(MODEL, seed=s, first_trial=0, trials=1, births=8000)) / 8000
        for s in (21, 22)
    ]
    assert abs(shares[0] - shares[1]) < 4 * np.sqrt(2 * 0.41 * 0.59 / 8000)
