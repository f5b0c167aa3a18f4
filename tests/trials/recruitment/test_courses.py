"""Strategies, salvage, leanings, centres: does each act on the virtual patients it is meant for?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease import load_model
from debulk.protocols import load_protocol
from debulk.protocols.plans import CentrePlan, Leaning, Randomisation
from debulk.trials import run_trial, trial_settings
from debulk.trials.recruitment.centres import Skill, delivery_chance
from debulk.trials.recruitment.courses import follow
from debulk.trials.recruitment.funnel import recruit
from debulk.trials.recruitment.randomised import BELOW_3, DEATH, MAJOR, NO_LOCAL

SMALL = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "3000"})
TRIALS = 6


def patients(protocol=SMALL, model=None, seed=5, **options):
    """Patients of a few small trials."""
    settings = trial_settings(protocol, model=model, seed=seed)
    return follow(settings, recruit(settings, 0, TRIALS, **options))


def conduct(**changes):
    """The small protocol with its conduct changed."""
    return dataclasses.replace(SMALL, conduct=dataclasses.replace(SMALL.conduct, **changes))


def strategies(control=None, experimental=None):
    """The small protocol with its arms' strategies changed."""
    arms = []
    for arm, changes in zip(SMALL.arms, (control, experimental), strict=True):
        base = SMALL.experimental.strategy if changes is not None else arm.strategy
        arms.append(dataclasses.replace(arm, strategy=dataclasses.replace(base, **(changes or {}))))
    return dataclasses.replace(SMALL, arms=tuple(arms))


@pytest.fixture(scope="module")
def usual():
    """Patients of the protocol as it is."""
    return patients()


def test_salvage_prolongs_control_patients_lives_after_progression(usual) -> None:
    salvaged = patients(conduct(salvage=1.0))
    assert np.array_equal(salvaged.progression_control, usual.progression_control)
    assert np.array_equal(salvaged.death_control, usual.death_control)
    late = np.isfinite(salvaged.salvage_months)
    assert late.mean() > 0.5
    # Local treatment takes place in the step after the visit that found progression.
    delay = salvaged.salvage_months[late] - usual.progression_control[late]
    assert (np.abs(delay) < 1.0).all()
    # The visit's own date may be later in that step, after a death from the operation.
    assert (salvaged.death_salvage[late] >= salvaged.salvage_months[late]).all()
    untouched = ~np.isfinite(usual.progression_control)
    assert np.array_equal(salvaged.death_salvage[untouched], usual.death_control[untouched])
    longer = np.minimum(salvaged.death_salvage, 120.0) - np.minimum(usual.death_control, 120.0)
    assert longer[late].mean() > 3.0 * longer[late].std() / math.sqrt(late.sum())


def test_salvage_shrinks_the_true_effect_and_leaves_the_null_world_alone() -> None:
    without = run_trial(SMALL, trials=TRIALS, seed=5)
    with_it = run_trial(conduct(salvage=0.8), trials=TRIALS, seed=5)
    assert with_it.truth.hazard_ratio > without.truth.hazard_ratio + 0.02
    assert with_it.trial_table["z_null"].to_list() == without.trial_table["z_null"].to_list()
    assert 0.3 < with_it.arms["control"]["treated_after_progression"] < 0.8
    assert with_it.arms["debulking"]["treated_after_progression"] == 0.0
    null = run_trial(conduct(salvage=0.8), model=load_model().null_world(), trials=2, seed=5)
    assert null.truth.hazard_ratio == 1.0


def test_salvage_share_is_a_probability(usual) -> None:
    half = patients(conduct(salvage=0.5))
    everybody = patients(conduct(salvage=1.0))
    chosen = np.isfinite(half.salvage_months)
    assert np.array_equal(half.death_salvage[chosen], everybody.death_salvage[chosen])
    share = chosen.sum() / np.isfinite(everybody.salvage_months).sum()
    assert 0.35 < share < 0.65


