"""The first page and the pages of text."""

from __future__ import annotations

import re

import pytest

from debulk.disease.posterior import packaged_posterior
from debulk.web.jobs.kinds import KINDS
from debulk.web.jobs.words import named


def test_five_questions_lead_to_pages_that_are_there(client):
    questions = client.get("/index.json").json()["questions"]
    assert len(questions) == 5
    for each in questions:
        assert client.get(each["address"]).status_code == 200


def test_who_may_not_read_cases_is_told_of_none(signed_in):
    told = signed_in("administrator").get("/index.json").json()
    assert told["due"] == []
    assert told["jobs"] == []


def test_a_run_is_shown_while_it_goes_on(client):
    client.post("/laboratory", data={"registries": "4", "patients": "60"})
    told = client.get("/index.json").json()
    assert [each["kind"] for each in told["jobs"]] == ["laboratory.run"]
    assert named("laboratory.run") in client.get("/").text


def test_every_page_tells_the_posterior_that_its_figures_rest_on(client):
    posterior = packaged_posterior().sha256[:12]
    for page in ("/", "/help", "/nowhere"):
        assert f"posterior {posterior}" in client.get(page).text


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_run_has_words(kind):
    assert named(kind) != kind


@pytest.mark.parametrize("page", ["/help", "/about"])
def test_text_pages_name_their_sections(client, page):
    told = client.get(f"{page}.json").json()
    shown = client.get(page).text
    assert all(f'id="{each["id"]}"' in shown for each in told["sections"])
    assert re.fullmatch(r"Text of [A-Z][a-z]+ 20\d\d\.", told["updated"])
    assert told["updated"] in shown


CHARTS = (
    *("body map", "survival curves", "pairs of points", "bar of draws", "hundred figures"),
    *("funnel of a trial", "power curve", "lesions of a virtual patient", "the continuum"),
    *("forest plot", "predicted and published", "heat map"),
)


def test_help_says_how_to_read_every_chart(client):
    page = client.get("/help").text.casefold()
    assert [each for each in CHARTS if each not in page] == []
