"""The course against its plain twin: every patient, every outcome."""

import math

import numpy as np
import pytest
from course_cases import DRAWN, MODEL, SEED, TABLES, course, local
from course_twin import CourseTwin

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.course.care import Care
from debulk.disease.model import prior_model

TIME_ATOL = 1e-7  # months; the kernel's exponential and logarithm have errors of 2e-11
PATIENTS = 150
HORIZON = 84.0
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
    steps = randomised + math.ceil(HORIZON * 30.4375 / 21)
    for row in range(PATIENTS):
        twin = CourseTwin(model, DRAWN, row, SEED, randomised, care, plan).live(steps)
        cut(twin)
        for name in TIMES:
            assert getattr(got, name)[row] == pytest.approx(
                getattr(twin, name), abs=TIME_ATOL, nan_ok=True
            ), (row, name)
        for name in NUMBERS:
            assert getattr(got, name)[row] == pytest.approx(
                getattr(twin, name), rel=TIME_ATOL, abs=TIME_ATOL, nan_ok=True
            ), (row, name)
        for name in CODES:
            assert getattr(got, name)[row] == getattr(twin, name), (row, name)
        for name, mine in (("line_start_months", twin.starts), ("line_end_months", twin.ends)):
            assert getattr(got, name)[row] == pytest.approx(mine, abs=TIME_ATOL, nan_ok=True), (
                row,
                name,
            )
        first = int(DRAWN.offsets[row])
        for at in range(int(DRAWN.offsets[row + 1]) - first):
            diameter, seen = twin.diameters.get(at, (0.0, False))
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
