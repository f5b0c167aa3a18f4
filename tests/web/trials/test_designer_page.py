"""The designer: the command's own numbers, every fault beside its field, designs side by side."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from debulk.cli.app import app as command_line
from debulk.trials.planning.goals import goal_hazard_ratio
from debulk.web.trials.answers import answer_of
from debulk.web.trials.asked import Faults, asked_of, fields_of, query_of
from debulk.web.trials.fields import NAMES, RANGES, START

DESIGNS = {
    "start": "",
    "orchestra": "population=orchestra&front_median=18&median_control=27.5&not_treated=0.05",
    "looks": "looks=0.5+0.75+1&futility=hwang-shih-decani:-4&sided=1&alpha=0.025",
    "delayed": "by=ratio&hazard_ratio=0.7&delay_months=6&harm_ratio=1.2&harm_months=3",
    "months": "find=follow_up&per_month=12&ramp_months=12&allocation=2:1",
    "power": "find=power&per_month=8&efficacy=pocock&looks=0.5+1",
    "before": "randomise=before&front_median=16&lost_in_induction=0.2",
}


def design(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/trials/design.json?{query}")
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


@pytest.mark.parametrize("query", DESIGNS.values(), ids=DESIGNS)
def test_the_command_on_the_page_gives_exactly_the_same_json(
    client: TestClient, query: str
) -> None:
    page = design(client, query)
    words = shlex.split(page["command"])
    assert words[:3] == ["debulk", "trial", "design"]
    printed = CliRunner().invoke(command_line, [*words[1:], "--json"])
    assert printed.exit_code == 0, printed.output
    command = json.loads(printed.stdout)
    assert {name: page[name] for name in command} == command


def test_handworked_six_months_on_18_and_on_what_orchestra_lived(client: TestClient) -> None:
    page = design(client, "population=orchestra")
    rows = page["why"]["rows"]
    assert [round(each["hazard_ratio"], 2) for each in rows] == [0.75, 0.82]
    assert [round(each["events"]) for each in rows] == [379, 806]
    assert rows[1]["hazard_ratio"] == goal_hazard_ratio(27.5, gain=6.0).hazard_ratio
    assert "HR 0.75" in page["headline"]
    assert "about 806 deaths" in page["headline"]


@pytest.mark.parametrize("diluted", ["not_treated=0.1&crossover=0.05", "not_treated=0.1&by=ratio",
                                     "looks=0.5+1&efficacy=pocock"])  # fmt: skip
def test_the_same_gain_elsewhere_has_the_dilution_and_the_looks_of_the_design(
    client: TestClient, diluted: str
) -> None:
    page = design(client, f"population=orchestra&{diluted}")
    plain = f"population=orchestra&{diluted.removesuffix('&by=ratio')}&median_control=27.5"
    deaths = round(design(client, plain)["whole"]["events"])
    assert deaths > 806
    assert f"about {deaths:,} deaths".replace(",", "\u202f") in page["headline"]
    assert "about 806" not in page["headline"]


def test_task_nine_the_link_of_a_design_shows_the_same_numbers(client: TestClient) -> None:
    start = client.get("/trials/orchestra.json").json()["design_from_this"]
    query = query_of({**fields_of(start), "median_control": "27.5"})
    first, second = design(client, query), design(client, query)
    assert first == second
    assert first["whole"]["power"] >= 0.8
    assert first["medians"]["control"] == 27.5


def test_randomising_before_induction_keeps_whom_it_loses(client: TestClient) -> None:
    lost = "front_median=18&lost_in_induction=0.2&median_control=18"
    before = design(client, f"randomise=before&{lost}")
    after = design(client, lost)
    assert before["dilution"]["cox_limit"] > before["planned_hazard_ratio"]
    assert before["whole"]["patients"] > after["whole"]["patients"]
    by_step = {each["step"]: each["patients"] for each in after["funnel"]}
    assert by_step["start induction"] == pytest.approx(by_step["asked for consent"] / 0.8)


def test_the_funnel_of_a_population_only_narrows_and_ends_in_the_design(
    client: TestClient,
) -> None:
    page = design(client, "population=orchestra&refusal=0.4")
    numbers = [each["patients"] for each in page["funnel"]]
    assert numbers == sorted(numbers, reverse=True)
    asked = next(each for each in page["funnel"] if each["step"] == "asked for consent")
    assert asked["patients"] == pytest.approx(page["whole"]["patients"] / 0.6)


FAULTS = {
    "hazard_ratio": "by=ratio&hazard_ratio=0.75x",
    "gain_months": "gain_months=-3",
    "power": "power=80",
    "alpha": "alpha=",
    "looks": "looks=0.5+0.7",
    "futility": "looks=0.5+1&futility=nonsense",
    "efficacy": "looks=0.5+1&efficacy=kim-demets",
    "allocation": "allocation=0:1",
    "population": "population=../orchestra",
    "sided": "sided=3",
    "delay_months": "delay_months=6",
    "harm_months": "by=ratio&harm_ratio=1.4",
    "crossover": "by=ratio&delay_months=6&crossover=0.1",
    "ramp_months": "ramp_months=60",
    "front_median": "randomise=before",
    "not_treated": "not_treated=1",
    "median_control": "median_control=1e400",
    # 1,000 is 1 or 1000: only who typed it knows.
    "per_month": "per_month=1,000",
}


@pytest.mark.parametrize(("field", "query"), FAULTS.items(), ids=FAULTS)
def test_hostile_each_fault_stands_beside_its_field_and_what_was_typed_is_kept(
    client: TestClient, field: str, query: str
) -> None:
    page, twin = client.get(f"/trials/design?{query}"), client.get(f"/trials/design.json?{query}")
    assert page.status_code == twin.status_code == 422
    assert list(twin.json()["errors"]) == [field]
    message = twin.json()["errors"][field]
    assert "--" not in message
    assert f'id="{field}-error"' in page.text
    typed = dict(part.split("=") for part in query.split("&"))
    assert twin.json()["inputs"][field] == typed.get(field, START[field]).replace("+", " ")
    assert "Error:" in page.text


def test_several_faults_are_said_together(client: TestClient) -> None:
    answer = client.get("/trials/design.json?gain_months=-3&accrual_months=x&alpha=2")
    assert list(answer.json()["errors"]) == ["gain_months", "accrual_months", "alpha"]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30), max_size=4))
def test_hostile_whatever_is_typed_is_answered_or_refused(fields: dict[str, str]) -> None:
    answer, refused = None, None
    try:
        answer = answer_of(query_of(fields)).answer
    except Faults as faults:
        refused = faults.messages
    if refused is None:
        assert json.loads(json.dumps(answer, allow_nan=False))
    else:
        assert refused
        assert set(refused) <= {*NAMES, ""}
        assert all(refused.values())


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(RANGES)), st.integers(1, 9).map(str)))
def test_property_the_shortest_query_says_the_same(fields: dict[str, str]) -> None:
    query = query_of(fields)
    assert fields_of(query) == {**{name: START[name] for name in NAMES}, **fields}
    assert query_of(fields_of(query)) == query


def test_a_decimal_comma_is_read(client: TestClient) -> None:
    assert asked_of("gain_months=4%2C5").numbers["gain_months"] == 4.5


def test_a_pinned_design_stands_beside_with_its_difference(client: TestClient) -> None:
    pinned = "median_control=27.5"
    compare = design(client, urlencode({"a": pinned, "b": "gain_months=x"}))["compare"]
    other = design(client, pinned)
    assert compare["a"]["numbers"]["events"] == other["whole"]["events"]
    difference = other["whole"]["events"] - compare["this"]["events"]
    assert compare["a"]["difference"]["events"] == difference
    assert "no number" in compare["b"]["error"]
    page = client.get("/trials/design", params={"a": pinned})
    assert "Pinned A" in page.text


def test_htmx_gets_the_part_that_changes_with_its_address(client: TestClient) -> None:
    part = client.get("/trials/design?power=0.90", headers={"HX-Request": "true"})
    assert part.headers["HX-Replace-Url"] == "/trials/design?power=0.90"
    assert "<html" not in part.text
    assert part.text.count('hx-swap-oob="true"') == len(NAMES) + 2
    wrong = client.get("/trials/design?power=9", headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'id="power-error"' in wrong.text


FILES = {"design.yaml": "gain_months: 6", "design.md": "# ", "design.html": "<html"}


@pytest.mark.parametrize(("file", "holds"), FILES.items())
def test_the_files_of_a_design(client: TestClient, file: str, holds: str) -> None:
    answer = client.get(f"/trials/design/files/{file}?median_control=27.5")
    assert answer.status_code == 200
    assert f'filename="{file}"' in answer.headers["content-disposition"]
    assert holds in answer.text


def test_the_protocol_with_the_designs_numbers_can_be_run(client: TestClient) -> None:
    from debulk.protocols.reading import protocol_from_text

    query = "population=orchestra&median_control=27.5&looks=0.5+1&refusal=0.5"
    text = client.get(f"/trials/design/files/protocol.yaml?{query}").text
    protocol = protocol_from_text(text, "orchestra.yaml")
    page = design(client, query)
    assert protocol.design.planned_patients == round(page["whole"]["patients"])
    assert protocol.design.events == round(page["whole"]["events"])
    assert protocol.design.monitoring is not None
    assert protocol.design.monitoring.information == (0.5, 1.0)
    assert client.get("/trials/design/files/protocol.yaml").status_code == 404
    assert client.get("/trials/design/files/secret.txt").status_code == 404
    assert client.get("/trials/design/files/design.md?power=9").status_code == 422


def test_asking_twice_for_a_simulation_is_one_run(client: TestClient) -> None:
    form = {"query": "power=0.9", "pins": "power=0.9", "run": "design"}
    moved = client.post("/trials/design", data=form)
    assert moved.status_code == 303
    assert moved.headers["location"] == "/trials/design?power=0.9#simulated"
    client.post("/trials/design", data=form)
    twin = client.get("/trials/design.json?power=0.9")
    assert twin.status_code == 202
    job = twin.json()["simulated"]["design"]["job"]
    assert job["state"] == "queued"
    client.post(job["address"])
    assert client.get("/trials/design.json?power=0.9").status_code == 200
    assert design(client, "")["simulated"]["design"] is None
