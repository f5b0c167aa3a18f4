"""A bundle made of a cohort is FHIR, and comes back as the cohort it was."""

from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle

from debulk.core.units import DAYS_PER_MONTH
from debulk.patients import example_cohort
from debulk.patients.readers.mcode import read_mcode
from debulk.patients.readers.mcode_export import mcode_bundle, write_mcode

ZERO = date(2000, 1, 1)
A_DAY = 0.51 / DAYS_PER_MONTH  # months become whole days and back


def test_the_bundle_is_fhir():
    made = Bundle.model_validate(mcode_bundle(example_cohort(), time_zero=ZERO))
    kinds = {entry.resource.__class__.__name__ for entry in made.entry}
    assert kinds >= {"Patient", "Condition", "Observation", "Procedure", "MedicationAdministration"}


def test_what_is_written_comes_back(tmp_path):
    before = example_cohort()
    write_mcode(before, tmp_path / "bundle.json", time_zero=ZERO)
    after = read_mcode(tmp_path / "bundle.json")
    assert after.patients["patient_id"].to_list() == before.patients["patient_id"].to_list()
    assert after.patients["sex"].to_list() == before.patients["sex"].to_list()
    assert after.patients["primary_site"].to_list() == before.patients["primary_site"].to_list()
    metastases = before.lesions.filter(before.lesions["organ"] != "primary")
    assert sorted(after.lesions["organ"]) == sorted(metastases["organ"])
    assert sorted(after.lesions["diameter_mm"].drop_nulls()) == pytest.approx(
        sorted(metastases["diameter_mm"].drop_nulls())
    )
    dead = before.followup.filter(dead=True).sort("patient_id")
    again = after.followup.filter(dead=True).sort("patient_id")
    assert again["last_months"].to_list() == pytest.approx(dead["last_months"].to_list(), abs=A_DAY)
    assert sorted(after.assessments["cea_ug_l"].drop_nulls()) == pytest.approx(
        sorted(before.assessments["cea_ug_l"].drop_nulls())
    )


def test_an_identifier_that_fhir_forbids_is_rewritten(tmp_path):
    made = mcode_bundle(example_cohort(), time_zero=ZERO)
    assert all(len(entry["resource"]["id"]) <= 64 for entry in made["entry"])
    assert len({entry["fullUrl"] for entry in made["entry"]}) == len(made["entry"])
