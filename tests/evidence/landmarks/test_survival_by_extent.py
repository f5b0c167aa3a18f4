"""The packaged map from findings to extents, and the curves pooled with it."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.evidence import ALLOWED_ROLES, finding, findings
from debulk.evidence.landmarks.by_extent import pooled_curves_by_extent
from debulk.evidence.landmarks.mapping import EXTENTS, survival_map
from debulk.evidence.schema import ROLES
from debulk.patients import extent as patients_extent


def _survival_at_a_time() -> set[str]:
    """Every finding that is overall survival, in percent, at one time, by its own words."""
    words = re.compile(r"\d+-?y[ -]os\b|5-y survival|5y / 10y os|5-y os|5-y / 8-y os|-os\b|os ~40")
    rows = findings(kind="number", unit="%").filter(
        pl.col("table").is_in(["series", "continuum", "trials"])
    )
    found = set()
    for row in rows.iter_rows(named=True):
        rate = row["quantity"].startswith("survival rates")
        other = re.search(r"pfs|dfs|rfs|hr-", row["key"].lower().rsplit("/", 1)[-1])
        words_tell = words.search(row["quantity"].lower()) or "specific survival" in row["quantity"]
        actual = "actual survivors" in row["quantity"]
        if (rate and not other) or ((words_tell or actual) and row["table"] != "trials"):
            found.add(row["key"])
    return found


def test_every_finding_of_survival_is_mapped_or_left_out_with_a_reason() -> None:
    mapped = [each.finding for group in survival_map().groups for each in group.landmarks]
    left = [key for each in survival_map().left_out for key in each.findings]
    assert len({*mapped, *left}) == len(mapped) + len(left)
    for key in (*mapped, *left):
        assert finding(key).unit == "%"
    assert _survival_at_a_time() - {*mapped, *left} == set()
    assert all(each.reason for each in survival_map().left_out)


def test_mapped_times_and_numbers_agree_with_their_findings() -> None:
    for group in survival_map().groups:
        for each in group.landmarks:
            row = finding(each.finding)
            words = f"{row.quantity} {row.key.rsplit('#')[-1]}".lower()
            months = {float(year) * 12 for year in re.findall(r"(\d+)-?y", words)}
            months |= {float(month) for month in re.findall(r"(\d+)mo", words)}
            assert each.months in months, each.finding
        if group.patients == "finding":
            assert finding(group.landmarks[0].finding).n
        elif group.patients is not None:
            assert group.patients_from
        assert len({finding(each.finding).role for each in group.landmarks}) == 1


def test_extents_are_those_of_patients() -> None:
    assert set(EXTENTS) == set(patients_extent.EXTENTS)


def test_held_out_results_enter_only_when_asked_for() -> None:
    default = pooled_curves_by_extent()
    used = {role for each in default.curves for role in each.roles.values()}
    assert used <= ALLOWED_ROLES
    everything = pooled_curves_by_extent(roles=ROLES)
    shown = {role for each in everything.curves for role in each.roles.values()}
    assert "validation" in shown
    assert any("may set nothing" in each for each in everything.provenance.remarks)
    reasons = {each.reason: each.count for each in default.provenance.exclusions}
    assert reasons["the number of patients is not known"] == 8
    assert reasons["role validation not asked for"] == 7
    assert default.left_out["trials:TransMet/os_rates#5y-experimental"].startswith("role")


def test_packaged_curve_of_resected_liver_metastases() -> None:
    curve = pooled_curves_by_extent().of("liver_only", "all_local")
    assert curve.times.tolist() == [60.0, 120.0]
    printed = [share for own in curve.studies.values() for share in own[:1] if share is not None]
    assert min(printed) < curve.survival[0] < max(printed)
    patients = pooled_curves_by_extent().curves[0].patients
    assert patients["Fong 1999"] == 1001
    assert patients["CLOCC ablation"] == 60
    alone = pooled_curves_by_extent(extents=["multi_organ"]).of("multi_organ", "all_local")
    assert alone.survival.tolist() == pytest.approx([0.424, 0.28])
    assert any("range from 20.6 to 77" in each for each in alone.provenance.remarks)


def test_curves_are_plain_json() -> None:
    told = pooled_curves_by_extent(roles=ROLES).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"extents": ["lung_only"]}, "'lung_only'"),
        ({"treatments": ["surgery"]}, "'surgery'"),
        ({"roles": ["validated"]}, "Did you mean 'validation'"),
    ],
)
def test_hostile_choices(options: dict, found: str) -> None:
    with pytest.raises(InputError, match=found):
        pooled_curves_by_extent(**options)
    with pytest.raises(InputError, match="no study tells the survival of stage_1 untreated"):
        pooled_curves_by_extent().of("stage_1", "untreated")
