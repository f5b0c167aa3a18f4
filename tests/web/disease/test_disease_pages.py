"""The pages of the disease say what the model says."""

from __future__ import annotations

import pytest

from debulk.disease import MECHANISMS
from debulk.disease.observables import ctdna_vaf
from debulk.disease.one_life import live_one
from debulk.disease.posterior import packaged_posterior
from debulk.web.disease import continuum_page


def test_what_is_packaged_is_of_the_packaged_posterior():
    told = continuum_page._data()
    draws = told["continuum"]["draws"]
    used = packaged_posterior().first(draws)
    assert told["continuum"]["posterior"]["sha256"] == used.sha256
    assert [each["mechanism"] for each in told["mechanisms"]["mechanisms"]] == list(MECHANISMS)


def test_the_continuum_and_its_twin(client):
    told = client.get("/disease.json").json()
    first = told["continuum"]["extents"][0]["cure"]["median"]
    page = client.get("/disease").text
    assert f"cured {100 * first:.1f}" in page
    assert all(name in page for name in ("null world", "bare removal"))


def test_switching_mechanisms_is_a_run(client):
    answer = client.post("/disease", data={"on": [name for name in MECHANISMS if name != "pause"]})
    assert answer.status_code == 303
    shown = answer.headers["location"].partition("#")[0]
    assert client.get(shown).status_code == 200
    twin = client.get(shown.replace("?", ".json?"))
    assert twin.status_code == 202
    told = twin.json()["job"]
    assert client.get("/disease.json").status_code == 200
    client.post(told["address"])
    assert client.get(shown.replace("?", ".json?")).status_code == 200


def test_a_run_of_another_kind_is_not_there(client):
    answer = client.post("/laboratory", data={"registries": "4", "patients": "60"})
    job = answer.headers["location"].partition("&job=")[2]
    assert client.get(f"/disease?job={job}").status_code == 404
    assert client.get(f"/laboratory.json?job={job}").json()["job"]["result"] is None


def test_the_run_follows_the_same_patients_in_every_world(monkeypatch):
    monkeypatch.setattr(continuum_page, "JOB_PATIENTS", 200)
    monkeypatch.setattr(continuum_page, "JOB_DRAWS", 2)
    found = continuum_page.run({"off": []}, lambda share, words: None)["worlds"]
    assert found["chosen"] == found["full"]
    assert found["null"]["hazard_ratio"] == 1.0
    rows = continuum_page._own({"off": [], "worlds": found})["rows"]
    assert len(rows) == 4


def test_a_virtual_patient_is_the_one_of_the_model(client):
    told = client.get("/disease/patient.json?seed=3&extent=liver_2_4&option=systemic").json()
    assert (
        told["events"]
        == live_one(seed=3, extent="liver_2_4", option="systemic").to_dict()["events"]
    )
    page = client.get(
        "/disease/patient?seed=3&extent=liver_2_4&option=systemic&month=24&off=occult"
    )
    assert page.status_code == 200
    assert 'value="occult" checked' in page.text


def test_ctdna_of_a_virtual_patient_is_that_of_its_living_cells(client):
    query = "seed=3&extent=liver_2_4&month=12"
    whole = client.get(f"/disease/patient.json?{query}").json()["whole"]
    assert whole["ctdna_vaf"][0] == ctdna_vaf(whole["living_cells"][0])
    page = client.get(f"/disease/patient?{query}").text
    assert "ctdna_percent" in page
    assert f"ctDNA {100 * whole['ctdna_vaf'][0]:.2g} %" in page


@pytest.mark.parametrize("query", ["seed=x", "seed=-1", "extent=all", "option=best", "off=magic"])
def test_a_wrong_query_is_told(client, query):
    answer = client.get(f"/disease/patient.json?{query}")
    assert answer.status_code == 422
    assert answer.json()["state"] == "error"
