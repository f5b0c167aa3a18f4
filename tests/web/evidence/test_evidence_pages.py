"""The pages of evidence say what the command line says, and never mix what must stay apart."""

from __future__ import annotations

import csv
import io
import json
import math
import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from debulk.cli.app import app as command_line
from debulk.emulation.laboratory.packaged import packaged_table
from debulk.evidence import studies, study_codes
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.evidence.schema import CODES, OUTCOMES
from debulk.web.evidence.selection import SERIES, Selection
from debulk.web.evidence.studies_table import address_of, names

EXACT = 1e-12
"""The same program computes both sides; only the way of writing a number may differ."""


def printed_by(command: str) -> dict:
    """What a command line of a page prints as JSON, without the files it did not write."""
    words = shlex.split(command)
    assert words[0] == "debulk"
    found = CliRunner().invoke(command_line, [*words[1:], "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told.pop("files") == []
    return told


@pytest.mark.parametrize(
    "query",
    ["", "domain=&outcome=progression-free+survival", "year_from=2018&year_to=2024"],
)
def test_the_pool_is_that_of_the_command_line(client, query):
    told = client.get(f"/evidence.json?{query}").json()["randomised"]
    assert told["state"] == "pooled"
    assert told["pool"] == printed_by(told["command"])


@pytest.mark.parametrize(
    "query",
    [
        "method=dl&interval=wald&without=CLOCC",
        "method=ee&interval=wald&domain=",
        "kind=series&measure=proportion&quantity=5y+OS&method=pm&interval=hksj-adhoc",
    ],
)
def test_the_laboratory_pools_as_the_command_line(client, query):
    told = client.get(f"/evidence/pool.json?{query}").json()
    assert told["pool"] == printed_by(told["command"])
    assert told["pool"]["leave_one_out"] is not None
    assert len(told["influence"]["rows"]) == told["pool"]["k"]


def test_the_table_to_download_has_the_numbers_of_the_page(client):
    told = client.get("/evidence/pool.json").json()["pool"]
    answer = client.get("/evidence/pool?as=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [each["study"] for each in rows[:-2]] == [each["name"] for each in told["studies"]]
    pooled, prediction = rows[-2:]
    assert float(pooled["estimate"]) == pytest.approx(told["natural"]["estimate"], rel=EXACT)
    assert float(prediction["upper"]) == pytest.approx(
        told["natural"]["prediction"]["upper"], rel=EXACT
    )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    outcome=st.sampled_from(OUTCOMES[:11]),
    design=st.sampled_from(["", *CODES.words["design"]]),
    domain=st.sampled_from(["", "mcrc", "ovarian"]),
    kind=st.sampled_from(["randomised", "series"]),
    measure=st.sampled_from(["hazard ratio", "proportion"]),
)
def test_property_trials_and_series_are_never_pooled_together(
    client, outcome, design, domain, kind, measure
):
    query = f"outcome={outcome}&design={design}&domain={domain}&kind={kind}&measure={measure}"
    told = client.get(f"/evidence/pool.json?{query}")
    assert told.status_code == 200
    pool = told.json()["pool"]
    if pool is None:
        assert told.json()["text"]
        return
    group = RANDOMISED if kind == "randomised" else SERIES
    assert {each["groups"]["design"] for each in pool["studies"]} <= set(group)


def test_series_stand_apart_with_their_flags_and_never_in_the_pool(client):
    told = client.get("/evidence.json").json()
    pooled = {each["name"] for each in told["randomised"]["pool"]["studies"]}
    compared = told["series"]["compared"]
    assert {each["study"] for each in compared} == {"RAXO"}
    assert pooled.isdisjoint(each["study"] for each in compared)
    page = client.get("/evidence").text
    assert "never pooled together" in page
    assert "chosen because they did well" in page


@pytest.mark.parametrize(("selecting", "unmeasured"), [("hard", "strong"), ("mild", "none")])
def test_adjustment_takes_off_the_bias_of_the_laboratory(client, selecting, unmeasured):
    query = f"selecting={selecting}&unmeasured={unmeasured}&extra_sd=0,3"
    first = client.get(f"/evidence.json?{query}").json()["series"]["compared"][0]
    (cell,) = (
        each
        for each in packaged_table("simple")
        if (each["scenario"], each["selection"], each["unmeasured"])
        == ("null", selecting, unmeasured)
    )
    naive = next(each for each in cell["methods"] if each["method"] == "naive")
    expected = math.log(first["published"]["estimate"]) - naive["bias_log_hr"]
    assert math.log(first["adjusted"]["estimate"]) == pytest.approx(expected, rel=EXACT)
    widths = [
        math.log(first[part]["upper"] / first[part]["lower"]) / (2 * 1.959963984540054)
        for part in ("published", "adjusted")
    ]
    added = math.hypot(0.3, naive["monte_carlo_error"])
    assert widths[1] == pytest.approx(math.hypot(widths[0], added), rel=1e-9)


def test_the_address_is_the_state(client):
    query = Selection(organ="liver", year_from="2015").query()
    told = client.get(f"/evidence.json?{query}").json()
    assert told["selection"]["organ"] == "liver"
    page = client.get(f"/evidence?{query}").text
    assert '<option value="liver" selected>' in page
    assert 'value="2015"' in page
    years = {each["study"]: each["year"] for each in told["studies"]}
    assert min(years.values()) >= 2015


def test_every_study_of_the_table_has_its_judgement_and_its_page(client):
    codes = {row["study"]: row for row in study_codes().to_dicts()}
    told = client.get("/evidence.json?domain=").json()["studies"]
    assert len(told) > 40
    for each in told:
        assert each["risks"]["immortal_time"] == codes[each["study"]]["immortal_time"]
        assert each["verified"] in ("yes", "partial")
        assert each["effects"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("year_from=19x", 422, "A year is 1950 to 2100 (found &#39;19x&#39;)"),
        ("extra_sd=-1", 422, "A standard deviation from 0 to 2.0 (found &#39;-1&#39;)"),
        ("selecting=soft", 422, "found &#39;soft&#39;"),
        ("organ=livr", 422, "Did you mean"),
        ("outcome=response", 200, "Not pooled"),
        ("design=registry", 200, "of the other kind"),
    ],
)
def test_hostile_and_empty_selections_are_told_in_words(client, query, status, said):
    answer = client.get(f"/evidence?{query}")
    assert answer.status_code == status
    assert said in answer.text


def test_hostile_words_of_the_laboratory_are_told_and_kept(client):
    answer = client.get("/evidence/pool?method=bayes&without=Nobody&quantity=%3Cb%3E")
    assert answer.status_code == 422
    assert "found &#39;bayes&#39;" in answer.text
    assert "<b>" not in answer.text


def test_one_study_is_not_pooled_and_the_page_says_so(client):
    told = client.get("/evidence/pool.json?outcome=disease-free+survival&kind=series").json()
    assert told["state"] == "not_pooled"
    assert "1 study" in told["text"]
    assert "--" not in told["text"]


def test_studies_have_pages(client):
    every_fourth = studies()["study"][::4]
    assert len(set(names().values())) == studies().height
    for study in every_fourth:
        answer = client.get(f"{address_of(study)}.json")
        assert answer.status_code == 200, study
        assert answer.json()["study"]["study"] == study


def test_a_study_shows_curve_source_role_and_uses(client):
    told = client.get("/evidence/fong.json").json()
    (curve,) = told["curves"]
    for printed, rebuilt in zip(curve["printed"], curve["rebuilt_at_printed"], strict=True):
        # A rebuilt curve steps by one of the study's patients.
        assert rebuilt == pytest.approx(printed["survival"], abs=1 / curve["patients"])
    assert {("target", "fong_5y"), ("score", "fong")} <= {
        (each["kind"], each["name"]) for each in told["uses"]
    }
    assert "doi:10.1097/00000658-199909000-00004" in told["citations"][0]
    page = client.get("/evidence/fong").text
    assert "doi:10.1097/00000658-199909000-00004" in page
    assert "https://doi.org" not in page
    assert client.get("/evidence/orchestra.json").json()["retrodicted"]
    held_out = client.get("/evidence/orchestra").text
    assert "held out; it is shown, and never sets anything" in held_out


def test_a_study_that_is_not_there_is_offered_the_nearest(client):
    answer = client.get("/evidence/orchstra")
    assert answer.status_code == 404
    assert "orchestra" in answer.text


def test_shares_have_a_whole_axis():
    from debulk.web.evidence.forests import followed_forest
    from debulk.web.evidence.series import followed
    from debulk.web.evidence.studies_table import studies_shown

    told = followed(Selection())
    risks = {each.study: each.risks for each in studies_shown(Selection())}
    drawn = json.dumps(followed_forest(told["pool"], risks, told["quantity"]))
    assert '"domain": [0.0, 100.0]' in drawn


def test_the_map_leads_to_the_studies_of_a_cell(client):
    told = client.get("/evidence.json").json()["map"]
    row = next(each for each in told["rows"] if each["outcome"] == "overall survival")
    assert row["counts"]["registry"] > 0
    page = client.get("/evidence").text
    assert "outcome=overall+survival&amp;design=registry" in page


def test_a_filter_keeps_the_situation_of_the_laboratory(client):
    page = client.get("/evidence?selecting=mild&unmeasured=weak&extra_sd=0.4").text
    filters = page.partition('id="filters"')[2].partition("</form>")[0]
    for name, value in (("selecting", "mild"), ("unmeasured", "weak"), ("extra_sd", "0.4")):
        assert f'name="{name}" value="{value}"' in filters
