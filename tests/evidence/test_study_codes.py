"""The codes of every study: present, with reasons, and what a reader may filter by."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from debulk.core import InputError
from debulk.evidence.own_schema import RisksModel
from debulk.evidence.schema import CODES, RISKS
from debulk.evidence.tables import findings, studies, study_codes

RANDOMISED = ["randomised", "pooled randomised"]
# They also print results of groups that formed after randomisation; the reason says so.
AFTER_RANDOMISATION = ["PulMiCC", "CAIRO5", "DESKTOP III", "GOG-0213"]


def test_the_page_on_the_tables_names_every_word_of_every_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "evidence-sources.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    for code in ("design", "domain", "organ", "modality", "line", "extent", "comparison"):
        told = next(line for line in lines if line.startswith(f"| `{code}` |"))
        assert [word for word in CODES.words[code] if word not in told] == []


def test_every_study_is_coded_in_the_same_order() -> None:
    assert study_codes()["study"].to_list() == studies()["study"].to_list()
    assert study_codes().columns == list(CODES.columns)
    assert studies()["design"].null_count() == 0


def test_every_risk_has_a_reason() -> None:
    codes = study_codes()
    for risk in RISKS:
        assert (codes[f"{risk}_reason"].str.len_chars() > 10).all()
    assert tuple(RisksModel.model_fields) == RISKS


def test_only_what_chance_divided_has_a_comparison_each_with_its_reason() -> None:
    codes = study_codes()
    assert (codes["comparison_reason"].str.len_chars() > 10).all()
    by_chance = codes["design"].is_in(RANDOMISED)
    assert "not applicable" not in set(codes.filter(by_chance)["comparison"])
    assert set(codes.filter(~by_chance)["comparison"]) == {"not applicable"}


def test_the_comparison_tells_apart_what_a_modality_cannot() -> None:
    told = dict(study_codes().select("study", "comparison").iter_rows())
    assert told["COLLISION"] == "local against local"
    assert told["PRODIGE 7"] == told["LION"] == "more local against less"
    assert told["EORTC 40983 (EPOC)"] == "systemic against none"
    assert told["CLOCC"] == "local against none"
    primary = set(studies(modality="primary resection", design=RANDOMISED)["study"])
    assert primary == set(studies(comparison="primary against none")["study"])


def test_arms_compared_as_randomised_are_at_low_risk() -> None:
    codes = study_codes(design=RANDOMISED)
    assert codes.height > 40
    assert all(set(codes[risk]) == {"low"} for risk in RISKS)
    warned = pl.any_horizontal(pl.col(f"{risk}_reason").str.contains("not so") for risk in RISKS)
    assert codes.filter(warned)["study"].to_list() == AFTER_RANDOMISATION


@pytest.mark.parametrize(
    "study", ["RAXO", "RAXO liver substudy", "PulMiCC cohort", "PRIME resection exploratory"]
)
def test_operated_against_not_operated_is_at_high_risk(study: str) -> None:
    codes = study_codes(study=study).row(0, named=True)
    assert [codes[risk] for risk in RISKS] == ["high"] * 3


def test_a_trial_is_coded_randomised_where_its_source_prints_so() -> None:
    printed = studies().filter(pl.col("printed_design").str.starts_with("randomised"))
    assert set(printed["design"]) <= set(RANDOMISED)
    assert printed.height == studies(table="trials").height


def test_other_tumours_are_a_domain_of_their_own() -> None:
    ovarian = studies(domain="ovarian")["study"].to_list()
    assert ovarian == ["DESKTOP III", "GOG-0213", "SOC-1", "LION"]
    assert studies(domain="gastric")["study"].to_list() == ["REGATTA"]
    assert set(findings(domain=["ovarian", "gastric"])["role"]) == {"analogy"}


def test_one_of_several_organs_or_treatments_is_enough() -> None:
    assert "ORCHESTRA" in studies(modality="ablation")["study"].to_list()
    both = studies(organ=["lung", "peritoneum"])["study"].to_list()
    assert {"PulMiCC", "Hadden", "PRODIGE 7"} <= set(both)
    assert set(both) == {
        *studies(organ="lung")["study"],
        *studies(organ="peritoneum")["study"],
    }


def test_findings_are_filtered_by_the_codes_of_their_study() -> None:
    ratios = findings(quantity="hazard ratio for death", organ="primary", domain="mcrc")
    assert {"iPACS"} <= set(ratios["study"])
    assert "" not in set(findings(design=CODES.words["design"])["study"])
    assert findings(organ=[]).height == 0


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"design": "randomized"}, "Did you mean 'randomised'"),
        ({"immortal_time": "hihg"}, "Did you mean 'high'"),
        ({"organ": 3}, "3 is no text"),
        ({"organs": "liver"}, "Did you mean 'organ'"),
    ],
)
def test_a_mistaken_code_is_told(filters: dict[str, object], told: str) -> None:
    for table in (findings, studies, study_codes):
        with pytest.raises(InputError, match=told):
            table(**filters)


def test_codes_set_nothing_that_is_not_judged() -> None:
    codes = study_codes(design="model")
    assert {codes[risk][0] for risk in RISKS} <= {"not applicable", "some", "unclear"}
