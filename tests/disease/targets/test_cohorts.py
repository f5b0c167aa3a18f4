"""Do cohorts select on what imaging shows, and are their arms what cards say?"""

import dataclasses

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.course.care import Care
from debulk.disease.model import prior_model
from debulk.disease.presenters import draw_presenters
from debulk.disease.targets import selections
from debulk.disease.targets.arms import Arm, LocalPlan, Use
from debulk.disease.targets.cohorts import COHORTS, UNIONS, parts_of
from debulk.disease.targets.sight import Seen, seen_of
from debulk.treatments import load_modalities, modality_tables

DRAWN = draw_presenters(prior_model(), seed=3, first_trial=0, trials=1, births=3000)
SEEN = seen_of(DRAWN)


def patient(**changes):
    """One patient with two liver metastases, fit, changed as asked."""
    counts = ("lung", "peritoneum", "node", "elsewhere")
    plain = {
        **dict.fromkeys(counts, 0),
        **{"lesions": 2, "liver": 2, "organs": 1, "who_ps": 0, "age_years": 60.0},
        **{"sum_cm": 5.0, "largest_cm": 3.0, "liver_ml": 20.0, "chance": 0.5},
        **{"synchronous": True, "primary": False, "ras": False},
    }
    return Seen(**{name: np.array([value]) for name, value in {**plain, **changes}.items()})


def test_what_is_seen_is_counted_lesion_by_lesion():
    for row in range(0, len(DRAWN), 37):
        lesions = np.arange(DRAWN.offsets[row], DRAWN.offsets[row + 1])
        shown = lesions[DRAWN.visible[lesions]]
        liver = shown[DRAWN.organ[shown] == ORGAN_CODE["liver"]]
        cm = DRAWN.diameter_mm[shown] / 10.0
        assert SEEN.lesions[row] == shown.size
        assert SEEN.liver[row] == liver.size
        assert SEEN.organs[row] == np.unique(DRAWN.organ[shown]).size
        assert SEEN.sum_cm[row] == pytest.approx(cm.sum())
        assert SEEN.largest_cm[row] == cm.max()
        volume = (np.pi / 6.0 * (DRAWN.diameter_mm[liver] / 10.0) ** 3).sum()
        assert SEEN.liver_ml[row] == pytest.approx(volume)
    whole = SEEN.liver + SEEN.lung + SEEN.peritoneum + SEEN.node + SEEN.elsewhere
    assert np.array_equal(whole, SEEN.lesions)
    assert np.array_equal(SEEN.outside_liver, SEEN.lesions - SEEN.liver)


def test_what_imaging_does_not_show_selects_nobody():
    hidden = ~DRAWN.visible
    other = dataclasses.replace(
        DRAWN,
        cells=np.where(hidden, 1e3, DRAWN.cells),
        diameter_mm=np.where(hidden, 0.1, DRAWN.diameter_mm),
        growth=DRAWN.growth * 7.0,
        copies=np.where(hidden, 9.0, DRAWN.copies),
    )
    blind = seen_of(other)
    for spec in COHORTS.values():
        for stratum in spec.strata:
            assert np.array_equal(stratum.select(SEEN), stratum.select(blind))


def test_chance_is_the_patients_own():
    again = seen_of(DRAWN.take(np.arange(len(DRAWN))[::-5]))
    assert np.array_equal(again.chance, SEEN.chance[::-5])
    assert SEEN.chance.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * len(DRAWN)))


