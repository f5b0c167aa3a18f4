"""A stronger mechanism does more of what it does: each, on what nothing else can turn round."""

import dataclasses
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from course_cases import DRAWN, MODEL, TABLES, course, local, patient

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.course.care import Care
from debulk.disease.mechanisms import LARGEST_STRENGTH, MECHANISMS

PEOPLE = 300
ROUNDING = 1e-7  # relative; the kernel's logarithm and exponential err by 2e-11 a step
ERRORS = 3.0
"""Monte Carlo standard errors, of the mean difference between the same patients, by which a mean
has to rise where random numbers are not coupled to the end. Of 300 patients one is 0.1 to 0.4
lesions in seeding, 0.03 to 0.07 in shedding of DNA (an eighth of the difference or less, and a
fifth), and up to a quarter of the difference in occult cells."""

IMMORTAL = MODEL.with_parameters({"hmax": 0.0, "other_causes": 0.0, "h_drug": 0.0})
PLAIN = IMMORTAL.without("seeding", "immune", "operative-death", "perfusion")
"""Cells grow, and nobody dies."""
SENSITIVE = {"f1": 0.0, "k1": 0.05}
NOBODY, ON_AND_ON = Care("none"), Care(induction_steps=1000, maintenance="all")
BURDEN = patient([3e10, 1e10], people=PEOPLE)
CONTROL = TABLES.local_control
SMALL = 1e6
"""Cells: what is smaller is a micrometastasis."""


def micrometastases(model, drawn, steps=12, **more):
    """Cells of all lesions of a patient that were small at the start, by their diameters."""
    mm = course(model, drawn, steps=steps, stop_after_run_in=True, care=NOBODY, **more)
    cells = np.where(drawn.cells < SMALL, mm.run_in_diameter_mm**3, 0.0)
    owner = np.repeat(np.arange(len(drawn)), np.diff(drawn.offsets))
    return np.bincount(owner, cells, len(drawn))


def last_column(got, name):
    values = getattr(got.watch, name)
    assert not np.isnan(values).any()
    return values[:, -1].astype(float)


def lesions_seen(model):
    """Metastases that imaging shows after three years without drug."""
    model = model.without("immune")
    got = course(model, BURDEN, steps=0, months=36.0, care=NOBODY, watch=True)
    return last_column(got, "lesions_seen")


def lesions_seen_with_much_seeding(model):
    return lesions_seen(model.with_parameters({"fsec": 3.0}))


def hazard(model):
    """Hazard of a lesion at the organ's limit, by the time of death of who lives with it."""
    limit_ml = MODEL.parameters["c0_liver"] * MODEL.parameters["cscale"]
    drawn = patient([1e9 * limit_ml], growth=0.0, people=PEOPLE)
    alike = {"other_causes": 0.0, "sfrail": 0.0, "c0_pooled": 1200.0}
    alone = model.without("seeding").with_parameters(alike)
    return 1.0 / course(alone, drawn, steps=0, months=11_000.0, care=NOBODY).death_months


def still(drawn):
    """The same patients with lesions that do not grow: nobody progresses, off drug or on it."""
    return dataclasses.replace(drawn, growth=np.zeros(drawn.lesions))


def days_lost_of(model, drawn, months, **more):
    got = course(model, still(drawn), months=months, care=ON_AND_ON, **more)
    assert np.isinf(got.progression_months).all()
    assert np.isinf(got.death_months).all()
    return got.systemic_days_lost, np.isfinite(got.local_months)


def time_on_drug(model):
    """Days of three years; the tumour fills two fifths of what the liver bears."""
    drawn = patient([3e11], people=PEOPLE)
    worn = model.with_parameters({"intolerance": 0.02})
    lost, _ = days_lost_of(worn, drawn, 36.0, steps=0)
    return 36.0 * DAYS_PER_MONTH - lost


def burden_above_the_reference_size(model):
    """Volume after one step on drug of a lesion that drug reaches less well than most."""
    drawn = patient([10.0 * MODEL.parameters["pen_cells"]], people=PEOPLE)
    got = course(model.with_parameters(SENSITIVE), drawn, steps=1, stop_after_run_in=True)
    return got.run_in_diameter_mm**3


def burden_after_two_steps_on_drug(model):
    """Cells turn resistant in the first step; the second spares them."""
    drawn = patient([1e9], people=PEOPLE)
    got = course(model.with_parameters(SENSITIVE), drawn, steps=2, stop_after_run_in=True)
    return got.run_in_diameter_mm**3


def cells_that_immunity_holds(model):
    return micrometastases(model, patient([1e5, 3e3, 100.0], people=PEOPLE))


def cells_beside_a_large_lesion(model):
    # Of less than `imm_total`, from which immunity gives up altogether.
    return micrometastases(model, patient([1e9, 1e5, 3e3, 100.0], people=PEOPLE))


def occult_cells(model):
    return micrometastases(model, DRAWN.take(np.arange(PEOPLE)), steps=6)