def test_salvage_in_a_control_arm_that_is_treated_is_refused() -> None:
    both = strategies(control={})
    both = dataclasses.replace(both, conduct=dataclasses.replace(both.conduct, salvage=0.1))
    with pytest.raises(InputError, match=r"conduct.salvage.*local treatment already"):
        trial_settings(both)


def test_two_arms_of_one_strategy_are_one_course() -> None:
    same = patients(strategies(control={}))
    assert np.isfinite(same.local_months_control).any()
    assert np.array_equal(same.death_control, same.death_experimental)
    assert np.array_equal(same.complication_control, same.complication_experimental)


def test_a_strategy_treats_the_organs_it_targets_alone(usual) -> None:
    liver = patients(strategies(experimental={"targets": ("liver",)}))
    done = np.isfinite(usual.local_months) & np.isfinite(liver.local_months)
    assert np.array_equal(usual.death_control, liver.death_control)
    assert (liver.treated[done] <= usual.treated[done]).all()
    assert liver.treated[done].sum() < 0.9 * usual.treated[done].sum()


def test_a_strategy_uses_the_cards_it_allows_alone() -> None:
    needles = strategies(
        control={"modalities": ("liver_resection", "lung_resection", "other_resection")},
        experimental={"modalities": ("mwa", "sbrt")},
    )
    pool = patients(needles)
    cut, burnt = pool.complication_control, pool.complication_experimental
    assert (cut[np.isnan(pool.local_months_control)] == NO_LOCAL).all()
    treated = (cut != NO_LOCAL) & (burnt != NO_LOCAL)
    assert (cut[treated] >= MAJOR).mean() > (burnt[treated] >= MAJOR).mean() + 0.05
    result = run_trial(needles, trials=2, seed=5)
    for arm in result.arms.values():
        assert 0.2 < arm["treated_as_assigned"] < 1.0
        assert arm["major_complications"] is not None


def test_a_card_that_a_strategy_names_is_used_though_it_is_no_debulking() -> None:
    pool = patients(strategies(experimental={"modalities": ("chemoembolisation",)}))
    assert np.isfinite(pool.local_months).any()
    assert (pool.treated[np.isfinite(pool.local_months)] > 0).any()


def test_a_card_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match=r"arms.debulking.modalities.*no card 'rfx'"):
        trial_settings(strategies(experimental={"modalities": ("rfx",)}))


def test_grades_say_what_the_cards_can_tell(usual) -> None:
    grade = usual.complication_experimental
    assert set(np.unique(grade)) <= {NO_LOCAL, BELOW_3, MAJOR, DEATH}
    treated = np.isfinite(usual.local_months)
    assert (grade[~treated] == NO_LOCAL).all()
    assert np.array_equal(grade[treated] == DEATH, usual.died_within_90_days[treated])


def leaning(feature="lesions", log_odds=0.5, reference=4.0):
    """The small protocol whose consent leans on a feature."""
    funnel = tuple(
        dataclasses.replace(step, leanings=(Leaning(feature, log_odds, reference),), consent=True)
        if step.step == "consenting"
        else step
        for step in SMALL.funnel
    )
    strata = Randomisation(strata=("organs_involved",))
    changed = dataclasses.replace(SMALL, funnel=funnel)
    return dataclasses.replace(
        changed, conduct=dataclasses.replace(changed.conduct, randomisation=strata)
    )


def test_leanings_shift_who_is_randomised() -> None:
    means = [
        patients(leaning("organs_involved", log_odds, 2.0)).covariates["organs_involved"].mean()
        for log_odds in (-2.0, 0.0, 2.0)
    ]
    assert means[0] < means[1] < means[2]
    assert means[2] - means[0] > 0.05


def test_a_leaning_of_nothing_draws_as_before(usual) -> None:
    flat = patients(leaning(log_odds=0.0))
    assert np.array_equal(flat.patient, usual.patient)
    assert np.array_equal(flat.death_experimental, usual.death_experimental)


