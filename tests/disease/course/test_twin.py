"""The course against its plain twin: every patient, every outcome."""

import math

import numpy as np
import pytest
from course_cases import DRAWN, MODEL, SEED, TABLES, course, local
from course_twin import CourseTwin
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.course.care import Care
from debulk.disease.mechanisms import LARGEST_STRENGTH
from debulk.disease.model import prior_model
from debulk.disease.structures import STRUCTURES

TIME_ATOL = 1e-7  # months; the kernel's exponential and logarithm have errors of 2e-11
PATIENTS = 150
HORIZON = 84.0
STEPS = math.ceil(HORIZON * 30.4375 / 21)
TIMES = ("death_months", "progression_months", "liver_progression_months", "local_months")
NUMBERS = ("early_change", "best_change", "systemic_days_lost")
CODES = (
    "cause",
    "progression_site",
    "eligible_at_randomisation",
    "response",
    "confirmed_response",
    "visible_at_local",
    "treated",
    "treated_visible",
    "used",
    "controlled",
    "died_within_90_days",
    "resections",
    "tumour_free",
)

LIVER = DRAWN.visible & (DRAWN.organ == ORGAN_CODE["liver"])
MIXED = np.where(LIVER, TABLES.names.index("mwa"), -1).astype(np.int8)
MIXED[LIVER & (DRAWN.diameter_mm > 30)] = TABLES.names.index("liver_resection")
MIXED[DRAWN.visible & (DRAWN.organ == ORGAN_CODE["lung"])] = TABLES.names.index("sbrt")
DEADLY = {"mortality_90_days": np.full(len(TABLES.names), 0.3)}
WORST = {"major_complication": np.full(len(TABLES.names), 0.8)}


def mixed(**changes):
    plan = local(4, **changes)
    plan.modality[:] = MIXED
    return plan


