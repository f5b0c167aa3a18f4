"""Words looked for in studies and findings: all of them, anywhere, the likeliest first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.evidence.searching import search
from debulk.evidence.tables import findings, studies


def test_every_word_must_occur_in_any_order_and_case() -> None:
    forward, backward = search("Liver TRANSPLANT"), search("transplant liver")
    assert forward.studies["study"].to_list() == ["TransMet"]
    assert forward.findings.equals(backward.findings)
    assert search("transplant zebra").findings.height == 0


def test_a_name_comes_before_a_mention() -> None:
    found = search("orchestra")
    assert found.studies["study"][0] == "ORCHESTRA"
    assert found.findings["study"][0] == "ORCHESTRA"
    # Elsewhere it is only mentioned, as in what a parameter was measured in.
    first = found.findings["study"].to_list()
    own = first.count("ORCHESTRA")
    assert set(first[:own]) == {"ORCHESTRA"}


def test_a_whole_word_comes_before_a_part_of_one() -> None:
    quantities = search("os median").findings["quantity"].to_list()
    # "Dose" and "cost" hold the letters too.
    assert quantities[0] in {"median OS", "median overall survival"}
    studies_found = search("iv").studies["study"].to_list()
    assert studies_found[0] == "SYNCHRONOUS + CCRe-IV"


@pytest.mark.parametrize(
    "words", ["5y survival", "5-year survival", "5 years survival", "five-year OS", "Five-Year os"]
)
def test_years_and_survival_are_found_however_they_are_written(words: str) -> None:
    found = set(search(words).findings["quantity"])
    assert {"5y OS", "5-y OS"} <= found


def test_spellings_and_abbreviations_are_the_same_words() -> None:
    assert search("randomized").studies.equals(search("randomised").studies)
    assert search("tumor debulking").studies["study"].to_list() == ["ORCHESTRA"]
    ratios = {"hazard ratio for death", "HR OS"}
    assert ratios <= set(search("hazard ratio overall survival").findings["quantity"])
    assert ratios <= set(search("HR OS").findings["quantity"])


def test_notes_codes_and_sources_are_searched() -> None:
    assert "SABR-COMET" in search("radiotherapy oligometastases").studies["study"].to_list()
    assert search("10.1093/jnci/djx015").studies["study"].to_list() == ["CLOCC"]
    assert search("ready-made test case").findings.height == 3


def test_filters_limit_what_is_found() -> None:
    found = search("survival", role="validation", table="trials")
    assert set(found.findings["role"]) == {"validation"}
    assert set(found.studies["study"]) <= set(findings(role="validation")["study"])


@pytest.mark.parametrize("words", ["", "  ", "\n"])
def test_no_word_is_told(words: str) -> None:
    with pytest.raises(InputError, match="holds no word"):
        search(words)


@settings(deadline=None, max_examples=30)
@given(st.text(min_size=1, max_size=6).filter(str.strip))
def test_any_words_give_rows_of_the_tables(words: str) -> None:
    found = search(words)
    assert found.findings.columns == findings().columns
    assert set(found.studies["study"]) <= set(studies()["study"])
    assert found.findings["key"].is_unique().all()
