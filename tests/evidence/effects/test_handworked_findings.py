"""Published findings become studies: levels, counts, what is left out, one study once."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest

from debulk.core import InputError
from debulk.evidence import finding, findings
from debulk.evidence.effects.completing import completed_hazard_ratio, derived_interval
from debulk.evidence.effects.effect import NotEnough
from debulk.evidence.effects.from_findings import effects_from_findings
from debulk.evidence.effects.proportions import back_transform
from debulk.evidence.pooling.random_effects import pool

Z = {95.0: 1.959963984540054, 95.66: 2.01983987049065}  # R, qnorm
CLOCC, EPOC = "trials:CLOCC/hr_pfs", "trials:EORTC 40983 (EPOC)/hr_pfs"


def rows(*changes: dict[str, object]) -> pl.DataFrame:
    """Copies of one packaged row with cells changed."""
    base = findings(study="CLOCC", quantity="hazard ratio for death").row(0, named=True)
    made = [base | {"key": f"k{i}", "study": f"S{i}"} | each for i, each in enumerate(changes)]
    return pl.DataFrame(made, schema_overrides=dict(findings().schema), infer_schema_length=None)


def proportion(**cells: object) -> dict[str, object]:
    empty: dict[str, object] = {"lower": None, "upper": None, "statistic": "", "group": "all"}
    return empty | {"unit": "%", "quantity": "90-day mortality", "n": 200} | cells


def test_a_level_in_the_row_makes_the_error_and_is_told() -> None:
    found = effects_from_findings([CLOCC, EPOC])
    assert found.names == ("CLOCC", "EORTC 40983 (EPOC)")
    assert found.std_errors[0] == pytest.approx(math.log(0.95 / 0.42) / (2 * Z[95.0]))
    assert found.std_errors[1] == pytest.approx(math.log(1.02 / 0.62) / (2 * Z[95.66]))
    assert "EORTC 40983 (EPOC): 95.66 % interval" in found.remarks
    assert "Level of the interval not stated, taken as 95 %: CLOCC" in found.remarks
    assert found.sources[0].startswith("Ruers")
    assert (found.measure, found.scale) == ("hazard ratio", "log")
    assert found.groups["key"] == (CLOCC, EPOC)


def test_every_hazard_ratio_for_death_enters_or_is_left_out_with_its_reason() -> None:
    chosen = findings(quantity="hazard ratio for death")
    found = effects_from_findings(chosen)
    assert len(found.names) + len(found.exclusions) == chosen.height
    assert found.exclusions == ()
    (held_out,) = [each for each in found.remarks if each.startswith("Held out")]
    assert len(held_out.split(": ")[1].split(", ")) == found.groups["role"].count("validation") > 0


def test_handworked_deaths_and_arms_of_the_study_complete_a_hazard_ratio() -> None:
    """844 deaths of 549 and 554 patients; p 0.61 beside 1.04 leaves the error open by 14 %."""
    key = "trials:SIRFLOX/FOXFIRE/FOXFIRE-Global"
    found = effects_from_findings([f"{key}/hr_os"])
    variance = 844 * 549 * 554 / 1103**2
    assert found.estimates[0] == pytest.approx(math.log(1.04))
    assert found.std_errors[0] == pytest.approx(1 / math.sqrt(variance))
    (told,) = [each for each in found.remarks if "No interval is printed" in each]
    assert all(f"{key}/{each}" in told for each in ("other_results#deaths", "control"))
    assert "p_os" not in told
    lower, upper, how = derived_interval(finding(f"{key}/hr_os"))
    assert (lower, upper) == pytest.approx(
        [1.04 * math.exp(sign * Z[95.0] / math.sqrt(variance)) for sign in (-1, 1)]
    )
    assert how == "derived from 844 deaths (hazard ratio, events and patients of both arms)"


def test_handworked_the_p_value_of_the_study_completes_a_hazard_ratio() -> None:
    found = effects_from_findings(["trials:80405/hr_os"])
    assert found.std_errors[0] == pytest.approx(abs(math.log(0.92)) / 0.9541653)  # R, qnorm(0.83)
    assert any("its error is made of trials:80405/p_os" in each for each in found.remarks)
    told = derived_interval(finding("trials:80405/hr_os"))[2]
    assert told == "derived from p = 0.34 (hazard ratio and two-sided p value)"


def test_deaths_beside_an_arm_bring_its_patients() -> None:
    """The interval of CLOCC taken away: 53 of 59 and 39 of 60 died, its p leaves less than 10 %."""
    row = finding("trials:CLOCC/hr_os")
    assert completed_hazard_ratio(row).route == "hazard ratio and two-sided p value"
    unclear = completed_hazard_ratio(replace(row, value=0.95))
    assert unclear.se == pytest.approx(119 / math.sqrt(92 * 59 * 60))
    with pytest.raises(NotEnough, match="nothing to make one of"):
        completed_hazard_ratio(replace(row, group="part of it"))


def test_two_rows_of_one_study_are_refused_with_both_keys() -> None:
    with pytest.raises(InputError, match=r"'k0' and 'k1' are both of the study 'X'.*choose one"):
        effects_from_findings(rows({"study": "X"}, {"study": "X"}))


def test_measures_do_not_mix() -> None:
    with pytest.raises(InputError, match="'k0' is a hazard ratio, 'k1' a proportion"):
        effects_from_findings(rows({}, proportion()))
    with pytest.raises(InputError, match="does not say what it measures"):
        effects_from_findings(rows({"quantity": "median OS", "unit": "months"}))
    with pytest.raises(InputError, match="'k0' is a proportion, no hazard ratio"):
        effects_from_findings(rows(proportion()), measure="hazard ratio")
    with pytest.raises(InputError, match="hold no mean difference"):
        effects_from_findings(rows({}), measure="mean difference")
    unsaid = rows({"quantity": "effect on death", "unit": ""})
    assert effects_from_findings(unsaid, measure="hazard ratio").measure == "hazard ratio"


def test_further_columns_become_groups() -> None:
    frame = rows({}, {}).with_columns(design=pl.Series(["RCT", None]))
    assert effects_from_findings(frame).groups["design"] == ("RCT", None)


@pytest.mark.parametrize(
    ("cells", "se", "told"),
    [
        ({"value": 2.7, "statistic": "1 of 37"}, math.sqrt(1 + 1 / 36), "events and patients"),
        # Counts of something else do not make the percentage and are not taken.
        ({"value": 10.0, "statistic": "64 of 505"}, math.sqrt(1 / 20 + 1 / 180), "events"),
        ({"value": 0.0}, math.sqrt(1 / 0.5 + 1 / 200.5), "Continuity correction"),
        (  # the logit interval of 100 patients, rounded
            {"value": 40.0, "lower": 30.9, "upper": 49.8, "quantity": "5y OS", "group": "x"},
            (math.log(49.8 / 50.2) - math.log(30.9 / 69.1)) / (2 * Z[95.0]),
            "Effective number of patients from the interval: 10",
        ),
        (
            {"value": 40.0, "quantity": "5y OS"},
            1 / math.sqrt(200 * 0.24),
            "Censoring is ignored",
        ),
    ],
)
def test_routes_of_percentages(cells: dict[str, object], se: float, told: str) -> None:
    found = effects_from_findings(rows(proportion(**cells)))
    assert found.std_errors[0] == pytest.approx(se)
    assert any(told in each for each in found.remarks)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (proportion(value=40.0, group="score 2"), "patients of this group are not known"),
        (proportion(value=None, lower=3.0, upper=9.0), "no number is printed"),
        (proportion(value=4.0, lower=3.0, upper=9.0, statistic="median, range"), "no confidence"),
        ({"lower": None, "upper": None}, "has no interval"),
    ],
)
def test_what_has_no_error_is_left_out(cells: dict[str, object], told: str) -> None:
    with_one_good = rows(proportion(value=5.0) if cells.get("unit") == "%" else {}, cells)
    found = effects_from_findings(with_one_good)
    assert found.names == ("S0",)
    assert told in found.exclusions[0].reason
    with pytest.raises(InputError, match="no study has an effect"):
        effects_from_findings(rows(cells))


def test_counts_printed_beside_a_percentage_are_its_own() -> None:
    found = effects_from_findings(rows(proportion(value=2.7, statistic="1 of 37")))
    assert (found.events, found.patients) == ((1,), (37,))


def test_patients_of_a_group_may_be_given() -> None:
    frame = rows(proportion(value=40.0, group="score 2"))
    found = effects_from_findings(frame, patients={"k0": 50})
    assert found.patients == (50,)
    assert found.std_errors[0] == pytest.approx(math.sqrt(1 / 20 + 1 / 30))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"value": 0.2}, r"finding 'k0', value: .*excludes the estimate 0\.2"),
        ({"value": -1.0}, r"finding 'k0', value: -1 is not above 0"),
        (proportion(value=140.0), r"140 is not within 0 to 100"),
    ],
)
def test_impossible_findings_are_told(cells: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        effects_from_findings(rows(cells))


def test_effects_pool_and_come_back() -> None:
    found = effects_from_findings([CLOCC, EPOC])
    pooled = pool(found.estimates, found.std_errors, names=found.names, method="ee")
    assert 0.63 < float(back_transform(pooled.estimate, found.scale)) < 0.79


def test_reviews_and_rows_not_seen_in_full_are_remarked_on() -> None:
    frame = rows({"population": "52 studies of resection"}, {"verified": "partial"})
    told = effects_from_findings(frame).remarks
    assert "Reviews, whose studies may stand beside them: S0" in told
    assert "Not seen in full in the original source: S1" in told
    mixed = rows({}, {"quantity": "hazard ratio for progression or death"})
    assert any(
        each.startswith("Quantities differ") for each in effects_from_findings(mixed).remarks
    )


def test_no_rows_and_other_frames_are_told() -> None:
    with pytest.raises(InputError, match="no row is chosen"):
        effects_from_findings(findings().head(0))
    with pytest.raises(InputError, match="there is no column 'key'"):
        effects_from_findings(pl.DataFrame({"study": ["A"]}))
    with pytest.raises(InputError, match="no finding has the key"):
        effects_from_findings(["trials:CLOCC/hr_oss"])
    with pytest.raises(InputError, match="no list of keys"):
        effects_from_findings(CLOCC)


def test_two_studies_of_one_work_are_remarked_on() -> None:
    found = effects_from_findings(rows({"study": "X"}, {"study": "Y", "value": 0.6}))
    assert "X and Y cite the same work: check that they share no patients" in found.remarks
