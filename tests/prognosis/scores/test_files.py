"""The files of the scores: where their numbers come from, and what a file of one's own may hold."""

from importlib import resources
from pathlib import Path

import pytest
from tests.prognosis.scores.cases import cohort_of

from debulk.core import InputError
from debulk.evidence import findings, firewall_violations
from debulk.prognosis.scores.library import (
    load_score,
    packaged_scores,
    score_from_text,
    wanted_scores,
)
from debulk.prognosis.scores.scoring import score

SCORES = packaged_scores()
FOLDER = resources.files("debulk.data").joinpath("scores")
# Published shares are divided by 100: no more than rounding may differ.
ROUNDING = 1e-12


def sources_of(chosen):
    return [*chosen.sources, *(each.source for each in chosen.published)]


@pytest.mark.parametrize("name", SCORES)
def test_every_source_exists_and_none_is_held_out(name):
    uses = {
        f"{name} {place}": each.key
        for place, each in enumerate(sources_of(load_score(name)))
        if each.key
    }
    assert firewall_violations(uses) == []
    verified = findings(key=list(uses.values()), verified="yes")["key"].to_list()
    identified = any(each.doi or each.address for each in load_score(name).sources)
    assert identified or uses[f"{name} 0"] in verified


@pytest.mark.parametrize("name", SCORES)
def test_no_held_out_study_is_named_in_a_file(name):
    text = FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    held_out = findings(table="series", role="validation")["key"].unique().to_list()
    assert held_out
    assert not [key for key in held_out if key in text or key.split("/")[0] in text]


@pytest.mark.parametrize("name", SCORES)
def test_published_survival_is_that_of_its_row(name):
    for each in load_score(name).published:
        if each.source.key:
            row = findings(key=each.source.key).row(0, named=True)
            assert row["unit"] == "%"
            assert each.value == pytest.approx(row["value"] / 100, abs=ROUNDING)
            assert row["role"] == "calibration"


def test_the_worst_group_of_rees_is_that_of_the_evidence():
    last = load_score("rees_postoperative").published[-1]
    assert last.points == 30
    row = findings(key="series:rees-2008/5y-css/worst-post-op-group").row(0, named=True)
    assert last.value == pytest.approx(row["value"] / 100, abs=ROUNDING)


def test_wanted_scores_say_what_is_missing_and_are_not_packaged():
    wanted = wanted_scores()
    assert {"iwatsuki", "kohne", "gercor", "rees_preoperative"} <= {each.name for each in wanted}
    assert not {each.name for each in wanted} & set(SCORES)
    assert all(each.missing and each.source.to_dict() for each in wanted)
    with pytest.raises(InputError, match=r"rees_preoperative.*wanted.*points of its items"):
        load_score("rees_preoperative")


@pytest.mark.parametrize("name", SCORES)
def test_a_score_in_plain_values_holds_all_of_it(name):
    shown = load_score(name).to_dict()
    assert shown["name"] == name
    assert shown["population"]
    assert all(item.get("levels") or item.get("value") for item in shown["items"])


OWN = """
name: own
title: Own score
sources:
  - {says: nothing, address: here}
population: {text: nobody}
outcome: survival
horizon_months: 60
items:
  - id: old
    text: Old
    levels:
      - {points: 1, rule: age_years > 70}
unknown: nothing
"""


def test_a_score_of_ones_own_is_read_from_its_file(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN, encoding="utf-8")
    assert score(file, cohort_of({}, {"age_years": 71.0}))["points"].to_list() == [0, 1]
    assert score(str(file), cohort_of({}))["group"].to_list() == [None]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("age_years > 70", "age_yeers > 70", "line 13.*no feature is called 'age_yeers'"),
        ("age_years > 70", "age_years", "line 13.*not true or false"),
        ("age_years > 70", "max(age_years) > 70", "sums patients up"),
        ("points: 1", "points: -1", "line 13.*found -1"),
        ("points: 1", "points: .nan", "line 13"),
        ("outcome: survival\n", "", "'outcome' is missing"),
        ("unknown: nothing", "unknown: nothing\nextra: 1", "'extra' is not known here"),
        ("{says: nothing, address: here}", "{says: nothing}", "key, a doi"),
        ("unknown: nothing", "unknown: nothing\ngroups: [{name: a, least: 1}]", "begin at 0"),
        (
            "unknown: nothing",
            "unknown: nothing\npublished: [{measure: survival, value: 37, months: 60, group: all, "
            "source: {says: x, doi: y}}]",
            "from 0 to 1",
        ),
        ("{text: nobody}", "{text: nobody, within: lesions}", "line 6.*not true or false"),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_line(old, new, words):
    assert old in OWN
    with pytest.raises(InputError, match=words):
        score_from_text(OWN.replace(old, new), "own.yaml")


def test_the_reference_page_names_every_score():
    page = Path(__file__).parents[3].joinpath("docs", "reference", "scores.md")
    text = page.read_text(encoding="utf-8")
    assert not [name for name in SCORES if f"| `{name}` |" not in text]
    own = text.split("```yaml\n")[1].split("```")[0]
    assert score_from_text(own, "own.yaml").highest == 3