@pytest.mark.parametrize(
    ("feature", "match"),
    [
        ("lesion", r"orchestra.yaml, funnel.consenting.leanings.*Did you mean 'lesions"),
        ("sex", "is no number"),
    ],
)
def test_a_leaning_on_no_feature_is_refused_before_anything_runs(feature, match) -> None:
    with pytest.raises(InputError, match=match):
        trial_settings(leaning(feature))


def test_a_leaning_on_what_the_model_does_not_know_is_an_error() -> None:
    with pytest.raises(InputError, match=r"leanings.asa.*is unknown of"):
        patients(leaning("asa"))


def test_refusers_are_kept_when_asked(usual) -> None:
    funnel = tuple(
        dataclasses.replace(each, consent=each.step == "consenting") for each in SMALL.funnel
    )
    kept = patients(dataclasses.replace(SMALL, funnel=funnel), keep_refusers=True)
    willing = kept.consents
    assert 0.5 < willing.mean() < 0.9
    assert np.array_equal(kept.patient[willing], usual.patient)
    assert np.array_equal(kept.death_control[willing], usual.death_control)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("liver_onyl", r"orchestra.yaml, conduct.randomisation.strata.*Did you mean 'liver_only'"),
        ("age_years", "is no whole number"),
    ],
)
def test_strata_that_are_none_are_refused(name, match) -> None:
    with pytest.raises(InputError, match=match):
        trial_settings(conduct(randomisation=Randomisation(strata=(name,))))


def test_strata_are_features_at_randomisation_and_balance() -> None:
    blocks = Randomisation(block_sizes=(2,), strata=("organs_involved",))
    plan = conduct(randomisation=blocks, block_size=2)
    pool = patients(plan)
    organs = pool.covariates["organs_involved"]
    assert organs.max() > organs.min()
    from debulk.trials.conduct.allocation import allocate

    experimental = allocate(plan, 5, pool).experimental
    cells = pool.trial.astype(np.int64) * 12 + organs.astype(np.int64)
    assert np.abs(np.bincount(cells, np.where(experimental, 1.0, -1.0))).max() <= 1


def test_delivery_falls_short_of_its_plateau_by_the_learning_curve() -> None:
    plan = CentrePlan(number=2, learning_log_odds=2.0, learning_patients=10.0)
    before = np.array([0, 10, 1_000_000])
    chance = delivery_chance(plan, 0.9, Skill(before * 0, np.array([0.0, 0.0, 0.5]), before))
    log_odds = np.log(chance / (1 - chance)) - math.log(9.0)
    assert log_odds == pytest.approx([-2.0, -2.0 / math.e, 0.5])
    assert delivery_chance(None, 0.9, Skill(before, before * 0.0, before)) == 0.9


def test_centres_learn_to_deliver() -> None:
    centres = CentrePlan(number=3, learning_log_odds=4.0, learning_patients=10.0)
    pool = patients(conduct(centres=centres))
    by_centre = Randomisation(strata=("centre",))
    usual_pool = patients(conduct(centres=CentrePlan(number=3), randomisation=by_centre))
    early = pool.order < 15
    done, could = np.isfinite(pool.local_months), np.isfinite(usual_pool.local_months)
    assert set(np.unique(pool.centre)) == {0, 1, 2}
    assert (done <= could).all()
    lost_early = 1.0 - done[early & could].mean()
    lost_late = 1.0 - done[~early & could].mean()
    assert lost_early > lost_late + 0.1


def test_skill_needs_room_to_act() -> None:
    sure = strategies(experimental={"delivered": 1.0})
    sure = dataclasses.replace(
        sure, conduct=dataclasses.replace(sure.conduct, centres=CentrePlan(3, skill_sd=1.0))
    )
    with pytest.raises(InputError, match=r"arms.debulking.delivered.*no centre's skill"):
        trial_settings(sure)
