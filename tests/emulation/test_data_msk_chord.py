"""What does MSK-CHORD say to ORCHESTRA's question, and what can it not know?"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.emulation.question.registries import protocol

from debulk.core.errors import InputError
from debulk.emulation.emulation_result import Emulation
from debulk.emulation.front import ask_question, emulate
from debulk.patients import Cohort, read_cbioportal

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of patients' tables"
    ),
]

ROUNDED = 0.0006  # found once and written down with three decimals

CHOICES = {
    "share": "any",
    "unknown": "assume-met",
    "require": ("E3",),
    "missing": "indicator",
    "covariates": (
        "age_years",
        "primary_site",
        "n_organs_at_metastases",
        "who_ps",
        "log1p(cea_ug_l)",
    ),
}


def study(name: str) -> Cohort:
    return read_cbioportal(Path(os.environ["DEBULK_DATA"]) / name)


@pytest.fixture(scope="module")
def msk_chord() -> Cohort:
    return study("msk_chord_2024_crc")


@pytest.fixture(scope="module")
def emulation(msk_chord: Cohort) -> Emulation:
    return emulate(msk_chord, "orchestra", **CHOICES)


def test_the_flow_adds_up_and_prevalent_treatment_is_a_large_part_of_it(
    msk_chord: Cohort,
) -> None:
    found = ask_question(msk_chord, "orchestra", **CHOICES)
    before = found.flow[0].patients
    for step in found.flow[1:]:
        assert before - step.patients == sum(each.count for each in step.left_out)
        before = step.patients
    prevalent = next(each for each in found.checks if each.check == "prevalent treatment")
    assert prevalent.value is not None
    assert prevalent.value > 0.4  # a share; at a fifth the check fails


def test_what_the_table_cannot_know_is_listed(msk_chord: Cohort) -> None:
    told = " ".join(ask_question(msk_chord, "orchestra", **CHOICES).not_known)
    for missing in (
        "organ, extent and intent",
        "size",
        "E5, at least 80 %",
        "share of the lesions",
    ):
        assert missing in told


def test_the_share_of_lesions_is_refused_since_no_treatment_names_one(msk_chord: Cohort) -> None:
    with pytest.raises(InputError, match=r"no record of which lesions.*share='any'"):
        ask_question(msk_chord, "orchestra", **{**CHOICES, "share": "strategy"})


def test_no_treatment_before_time_zero_is_left_in(emulation: Emulation) -> None:
    start = emulation.person_time.start_months
    assert np.nanmin(start) >= 0.0
    assert np.all(start[~np.isnan(start)] <= emulation.person_time.time_months[~np.isnan(start)])


def test_the_answer_stands_beside_the_naive_one_and_the_trial(emulation: Emulation) -> None:
    """The trial reported 0.88 (0.70 to 1.10); the emulation cannot tell it from no effect."""
    published = emulation.published
    assert published is not None
    assert (published["hazard_ratio"], published["lower"], published["upper"]) == (0.88, 0.70, 1.10)
    ratio, naive = emulation.answer.hazard_ratio, emulation.naive
    assert ratio is not None
    assert naive is not None
    assert naive.hazard_ratio is not None
    assert ratio.lower < published["hazard_ratio"] < ratio.upper
    assert naive.hazard_ratio.estimate < ratio.estimate


def test_undated_metastasectomy_is_refused_by_every_dated_method() -> None:
    with pytest.raises(InputError, match=r"clone-censor-weight.*has no date.*naive"):
        emulate(study("crc_msk_2017"), protocol(time_zero="cohort-start"))


def test_the_famous_ratio_is_ever_against_never_and_half_of_it_is_late_entry() -> None:
    """0.13 takes patients as observed from their metastases on; they were sequenced later."""
    registry = study("crc_msk_2017")
    from_the_start = registry.patients.with_columns(entry_months=pl.lit(None, dtype=pl.Float64))
    found = {}
    for label, cohort in (
        ("as observed from the start", replace(registry, patients=from_the_start)),
        ("late entry", registry),
    ):
        answer = emulate(cohort, protocol(time_zero="cohort-start"), method="naive").answer
        assert answer.hazard_ratio is not None
        found[label] = answer.hazard_ratio.estimate
    assert found["as observed from the start"] == pytest.approx(0.130, abs=ROUNDED)
    assert found["late entry"] == pytest.approx(0.191, abs=ROUNDED)
