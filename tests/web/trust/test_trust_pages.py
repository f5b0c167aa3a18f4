"""The pages of retrodiction and of the bias laboratory say what their tables say."""

from __future__ import annotations

import hashlib
import math
from importlib.resources import files

import pytest

from debulk.emulation.laboratory.packaged import packaged_table
from debulk.trials.retrodiction.packaged import packaged_retrodiction
from debulk.web.trust.laboratory_page import run


def test_retrodiction_counts_what_the_result_counts(client):
    told = client.get("/retrodiction.json").json()
    assert told["coverage"] == packaged_retrodiction()["coverage"]
    score = told["score"]["all"]
    page = client.get("/retrodiction")
    assert page.status_code == 200
    assert f"Of {score['trials']} trials" in page.text
    assert f"{score['inside']} published an effect" in page.text


def test_locked_predictions_are_shown_with_their_date(client):
    locked = client.get("/retrodiction.json").json()["locked"]
    assert {each["locked"] for each in locked} == {"2026-11-26"}
    page = client.get("/retrodiction").text
    assert all(each["trial"].split(" (")[0] in page for each in locked)
    for each in locked:
        assert f"<td>{each['version']}</td><td>{each['sha256'][:12]}</td>" in page


def test_the_hash_shown_is_that_of_the_file_as_it_is_packaged(client):
    folder = files("debulk.data").joinpath("retrodiction", "locked")
    for each in client.get("/retrodiction.json").json()["locked"]:
        content = folder.joinpath(each["file"]).read_bytes()
        assert each["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("model", ["simple", "disease"])
def test_the_read_out_is_that_of_the_situation(client, model):
    query = f"model={model}&scenario=null&selection=hard&unmeasured=strong"
    told = client.get(f"/laboratory.json?{query}").json()
    cell = next(
        each
        for each in packaged_table(model)
        if (each["scenario"], each["selection"], each["unmeasured"]) == ("null", "hard", "strong")
    )
    naive = next(iter(cell["methods"][0]["intervals"].values()))["log_hazard_ratio"]
    assert f"naive hazard ratio is {math.exp(naive['truth'] + naive['bias']):.2f}" in told["text"]
    assert told["text"] in client.get(f"/laboratory?{query}").text


def test_other_sizes_are_shown_where_there_are_any(client):
    told = client.get("/laboratory.json?patients=500").json()
    assert told["sizes"] == [500, 1000, 2000, 5000]
    assert told["cell"]["patients"] == 500
    page = client.get("/laboratory?patients=700").text
    assert 'type="range" data-for="patients-shown" min="500" max="5000" step="500"' in page
    assert 'id="patients-shown" name="patients" value="500"' in page


def test_a_scenario_that_is_not_packaged_is_said(client):
    answer = client.get("/laboratory.json?model=disease&scenario=benefit-in-few")
    assert answer.status_code == 422
    assert "Choose another scenario" in answer.json()["message"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            {"registries": "1", "patients": "500"},
            "Registries are 2 to 500 here (found &#39;1&#39;)",
        ),
        ({"registries": "9" * 5000, "patients": "500"}, "Registries are 2 to 500 here"),
        ({"registries": "10", "patients": "many"}, "50 to 5000 here (found &#39;many&#39;)"),
    ],
)
def test_a_wrong_size_is_told_beside_its_field_and_kept(client, typed, message):
    answer = client.post("/laboratory", data=typed)
    assert answer.status_code == 422
    assert message in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values())


def test_a_size_of_ones_own_is_a_run(client):
    answer = client.post("/laboratory", data={"registries": "4", "patients": "60"})
    assert answer.status_code == 303
    shown = client.get(answer.headers["location"])
    assert shown.status_code == 200
    assert "data-job" in shown.text
    twin = answer.headers["location"].replace("/laboratory", "/laboratory.json")
    computing = client.get(twin)
    assert computing.status_code == 202
    client.post(computing.json()["job"]["address"])
    assert client.get(twin).status_code == 200


def test_the_run_scores_every_method():
    told: list[float] = []
    situation = {"scenario": "null", "selection": "mild", "unmeasured": "none"}
    result = run(
        {**situation, "model": "simple", "registries": 3, "patients": 120},
        lambda share, words: told.append(share),
    )
    assert told[-1] == 1.0
    cell = result["cells"][0]
    assert (cell["registries"], cell["patients"]) == (3, 120)
    assert cell["methods"][0]["method"] == "naive"
