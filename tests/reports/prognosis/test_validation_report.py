"""Figures and page of a validation: what is drawn, said and written."""

import json

import numpy as np
import polars as pl
import pytest

from debulk.patients import example_cohort
from debulk.prognosis.validation.counterfactual import validate_counterfactual
from debulk.prognosis.validation.risk_validation import validate_risk
from debulk.prognosis.validation.score_validation import validate_score
from debulk.reports.prognosis.calibration_figure import calibration_chart
from debulk.reports.prognosis.decision_figure import decision_chart
from debulk.reports.prognosis.tripod import ValidationContext, flow, tripod_items
from debulk.reports.prognosis.validation_page import (
    render_validation,
    validation_pictures,
    validation_tables,
    write_validation,
)
from debulk.reports.prognosis.wording import interval_words, sentence


def patients(n=400):
    random = np.random.default_rng(31)
    x = random.normal(size=n)
    hazard = 0.03 * np.exp(0.8 * x)
    died, lost = random.exponential(1.0 / hazard), random.random(n) * 60.0 + 6.0
    return np.minimum(died, lost), died <= lost, -np.expm1(-18.0 * hazard), np.arange(n) % 4


@pytest.fixture(scope="module")
def result():
    time, event, risk, centre = patients()
    found = validate_risk(
        time, event, risk, horizon_months=18, centre=centre, bootstrap=10, name="the <b> risk"
    )
    return json.loads(json.dumps(found.to_dict(), allow_nan=False))


@pytest.fixture(scope="module")
def score():
    cohort = example_cohort()
    points = pl.int_range(pl.len()) % 3
    table = cohort.patients.select("patient_id").with_columns(points=points)
    table = table.with_columns(group=pl.col("points").cast(pl.String))
    return validate_score(table, cohort, horizon_months=24.0, name="three").to_dict()


def values(chart):
    """Inline data of every layer."""
    if isinstance(chart, dict):
        for key, each in chart.items():
            if key == "values" and isinstance(each, list) and each and isinstance(each[0], dict):
                yield each
            else:
                yield from values(each)
    elif isinstance(chart, list):
        for each in chart:
            yield from values(each)


def test_calibration_figure_draws_curve_groups_and_everybody(result):
    drawn = list(values(calibration_chart(result).to_dict()))
    curve = next(each for each in drawn if "risk" in each[0] and "observed" in each[0])
    assert len(curve) == 100
    groups = next(each for each in drawn if "predicted" in each[0])
    assert len(groups) == 10
    histogram = next(each for each in drawn if "low" in each[0])
    assert sum(each["n"] for each in histogram) == 400
    text = json.dumps(calibration_chart(result).to_dict())
    assert "Observed and predicted risk by 18 months" in text


def test_decision_curve_draws_three_policies(result):
    drawn = list(values(decision_chart(result).to_dict()))
    who = {each["who"] for rows in drawn for each in rows if "who" in each}
    assert who == {"By the <b> risk", "On everybody", "On nobody"}


def test_page_says_numbers_caveats_and_what_is_not_stated(result):
    context = ValidationContext(source="One registry, 2010 to 2020.")
    page = render_validation(result, [], context)
    assert "the &lt;b&gt; risk" in page
    assert "<b>" not in page
    for words in ("One registry, 2010 to 2020.", "Not stated.", "10d Measures of performance"):
        assert words in page
    assert interval_words(result["concordance"]) in page.replace("\u00a0", " ")
    assert "http" not in page.split("</style>")[1]
    items = {each.number: each for each in tripod_items(result, context)}
    assert items["4"].texts == ("One registry, 2010 to 2020.",)
    assert items["7"].texts == ("Not stated.",)
    assert items["18"].texts == tuple(result["caveats"])


def test_flow_adds_up(result):
    steps = dict(flow(result))
    assert steps["Patients at hand"] == steps["Analysed"] == "400"
    parts = [int(number) for step, number in steps.items() if "18 months" in step]
    assert len(parts) == 3
    assert sum(parts) == 400


def test_net_benefit_at_every_tenth(result):
    (table,) = [each for each in validation_tables(result) if each.title == "Net benefit"]
    curve = result["decision_curve"]
    reached = [k for k in range(9, 99, 10) if curve["acted_on"][k] > 0.0]
    assert len(table.rows) == len(reached)
    assert table.rows[1][0] == "20 %"
    assert table.rows[1][2] == f"{curve['net_benefit'][19]:.3f}"


def test_sentence_says_which_way_the_risks_are_off(result):
    ratio = result["statistics"]["observed_expected"]
    for lower, upper, words in (
        (1.1, 1.3, "too low here"),
        (0.7, 0.9, "too high here"),
        (0.9, 1.1, "right on average"),
        (None, None, "without an interval"),
    ):
        changed = {**ratio, "lower": lower, "upper": upper}
        statistics = {**result["statistics"], "observed_expected": changed}
        assert words in sentence({**result, "statistics": statistics})


def test_a_score_has_no_figure_of_risks(score):
    assert validation_pictures(score) == []
    titles = [each.title for each in validation_tables(score)]
    assert titles == ["Performance", "Survival by group of the score"]
    page = render_validation(score)
    assert "validated as a ranking" in page
    assert "expected" not in sentence(score)


def test_a_counterfactual_says_what_it_is():
    time, event, risk, _ = patients(80)
    rows = pl.DataFrame(
        {
            "patient_id": np.arange(80),
            "start_months": np.zeros(80),
            "stop_months": time,
            "event": event.astype(int),
            "weight": np.where(np.arange(80) % 2, 1.2, 1.0),
        }
    )
    table = pl.DataFrame({"patient_id": np.arange(80), "risk": risk})
    found = validate_counterfactual(
        rows, table, horizon_months=18, strategy="no debulking", bootstrap=0, groups=3
    )
    page = render_validation(found.to_dict())
    assert "had everybody followed no debulking" in page
    assert "Concordance up to the horizon, weighted" in page
    assert "Weights are taken as known" in page


def test_files(result, tmp_path):
    names = write_validation(tmp_path, result)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)
    assert "validation.html" in names
    assert (tmp_path / "calibration.svg").read_text(encoding="utf-8").count("<title>") == 1
    assert (tmp_path / "decision-curve.pdf").read_bytes().startswith(b"%PDF")
