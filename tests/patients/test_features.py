import subprocess
import sys

import polars as pl
import pytest

from debulk.core import InputError
from debulk.patients import FEATURES, Cohort, describe, example_cohort
from debulk.patients.sight import summed_ml


@pytest.fixture(scope="module")
def cohort():
    return example_cohort()


def test_there_is_one_row_a_patient_in_order_with_every_feature(cohort):
    table = cohort.features()
    assert table["patient_id"].to_list() == cohort.patients["patient_id"].to_list()
    assert table.columns == [*cohort.patients.columns, *FEATURES]
    for name, feature in FEATURES.items():
        assert table.schema[name] == feature.dtype


@pytest.mark.parametrize("moment", ["now", "entry"])
def test_asking_for_one_feature_gives_what_the_whole_table_holds(cohort, moment):
    whole = cohort.features(moment=moment)
    for name in FEATURES:
        alone = cohort.features(moment=moment, only=[name])
        assert alone.columns == [*cohort.patients.columns, name]
        assert alone[name].equals(whole[name], null_equal=True), name


def test_a_name_of_the_patients_table_may_be_asked_for(cohort):
    assert cohort.features(only=["age_years"]).columns == cohort.patients.columns


def test_shares_lie_between_0_and_1_and_counts_add_up(cohort):
    table = cohort.features()
    for name in ("treatable_share", "treatable_share_volume"):
        assert table[name].drop_nulls().is_between(0.0, 1.0).all()
        assert table[name].null_count() < table.height
    whole = table["hepatic_lesions"] + table["extrahepatic_lesions"]
    assert whole.equals(table["lesions"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"only": ["lesion"]}, "Did you mean 'lesions'"),
        ({"moment": "later"}, "'now' or 'entry'"),
    ],
)
def test_what_is_no_feature_or_moment_is_refused(cohort, arguments, says):
    with pytest.raises(InputError, match=says):
        cohort.features(**arguments)


def test_a_bold_panel_treats_no_less_than_a_timid_one(cohort):
    shares = {}
    for boldness in (-2.0, 2.0):
        patients = cohort.patients.with_columns(pl.lit(boldness).alias("panel_boldness"))
        tables = {"patients": patients, "lesions": cohort.lesions}
        found = Cohort.from_tables(tables).features(only=["treatable_share"])
        shares[boldness] = found["treatable_share"].mean()
    assert shares[-2.0] < shares[2.0]


def test_a_description_has_a_plain_form(cohort):
    found = describe(cohort)
    plain = found.to_dict()
    assert plain["patients"] == len(cohort)
    assert "volume_ml" in plain["empty"]["lesions"]
    assert 0.0 < plain["missing"]["lesions"]["near_vessel"] < 1.0
    alone = describe(Cohort.from_tables({"patients": [{"patient_id": "a"}]})).to_dict()
    assert alone["median_followup_months"] is None
    assert alone["without_followup"] == 1
    assert alone["extent"]["now_k2"]["unknown"] == 1


def test_importing_the_room_loads_no_table_library():
    code = (
        "import sys, debulk.patients, debulk.cli.app; print({'polars', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_volume_beyond_nine_thousand_litres_is_added_as_any_other() -> None:
    volumes = pl.DataFrame({"ml": [2e7, 1.5, 0.25]})
    assert volumes.select(summed_ml(pl.col("ml"))).item() == 2e7 + 1.75
