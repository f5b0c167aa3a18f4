"""The report of a survival analysis says what the JSON says, and asks the network nothing."""

import json
import re

import pytest

from debulk.reports import render_survival_report, write_survival_report
from debulk.reports.survival_report import FIGURES, answer_sentence, ratio_text, time_text
from debulk.survival.comparison import compare
from debulk.survival.comparison.adjustment import read_adjustment
from debulk.survival.comparison.choices import read_test
from debulk.survival.tables import example_table, read_table

PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture(scope="module")
def result():
    table = example_table("colon", covariates=["age", "nodes"])
    comparison = compare(
        table,
        time_unit="days",
        tests=[read_test("fh:0,1"), read_test("milestone:1825")],
        adjustment=read_adjustment("age,nodes"),
    )
    return json.loads(json.dumps({**comparison.to_dict(), "files": ["survival.svg"]}))


def test_the_answer_in_a_sentence(result):
    assert answer_sentence(result) == (
        "452 of 929 subjects had the event. Hazard ratio against Obs: Lev, 0.97 (0.78 to 1.21); "
        "Lev+5FU, 0.69 (0.55 to 0.87) (log-rank p = 0.0029)."
    )


def test_every_part_is_on_the_page(result):
    page = render_survival_report(result, dict.fromkeys(FIGURES, PICTURE))
    for part in (
        "not a medical device",
        "Lev+5FU",
        "not reached",
        "Fleming-Harrington (rho 0, gamma 1) test",
        "difference in survival at 1825",
        "Test of proportional hazards",
        "GLOBAL",
        "Adjusted for age, nodes",
        "Left out: 18, because the covariate",
        "column.covariates",
        result["provenance"]["inputs"]["colon.csv (packaged)"],
    ):
        assert part in page
    assert page.count("<img") == len(FIGURES)


def test_the_page_asks_for_nothing(result):
    page = render_survival_report(result, {"survival": PICTURE})
    assert "default-src 'none'" in page
    sources = re.findall(r"(?:src|href)=\"([^\"]*)\"", page)
    assert sources
    assert all(each.startswith("data:") for each in sources)
    assert "<script" not in page


def test_what_a_user_wrote_is_text_and_not_markup(tmp_path):
    path = tmp_path / "a<b>.csv"
    path.write_text("t,d,g\n1,1,<i>x</i>\n2,1,y\n3,0,<i>x</i>\n4,1,y\n", encoding="utf-8")
    comparison = compare(read_table(path, time="t", event="d", group="g"))
    page = render_survival_report({**comparison.to_dict(), "files": []}, {})
    assert "<i>" not in page
    assert "&lt;i&gt;x" in page
    assert "No figures" in page


def test_only_figures_of_this_run_are_shown(result, tmp_path):
    for name in ("survival", "forest"):
        (tmp_path / f"{name}.svg").write_bytes(PICTURE)
    write_survival_report(tmp_path / "report.html", result, tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<img") == 1


def test_without_groups_half_is_named(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("t,d\n1,1\n2,1\n3,0\n", encoding="utf-8")
    found = compare(read_table(path, time="t", event="d"), time_unit="months").to_dict()
    assert answer_sentence(found) == "2 of 3 subjects had the event. Half had had it by 2 months."


def test_numbers_have_no_more_digits_than_are_known():
    assert [ratio_text(each) for each in (None, 0.689, 1.0, 0.0123)] == [
        "no estimate",
        "0.69",
        "1.00",
        "0.012",
    ]
    assert [time_text(each) for each in (None, float("nan"), 12.3456, 12345.6)] == [
        "not reached",
        "not reached",
        "12.35",
        "12,346",
    ]