@pytest.mark.parametrize(
    ("select", "changes", "belongs"),
    [
        (selections.resectable, {}, True),
        (selections.resectable, {"lesions": 4, "liver": 4}, False),
        (selections.resectable, {"liver": 0, "lung": 2}, True),
        (selections.resectable, {"liver": 1, "lung": 1, "organs": 2}, False),
        (selections.first_line, {}, False),
        (selections.first_line, {"chance": 0.95}, True),
        (selections.first_line, {"lesions": 4, "liver": 4}, True),
        (selections.first_line, {"lesions": 4, "liver": 4, "who_ps": 2}, False),
        (selections.first_line, {"lesions": 4, "liver": 4, "sum_cm": 1.9}, False),
        (selections.few_liver, {"liver_ml": 501.0}, False),
        (selections.many_liver, {"lesions": 5, "liver": 5, "chance": 0.4}, True),
        (selections.many_liver, {"lesions": 5, "liver": 5}, False),
        (selections.perioperative, {"lesions": 4, "liver": 4}, True),
        (selections.clocc, {"lesions": 3, "liver": 3}, True),
        (selections.clocc, {"lesions": 3, "liver": 3, "largest_cm": 4.0}, False),
        (selections.clocc, {"lesions": 4, "liver": 3, "lung": 1}, False),
        (selections.sirflox(liver_only=True), {"lesions": 3, "liver": 3}, True),
        (selections.sirflox(liver_only=True), {"liver_ml": 101.0}, True),
        (selections.sirflox(liver_only=False), {"lesions": 3, "liver": 3}, False),
        (
            selections.sirflox(liver_only=False),
            {"lesions": 4, "liver": 3, "lung": 1, "organs": 2},
            True,
        ),
        (
            selections.and_organ(lambda seen: seen.lung),
            {"lesions": 3, "lung": 1, "organs": 2},
            True,
        ),
        (
            selections.and_organ(lambda seen: seen.lung),
            {"lesions": 4, "lung": 1, "node": 1, "organs": 3},
            False,
        ),
        (selections.eligible_for_surgery, {}, True),
        (selections.eligible_for_surgery, {"age_years": 75.0}, False),
    ],
)
def test_selections_by_hand(select, changes, belongs):
    assert select(patient(**changes)).tolist() == [belongs]


def test_every_stratum_of_a_cohort_has_the_same_arms():
    for spec in COHORTS.values():
        assert {tuple(each.arms) for each in spec.strata} == {spec.arms}
        assert spec.follow_up_months[1] <= spec.horizon_months


def test_every_arm_finds_its_cards_and_plans_what_they_treat():
    packaged = load_modalities()
    for spec in COHORTS.values():
        for stratum in spec.strata:
            chosen = DRAWN.take(stratum.select(SEEN))
            for arm in stratum.arms.values():
                assert 0.5 < arm.kill_factor() < 2.0
                if arm.local is None:
                    continue
                plan = arm.local.treatment(chosen)
                for row in np.flatnonzero(plan.modality >= 0)[::50]:
                    name = plan.tables.names[plan.modality[row]]
                    organ = int(chosen.organ[row])
                    assert organ in {ORGAN_CODE[each] for each in packaged[name].organs}


def test_a_plan_goes_by_size_and_changes_its_own_copy_of_the_cards():
    arm = COHORTS["clocc"].strata[0].arms["experimental"]
    plan = arm.local.treatment(DRAWN)
    names = np.array([*plan.tables.names, "none"])[plan.modality]
    liver = DRAWN.organ == ORGAN_CODE["liver"]
    assert set(names[~liver]) == {"none"}
    assert set(names[liver & (DRAWN.diameter_mm <= 30.0)]) == {"rfa"}
    assert set(names[liver & (DRAWN.diameter_mm > 30.0)]) == {"liver_resection"}
    rfa = plan.tables.names.index("rfa")
    packaged = modality_tables(load_modalities())
    assert plan.tables.mortality_90_days[rfa] == 0.018
    assert packaged.mortality_90_days[rfa] != 0.018
    assert np.array_equal(plan.tables.local_control, packaged.local_control)


def test_unknown_cards_and_cohorts_are_refused():
    with pytest.raises(InputError, match="no card is called 'rfaa'"):
        LocalPlan((Use("rfaa", ("liver",)),), step=0).treatment(DRAWN)
    with pytest.raises(InputError, match="no card is called 'folfirinox'"):
        Arm(Care(), "folfirinox").kill_factor()
    with pytest.raises(InputError, match="no cohort is called 'sirfox'"):
        parts_of("sirfox")
    assert parts_of("resected_any") == UNIONS["resected_any"]
    assert parts_of("census") == ()
