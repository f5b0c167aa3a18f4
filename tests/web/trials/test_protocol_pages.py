"""Pages of protocols: every one in full, its twin, its file, and where its design begins."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from debulk.protocols import load_protocol, packaged_protocols
from debulk.protocols.reading import protocol_from_text


def test_the_list_holds_every_protocol_and_the_filter_finds_words_anywhere(
    client: TestClient,
) -> None:
    every = client.get("/trials.json").json()
    assert every["count"] == len(packaged_protocols()) == len(every["protocols"])
    assert len({each["acronym"] for each in every["protocols"]}) == every["count"]
    found = client.get("/trials.json", params={"q": "NCT01792934 debulking"}).json()
    assert [each["name"] for each in found["protocols"]] == ["orchestra"]
    none = client.get("/trials", params={"q": "<script>nothing"})
    assert none.status_code == 200
    assert "<script>nothing" not in none.text


@pytest.mark.parametrize("name", packaged_protocols())
def test_every_protocol_has_its_page_and_its_design_can_be_computed(
    client: TestClient, name: str
) -> None:
    page, twin = client.get(f"/trials/{name}"), client.get(f"/trials/{name}.json").json()
    protocol = load_protocol(name)
    assert page.status_code == 200
    assert all(each.id in page.text for each in protocol.criteria.values())
    assert [each["id"] for each in twin["criteria"]] == list(protocol.criteria)
    assert twin["funnel_simulated"]["steps"][-1]["step"] == "randomised"
    design = client.get(f"/trials/design.json?{twin['design_from_this']}")
    assert design.status_code == 200, design.json()
    assert design.json()["alpha"] == protocol.design.alpha
    assert design.json()["sided"] == protocol.design.sided


def test_a_design_begins_with_what_was_planned_and_never_with_what_was_found(
    client: TestClient,
) -> None:
    twin = client.get("/trials/orchestra.json").json()
    assert twin["published"]["arms"]["median_os_control_months"] == 27.5
    inputs = client.get(f"/trials/design.json?{twin['design_from_this']}").json()["inputs"]
    assert (inputs["gain_months"], inputs["median_control"], inputs["power"]) == ("6", "18", "0.8")
    assert "27.5" not in inputs.values()


def test_an_effect_never_stands_without_its_interval_or_why_there_is_none(
    client: TestClient,
) -> None:
    for each in client.get("/trials.json").json()["protocols"]:
        said = each["published"]["text"] if each["published"] else " to "
        assert " to " in said or "none printed" in said


def test_the_file_is_the_packaged_one(client: TestClient) -> None:
    answer = client.get("/trials/orchestra/protocol.yaml")
    assert "attachment" in answer.headers["content-disposition"]
    assert protocol_from_text(answer.text, "orchestra.yaml") == load_protocol("orchestra")
    assert client.get("/trials/orchestra/protocol.yaml.json").json()["text"] == answer.text


@pytest.mark.parametrize("path", ["/trials/nothing", "/trials/..%2Fx", "/trials/no/protocol.yaml"])
def test_hostile_what_is_not_there_is_said(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