STRONG = {name: 3.0 for name in ("seeding", "tolerance", "resistance", "surge", "immune")}
STRONG |= {name: 2.0 for name in ("operative-death", "operative-morbidity", "pause")}
HALF = {"organ-death": 0.5, "occult": 0.5, "perfusion": 0.5, "immunosuppression": 0.3}
CASES = {
    "first line": (MODEL, 3, Care(), None),
    "no run-in": (MODEL, 0, Care(maintenance="none"), None),
    "long run-in": (MODEL, 8, Care(maintenance="all", induction_steps=4), None),
    "never treated": (MODEL, 0, Care("none"), None),
    "after progression": (MODEL, 0, Care("after progression", repeat_resection=1.5), None),
    "resections": (MODEL, 3, Care(secondary_resection=2.0, repeat_resection=2.0), None),
    "adjuvant": (
        MODEL,
        0,
        Care(first_drug_step=2, last_drug_step=10, new_lesion_factor=0.7),
        local(0),
    ),
    "two lines": (MODEL, 4, Care(lines_most=2, era=0.6), local(5)),
    "resection": (MODEL, 4, Care(repeat_resection=1.0), local(5)),
    "mixed": (MODEL, 4, Care(), mixed()),
    "deadly": (MODEL, 4, Care(), mixed(**DEADLY)),
    "morbid": (MODEL, 4, Care(secondary_resection=1.0), mixed(**WORST)),
    "radioembolisation": (MODEL, 3, Care(), local(3, where=LIVER, name="radioembolisation")),
    "transplantation": (MODEL, 3, Care(), local(6, where=LIVER, name="liver_transplantation")),
    "salvage": (MODEL, 3, Care(), local(3, more={"after_progression": True})),
    "half delivered": (
        MODEL,
        3,
        Care(),
        local(4, more={"delivered": 0.5, "operative_threshold": 0.0}),
    ),
    "sham": (MODEL.null_world(), 3, Care(secondary_resection=1.0, repeat_resection=1.0), local(4)),
    "bare removal": (MODEL.bare_removal(), 3, Care(), local(4)),
    "strong": (MODEL.with_strengths(STRONG), 3, Care(repeat_resection=1.0), mixed()),
    "half": (MODEL.with_strengths(HALF), 3, Care(), local(4)),
    "exponential": (prior_model("exponential"), 3, Care(), local(4)),
    "no immunity": (prior_model("no-immunity"), 3, Care(), local(4)),
    "dead cells": (
        prior_model("drug-dead-cells"),
        3,
        Care(),
        local(3, where=LIVER, name="radioembolisation"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_course_agrees_with_its_twin(case):
    model, randomised, care, plan = CASES[case]
    got = course(model, steps=randomised, months=HORIZON, care=care, local=plan)
    for row in range(PATIENTS):
        twin = CourseTwin(model, DRAWN, row, SEED, randomised, care, plan)
        agree(got, row, twin.live(randomised + STEPS), int(DRAWN.offsets[row]))


FEW = 6
chances = st.floats(0.0, 2.0)
steps = st.integers(0, 12)
cares = st.builds(
    Care,
    systemic=st.sampled_from(["lines", "none", "after progression"]),
    first_drug_step=steps,
    last_drug_step=st.none() | steps,
    induction_steps=st.none() | steps,
    maintenance=st.sampled_from(["by chance", "all", "none"]),
    era=chances,
    lines_most=st.integers(0, 3),
    secondary_resection=chances,
    repeat_resection=chances,
    new_lesion_factor=st.floats(0.1, 3.0),
)
strengths = st.fixed_dictionaries(
    {
        name: st.just(0.0) | st.floats(0.01, min(4.0, most))
        for name, most in LARGEST_STRENGTH.items()
    }
)


@given(
    care=cares,
    strength=strengths,
    structure=st.sampled_from(sorted(STRUCTURES)),
    randomised=steps,
    wait=st.integers(0, 10),
    salvage=st.booleans(),
    first=st.integers(0, len(DRAWN) - FEW),
    data=st.data(),
)
@settings(max_examples=60)
def test_any_patients_in_any_world_agree_with_the_twin(
    care, strength, structure, randomised, wait, salvage, first, data
):
    model = prior_model(structure).with_strengths(strength)
    some = DRAWN.take(np.arange(first, first + FEW))
    codes = st.integers(-1, len(TABLES.names) - 1)
    modality = data.draw(st.lists(codes, min_size=some.lesions, max_size=some.lesions))
    plan = local(randomised + wait, drawn=some, more={"after_progression": salvage})
    plan.modality[:] = modality
    got = course(model, some, steps=randomised, months=HORIZON, care=care, local=plan)
    for row in range(FEW):
        twin = CourseTwin(model, some, row, SEED, randomised, care, plan)
        agree(got, row, twin.live(randomised + STEPS), int(some.offsets[row]))


def agree(got, row, twin, first):
    """Compare every outcome of one patient, whose lesions begin at row `first`."""
    cut(twin)
    for name in TIMES:
        expected = pytest.approx(getattr(twin, name), abs=TIME_ATOL, nan_ok=True)
        assert getattr(got, name)[row] == expected, (row, name)
    for name in NUMBERS:
        expected = pytest.approx(getattr(twin, name), rel=TIME_ATOL, abs=TIME_ATOL, nan_ok=True)
        assert getattr(got, name)[row] == expected, (row, name)
    for name in CODES:
        assert getattr(got, name)[row] == getattr(twin, name), (row, name)
    for name, mine in (("line_start_months", twin.starts), ("line_end_months", twin.ends)):
        expected = pytest.approx(mine, abs=TIME_ATOL, nan_ok=True)
        assert getattr(got, name)[row] == expected, (row, name)
    for at, (diameter, seen) in twin.diameters.items():
        assert got.run_in_diameter_mm[first + at] == pytest.approx(diameter, rel=1e-8)
        assert got.run_in_visible[first + at] == seen


def cut(twin):
    """What the horizon hides."""
    last = min(twin.death_months, HORIZON)
    if twin.death_months > HORIZON:
        twin.death_months, twin.cause, twin.died_within_90_days = math.inf, 0, False
    if twin.progression_months > last:
        twin.progression_months, twin.progression_site = math.inf, 0
    if twin.liver_progression_months > last:
        twin.liver_progression_months = math.inf
    for line in range(3):
        if math.isnan(twin.starts[line]) or twin.starts[line] > last:
            twin.starts[line] = twin.ends[line] = math.nan
        elif not twin.ends[line] <= last:
            twin.ends[line] = math.inf
