"""Facts, panel and plans on the meeting's screen: each number with where it comes from."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.web.board.board_cases import entries, store, store_futures

from debulk.board import case_of_entry
from debulk.board.records import LOCAL_MEMBER


def test_the_facts_are_those_of_the_moment_asked_for(app: FastAPI, client: TestClient) -> None:
    address = f"/board/cases/{store(app, 'BC10')}"
    now, entry = (client.get(f"{address}.json?at={at}").json() for at in ("now", "entry"))
    assert "3 lesions" in now["in_short"]["extent"]
    assert "8 lesions" in entry["in_short"]["extent"]
    assert client.get(f"{address}?at=later").status_code == 422


def test_what_has_no_interval_is_explained_once(app: FastAPI, client: TestClient) -> None:
    page = client.get(f"/board/cases/{store(app, 'BC03')}").text
    plans = page[page.index('id="plans"') : page.index('id="trials"')]
    assert plans.count("so no figure stands here") == 2
    # A column that no plan can fill is not there; what names its cards stands below the table.
    assert ">not known<" not in plans
    assert "by day 90" not in plans
    assert "no interval is known for Resection of lung or pleura, Resection of nodes" in plans


def test_pause_and_deaths_of_a_plan_are_told_as_far_as_they_are_known(
    app: FastAPI, client: TestClient
) -> None:
    page = client.get(f"/board/cases/{store(app, 'BC01')}").text
    plans = page[page.index('id="plans"') : page.index('id="trials"')]
    # Card of the resection: 28 days before, 42 after, 28 more after a major complication.
    assert plans.count(">70 to 98<") == 3
    assert "as the cards assume them; no interval is known" in plans
    # 28 deaths of 1,001 resections: exact limits of the counts.
    assert plans.count(">2.8 (1.9 to 4.0)<") == 3
    assert "Complication of grade 3 or more: no interval is known for Liver resection" in plans
    assert 'href="#futures">What local treatment costs in the model' in plans


def test_risks_are_said_not_to_be_adjusted_where_they_stand(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    words = "Risks are not adjusted for ASA class or comorbidity."
    told = {part: client.get(f"/board/cases/{case_id}{part}").text.count(words)
            for part in ("", "/futures", "/print")}  # fmt: skip
    assert told == {"": 2, "/futures": 1, "/print": 1}


def _judged(member: str, *no: str) -> list[dict[str, Any]]:
    """What one member said of all lesions of BC03."""
    listed = [each["lesion_id"] for each in entries()["BC03"]["tables"]["lesions"]]
    return [
        {"patient_id": "BC03", "lesion_id": each, "panellist": member, "treatable": each not in no,
         "reason": "too near a vessel" if each in no else None}
        for each in listed if each != "P"
    ]  # fmt: skip


def _store_judged(app: FastAPI, *rows: dict[str, Any]) -> str:
    entry = json.loads(json.dumps(entries()["BC03"]))
    entry["tables"]["judgements"] = list(rows)
    case = case_of_entry(entry)
    return str(app.state.records.cases.create(case.to_dict(), by=LOCAL_MEMBER).case_id)


def test_what_a_member_of_the_panel_said_of_a_lesion_is_seen_and_counted(
    app: FastAPI, client: TestClient
) -> None:
    case_id = _store_judged(app, *_judged("surgery", "L1", "L2", "L3", "L4", "L5"))
    page = client.get(f"/board/cases/{case_id}").text
    assert "Treatable now: 10 of 15 (67 %); one member of the panel judged every lesion." in page
    assert page.count("<summary>surgery: not treatable, too near a vessel</summary>") == 5
    assert "By the cards: IRE, resection, SBRT." in page
    assert page.count("<summary>surgery: treatable</summary>") == 10
    assert "treatable 4 of 9 by the panel" in page
    assert "Treatable: by the members of the panel who judged the lesion" in page
    assert "The plans follow the cards, not the panel&#39;s judgements." in page
    sheet = client.get(f"/board/cases/{case_id}/print").text
    assert "treatable 4 of 9 by the panel" in sheet


def test_members_who_differ_and_lesions_that_nobody_judged_are_told(
    app: FastAPI, client: TestClient
) -> None:
    some = [each for each in _judged("radiology", "L1") if each["lesion_id"] in ("L1", "L2")]
    some[1] |= {"modality": "sbrt"}
    page = client.get(f"/board/cases/{_store_judged(app, *_judged('surgery'), *some)}").text
    assert "treatable 8 to 9 of 9 by the panel" in page
    assert "radiology: treatable, by SBRT" in page
    page = client.get(f"/board/cases/{_store_judged(app, *some)}").text
    assert "treatable 1 of 9 by the panel, 7 not judged" in page
    assert page.count("none judged by the panel") == 2
    assert "Treatable now: unknown, since no member of the panel judged every lesion." in page
    assert page.count("not judged by the panel") == 13


def test_counts_sizes_and_lesions_are_those_of_the_moment_and_the_rest_says_as_now(
    app: FastAPI, client: TestClient
) -> None:
    address = f"/board/cases/{store(app, 'BC10')}"
    now, entry = (client.get(f"{address}.json?at={at}").json() for at in ("now", "entry"))
    for told, seen in ((now, 3), (entry, 8)):
        assert sum(each["state"] == "visible" for each in told["lesions"]) == seen
    sizes = {each["lesion_id"]: each["diameter_mm"] for each in entry["lesions"]}
    before = {each["lesion_id"]: each["baseline_diameter_mm"] for each in now["lesions"]}
    assert sizes == before
    page = client.get(f"{address}?at=entry").text
    assert "Size then, mm" in page
    assert "no longer seen" not in page[page.index('id="lesions"') : page.index('id="plans"')]
    assert page.count('<span class="answer-in-heading">as now</span>') == 1
    assert "Plans, evidence, futures and scores are as now" in page
    assert entry["plans"] == now["plans"]


def test_volume_and_burden_score_stand_in_short_and_on_the_sheet(
    app: FastAPI, client: TestClient
) -> None:
    for name, said in (
        ("BC03", "Volume 130 ml; tumour burden score 10.2."),
        ("BC11", "Volume unknown, since 3 of 7 lesions have no size; tumour burden score unknown."),
    ):
        address = f"/board/cases/{store(app, name)}"
        for part in ("", "/print"):
            assert said in client.get(address + part).text, (name, part)


def test_one_plan_and_each_lesion_by_itself_are_told_apart(
    app: FastAPI, client: TestClient
) -> None:
    page = client.get(f"/board/cases/{store(app, 'BC03')}").text
    assert "15 of 15 (100 %) in one plan" in page
    assert "Treatable: by the cards, each lesion by itself" in page