def burden_after_resection(model):
    """Cells half a year after a resection of the liver, in the lung and what the knife left."""
    drawn = patient([2e10, 2e10, 2e9, 1e9], people=PEOPLE)
    organ = np.tile(np.array([0, 0, 0, ORGAN_CODE["lung"]], np.int8), PEOPLE)
    drawn = dataclasses.replace(drawn, organ=organ)
    plan = local(0, drawn=drawn, where=organ == 0, local_control=0.5 * np.ones_like(CONTROL))
    got = course(model, drawn, steps=0, months=6.0, local=plan, care=NOBODY, watch=True)
    return last_column(got, "living_cells")


def micrometastases_after_an_operation(model):
    """Cells three months after a resection that took all there was to see."""
    drawn = patient([2e9, 3e4, 1e3], people=PEOPLE)
    plan = local(0, drawn=drawn, local_control=np.ones_like(CONTROL))
    quiet = model.without("surge").with_parameters({"kimm": 0.008})
    got = course(quiet, drawn, steps=0, months=3.0, local=plan, care=NOBODY, watch=True)
    return last_column(got, "living_cells")


def days_lost(model):
    """Days of a year without the drug that was planned, by a resection of the liver."""
    drawn = DRAWN.take(np.arange(PEOPLE))
    plan = local(drawn=drawn, where=drawn.visible & (drawn.organ == 0))
    tolerant = model.with_parameters({"intolerance": 0.0})
    lost, operated = days_lost_of(tolerant, drawn, 12.0, local=plan)
    assert operated.sum() > PEOPLE / 3
    return lost


def dead_within_90_days(model):
    drawn = patient([2e9, 1e9], people=PEOPLE)
    got = course(model, drawn, steps=0, months=12.0, local=local(0, drawn=drawn))
    return got.died_within_90_days.astype(float)


@dataclasses.dataclass(frozen=True)
class Case:
    """What a mechanism acts on, whether it rises (1) or falls (-1), and for whom that holds."""

    measured: Callable
    sign: int
    model: object
    strict: bool = True  # for every patient, by the coupling of random numbers; else on average


MONOTONE = {
    # A new lesion takes the next slot, which names its random numbers: equal on average alone.
    "seeding": Case(lesions_seen, 1, IMMORTAL, strict=False),
    "dna-shedding": Case(lesions_seen_with_much_seeding, 1, IMMORTAL, strict=False),
    "organ-death": Case(hazard, 1, MODEL),
    "tolerance": Case(time_on_drug, -1, PLAIN),
    "perfusion": Case(burden_above_the_reference_size, 1, PLAIN),
    "resistance": Case(burden_after_two_steps_on_drug, 1, PLAIN),
    "immune": Case(cells_that_immunity_holds, -1, IMMORTAL.without("seeding")),
    "immunosuppression": Case(cells_beside_a_large_lesion, 1, IMMORTAL.without("seeding")),
    # Lesions rest and wake in blocks, which shifts the steps at which small clones may die out.
    "occult": Case(occult_cells, 1, PLAIN, strict=False),
    "surge": Case(burden_after_resection, 1, PLAIN),
    "operative-immunosuppression": Case(
        micrometastases_after_an_operation, 1, IMMORTAL.without("seeding", "operative-death")
    ),
    "pause": Case(days_lost, 1, PLAIN),
    "operative-death": Case(dead_within_90_days, 1, IMMORTAL),
    "operative-morbidity": Case(days_lost, 1, PLAIN),
}


def strengths(mechanism):
    return sorted({0.0, 0.5, 1.0, min(3.0, LARGEST_STRENGTH[mechanism])})


def test_every_mechanism_is_tested():
    assert set(MONOTONE) == set(MECHANISMS)
    for mechanism in MECHANISMS:
        assert strengths(mechanism)[-1] <= LARGEST_STRENGTH[mechanism]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_stronger_mechanism_does_more(mechanism):
    case = MONOTONE[mechanism]
    measured = [
        case.measured(case.model.with_strengths({mechanism: strength}))
        for strength in strengths(mechanism)
    ]
    for weaker, stronger in itertools.pairwise(measured):
        assert np.isfinite(stronger).all()
        more = case.sign * (stronger - weaker)
        scale = ROUNDING * np.maximum(np.abs(weaker), np.abs(stronger))
        if case.strict:
            assert (more >= -scale).all()
            assert (more > 10.0 * scale).any()
        else:
            error = more.std(ddof=1) / math.sqrt(more.size)
            assert more.mean() > ERRORS * error


def test_half_of_organ_death_is_halfway_between_pooled_and_organ_by_organ():
    pooled, half, organs = (
        hazard(MODEL.with_strengths({"organ-death": strength})) for strength in (0.0, 0.5, 1.0)
    )
    assert half == pytest.approx((pooled + organs) / 2.0, rel=ROUNDING)
    assert (pooled < organs).all()
