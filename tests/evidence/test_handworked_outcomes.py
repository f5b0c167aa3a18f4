"""What each finding is about, told from its words; worked by hand."""

from __future__ import annotations

import re

import polars as pl
import pytest

from debulk.evidence.outcomes import PART_RULES, RULES, outcome_of
from debulk.evidence.record import finding
from debulk.evidence.schema import OUTCOMES
from debulk.evidence.tables import findings

# Of the numbers of trials and series, those that no rule knows; 9 of 509 when this was written.
LARGEST_SHARE_OF_OTHER = 0.03


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("trials:CLOCC/hr_os", "overall survival"),
        ("trials:CLOCC/hr_pfs", "progression-free survival"),
        ("trials:CLOCC/other_results#deaths-control", "overall survival"),
        ("trials:CLOCC/other_results#3y-pfs-control", "progression-free survival"),
        ("trials:JCOG0603/os_rates#5y-dfs-control", "disease-free survival"),
        ("trials:PulMiCC/os_rates#5y-metastasectomy-by-choice", "overall survival"),
        ("trials:TransMet/other_results#transplanted", "delivery"),
        ("trials:TransMet/other_results#randomisation-to-transplantation", "delivery"),
        ("trials:iPACS/perioperative_mortality#resection", "operative mortality"),
        ("trials:OLIVIA/other_results#resection-control", "resectability"),
        ("trials:OLIVIA/other_results#response-control", "response"),
        ("trials:ORCHESTRA/planned_n", "protocol"),
        ("trials:ORCHESTRA/accrual_years", "accrual"),
        ("eligibility:ORCHESTRA/5", "eligibility"),
        ("series:cucchetti-cure-model-2015/cure-fraction/all", "cure"),
        ("parameters:systemic/perioperative-folfox4#pfs", "progression-free survival"),
        ("parameters:harm/debulking-not-performed-after-randomisation#death", "delivery"),
        ("parameters:harm/ablation-mortality-rfa-mwa#rfa", "operative mortality"),
        ("parameters:harm/ire-sae-g3-90-d-death#grade-3", "complications"),
        ("parameters:local-control/sbrt-liver-lc-1-2-3y#2y", "local control"),
    ],
)
def test_a_finding_has_the_outcome_that_its_words_tell(key: str, outcome: str) -> None:
    assert finding(key).outcome == outcome


def test_the_table_holds_what_the_rules_give() -> None:
    for key, quantity, outcome in findings().select("key", "quantity", "outcome").iter_rows():
        assert outcome_of(key, quantity) == outcome, key


def test_few_numbers_of_trials_and_series_are_other() -> None:
    numbers = findings(kind="number", table=["trials", "series"])
    assert set(numbers["outcome"]) <= set(OUTCOMES)
    other = numbers.filter(pl.col("outcome") == "other")
    assert other.height / numbers.height < LARGEST_SHARE_OF_OTHER, other["quantity"].to_list()


def test_every_rule_tells_a_known_outcome_and_is_used() -> None:
    rows = list(findings().select("key", "quantity").iter_rows())
    words = [quantity.lower() for _, quantity in rows]
    parts = [f"{q.lower()}#{key.partition('#')[2]}" for key, q in rows if "#" in key]
    for rules, texts in ((RULES, words), (PART_RULES, parts)):
        for outcome, pattern in rules:
            assert outcome in OUTCOMES
            # None of the packaged rows reports quality of life as a number of its own.
            used = any(re.search(pattern, text) for text in texts)
            assert used or outcome == "quality of life", pattern


def test_words_that_no_rule_knows_are_other() -> None:
    assert outcome_of("own:Mine/weather/all", "weather") == "other"
