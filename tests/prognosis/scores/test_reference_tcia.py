"""The Fong score of 197 resected patients (Simpson and others 2024, TCIA, CC BY 4.0): the points
released with them, and those that follow from the released components.

The file holds no disease-free interval. Its ``synchronous_crlm`` says whether the primary was
still in place at the operation, which is something else: so the formula, left as published, gives
no points to anybody who was not surely above or below every cut, and a substitute must be named to
get any.
"""

import os
from pathlib import Path

import polars as pl
import pytest

from debulk.patients import Cohort
from debulk.prognosis.scores.in_cohort import score_in_cohort
from debulk.prognosis.scores.scoring import score, scored

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of patients' tables"
    ),
]

# The numbers expected are given to three decimals.
THIRD_DECIMAL = 5e-4

FILE = ("tcia_crlm", "tcia_crlm_v2_april2023.csv")
SUBSTITUTES = {"disease_free_interval": "synchronous_crlm", "size": "max_tumour_mm > 50"}
MM_PER_CM = 10.0


@pytest.fixture(scope="module")
def cohort():
    rows = pl.read_csv(Path(os.environ["DEBULK_DATA"]).joinpath(*FILE))
    name = pl.col("Patient-ID").alias("patient_id")
    many = pl.col("multiple_metastases") == 1
    patients = rows.select(
        name,
        # One positive node stands for any number of them; more than one metastasis for two or more.
        pl.col("node_positive_primary").alias("n_positive"),
        pl.col("carcinoembryonic_antigen").alias("cea_ug_l"),
        (~many).alias("lesion_list_complete"),
        (pl.col("synchronous_crlm") == 1).alias("synchronous_crlm"),
        (pl.col("max_tumor_size") * MM_PER_CM).alias("max_tumour_mm"),
        pl.col("clinrisk_score"),
    )
    places = pl.when(many).then([1, 2]).otherwise([1]).alias("lesion_id")
    lesions = rows.select(name, places, pl.lit("liver").alias("organ")).explode("lesion_id")
    treatments = rows.select(name, pl.lit("local").alias("kind"), pl.lit(0.0).alias("start_months"))
    followup = rows.select(
        name,
        pl.col("overall_survival_months").alias("last_months"),
        (pl.col("vital_status") == 1).alias("dead"),
    )
    return Cohort.from_tables(
        {
            "patients": patients,
            "lesions": lesions,
            "treatments": treatments,
            "followup": followup,
        }
    )


def test_without_the_disease_free_interval_the_formula_gives_nobody_points(cohort):
    found = scored("fong", cohort)
    assert found.without_points == len(cohort) == 197
    assert found.unknown_items["disease_free_interval"] == 197
    assert (found.outside, found.outside_unknown) == (0, 0)


def test_the_released_points_order_605_of_1000_pairs(cohort):
    found = score_in_cohort("fong", cohort, points_column="clinrisk_score", substitute=SUBSTITUTES)
    value = found.observed.concordance
    assert value.estimate == pytest.approx(0.605, abs=THIRD_DECIMAL)
    assert (value.lower, value.upper) == pytest.approx((0.552, 0.658), abs=THIRD_DECIMAL)
    assert (value.n, value.events, found.observed.missing) == (168, 90, 29)
    seen = found.agreement
    assert (seen.both, seen.equal, seen.within_one) == (168, 104, 164)
    # Of the 64 that differ, the released points are mostly higher: intervals below 12 months of
    # patients whose primary was no longer in place.
    assert (seen.given_higher, seen.given_lower) == (55, 9)


def test_points_from_the_components_order_576_of_1000(cohort):
    found = score_in_cohort("fong", cohort, substitute=SUBSTITUTES)
    value = found.observed.concordance
    assert value.estimate == pytest.approx(0.576, abs=THIRD_DECIMAL)
    assert (value.lower, value.upper) == pytest.approx((0.521, 0.630), abs=THIRD_DECIMAL)
    assert (value.n, value.events, found.observed.missing) == (168, 90, 29)
    said = " ".join(found.provenance().remarks)
    assert "substitute 'synchronous_crlm'" in said
    assert "substitute 'max_tumour_mm > 50'" in said


def test_the_missing_interval_explains_about_half_of_the_differences(cohort):
    """With the interval's item free to be met or not, 137 of 168 can agree; 31 cannot."""
    made = score("fong", cohort, substitute=SUBSTITUTES)["points"]
    turned = SUBSTITUTES | {"disease_free_interval": "not synchronous_crlm"}
    other = score("fong", cohort, substitute=turned)["points"]
    rows = pl.DataFrame(
        {
            "released": cohort.patients["clinrisk_score"],
            "least": pl.select(pl.min_horizontal(made, other)).to_series(),
            "most": pl.select(pl.max_horizontal(made, other)).to_series(),
        }
    ).drop_nulls()
    assert rows.height == 168
    assert rows.filter(pl.col("released").is_between("least", "most")).height == 137
    # In these 31 another item must have been judged otherwise, as before chemotherapy.
    assert rows.filter(pl.col("released") > pl.col("most")).height == 27
    assert rows.filter(pl.col("released") < pl.col("least")).height == 4
