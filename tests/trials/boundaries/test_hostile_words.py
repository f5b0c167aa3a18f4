"""Stopping rules as they are written."""

import pytest

from debulk.core.errors import InputError
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.spending import Spending
from debulk.trials.boundaries.words import RULE_WORDS, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("obrien-fleming", "obrien-fleming"),
        (" pocock ", "pocock"),
        ("spending-obrien-fleming", Spending("obrien-fleming")),
        ("spending-pocock", Spending("pocock")),
        ("kim-demets:3", Spending("kim-demets", 3.0)),
        ("kim-demets: 1.5", Spending("kim-demets", 1.5)),
        ("hwang-shih-decani:-4", Spending("hwang-shih-decani", -4.0)),
        ("wang-tsiatis:.25", WangTsiatis(0.25)),
        ("haybittle-peto:3", HaybittlePeto(3.0)),
    ],
)
def test_each_rule(text, rule):
    assert parse_rule(text, "here") == rule


def test_the_words_name_every_rule():
    assert len(RULE_WORDS) == 8
    assert "kim-demets:RHO" in RULE_WORDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "is empty"),
        ("pocok", "no rule 'pocok'"),
        ("Pocock", "no rule 'Pocock'"),
        ("pocock:1", "takes no number"),
        ("pocock:", "takes no number"),
        ("kim-demets", "needs its RHO"),
        ("kim-demets:", "needs its RHO"),
        ("kim-demets:x", "'x' is no number"),
        ("kim-demets:nan", "'nan' is no number"),
        ("kim-demets:1_0", "is no number"),
        ("kim-demets:\u0663", "is no number"),
        ("kim-demets:1:2", "is no number"),
        ("kim-demets:-1", "not above 0"),
        ("wang-tsiatis:7", "not between"),
        ("haybittle-peto:0", "0"),
        (None, "no rule"),
        (3.0, "no rule"),
        (True, "no rule"),
    ],
)
def test_what_is_no_rule(text, found):
    with pytest.raises(InputError) as caught:
        parse_rule(text, "plan.yaml, line 3")
    assert caught.value.where == "plan.yaml, line 3"
    assert found in caught.value.found
    assert caught.value.remedy
