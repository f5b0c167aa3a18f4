"""The list of cases, importing, and the decisions seen together, over HTTP."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.board.registry_record import curated, record
from tests.web.board.board_cases import store

from debulk.board.case import case_of_entry
from debulk.board.example_cases import example_cases
from debulk.board.matching.board_trials import packaged_trials
from debulk.board.records import LOCAL_MEMBER, Listed
from debulk.patients import write_mcode
from debulk.web.board.kept_uploads import KEPT_MINUTES, MOST_KEPT, KeptUploads

CASES = [each.to_dict() for each in example_cases()]
AS_JSON = {"accept": "application/json"}


def look(client: TestClient, name: str, content: bytes, **more: Any) -> Any:
    """Send a file to be looked at."""
    files = {"file": (name, content), **more}
    return client.post("/board/import", data={"action": "look"}, files=files, headers=AS_JSON)


def take(client: TestClient, upload: str, **more: str) -> Any:
    """Take the file that was looked at."""
    sent = {"action": "take", "upload": upload, **more}
    return client.post("/board/import", data=sent, headers=AS_JSON)


def test_an_empty_board_offers_the_synthetic_cases_once(client: TestClient) -> None:
    assert client.get("/board.json").json()["state"] == "empty"
    assert "Load the twelve synthetic cases" in client.get("/board").text
    for _ in range(2):
        assert client.post("/board", data={"action": "examples"}).status_code == 303
    assert client.get("/board.json").json()["total"] == 12
    assert "Load the twelve synthetic cases" not in client.get("/board").text


def test_cases_are_found_by_number_extent_and_status(client: TestClient) -> None:
    client.post("/board", data={"action": "examples"})
    rows = client.get("/board.json").json()["rows"]
    name = rows[4]["id"]
    found = client.get("/board.json", params={"search": name.lower().replace("-", " ")}).json()
    assert [each["id"] for each in found["rows"]] == [name]
    multi = client.get("/board.json?extent=multi_organ").json()["rows"]
    assert {each["extent"] for each in multi} == {"multi_organ"}
    assert client.get("/board.json?search=multi-organ").json()["total"] == len(multi)
    assert client.get("/board.json?status=decided").json()["total"] == 0
    assert "No case fits" in client.get("/board?status=decided").text
    assert client.get("/board?extent=everywhere").status_code == 422
    assert client.get("/board?page=0").status_code == 422


@pytest.mark.parametrize("search", ["Jansen", "12-03-1961", "O. Brien", "MRN 8839201", "%"])
def test_words_that_nothing_is_found_by_are_refused_beside_the_field(
    client: TestClient, search: str
) -> None:
    client.post("/board", data={"action": "examples"})
    answer = client.get("/board", params={"search": search})
    assert answer.status_code == 422
    assert 'id="search-error"' in answer.text
    assert re.search(rf'name="search"[^>]*value="{re.escape(search)}"', answer.text)
    assert set(client.get("/board.json", params={"search": search}).json()["errors"]) == {"search"}


@pytest.mark.parametrize("search", ["k7q", "K7QF-", "2M", " multi organ", "oligo", "stage_1", " "])
def test_parts_of_numbers_and_extents_are_searched(client: TestClient, search: str) -> None:
    client.post("/board", data={"action": "examples"})
    assert client.get("/board", params={"search": search}).status_code == 200


def test_the_list_says_of_each_case_what_its_page_says_by_the_k_of_the_department(
    client: TestClient, app: Any
) -> None:
    client.post("/board", data={"action": "examples"})
    for extent_k, extent in ((2, "multi_organ"), (4, "oligometastatic")):
        if extent_k != app.state.records.settings.current()["extent_k"]:
            app.state.records.settings.change({"extent_k": extent_k}, by=LOCAL_MEMBER)
        # BC08 alone has two or three lesions outside the liver.
        (row,) = [each for each in _rows(client) if (each["lesions"], each["organs"]) == (4, 2)]
        assert row["extent"] == extent
        assert client.get(f"{row['address']}.json").json()["now"]["extent"] == extent


def _rows(client: TestClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/board.json").json()["rows"]
    return rows


def test_many_cases_stand_on_pages_of_fifty(client: TestClient, app: Any) -> None:
    listed = Listed("multi_organ", "multi_organ", 2, 7)
    app.state.records.cases.create_all([(CASES[3], listed)] * 120, by=LOCAL_MEMBER)
    first = client.get("/board?extent=multi_organ").text
    assert first.count('<th scope="row">') == 50
    assert 'href="?extent=multi_organ&amp;page=2"' in first
    last = client.get("/board?extent=multi_organ&page=3").text
    assert last.count('<th scope="row">') == 20
    assert 'rel="next"' not in last


def test_an_import_is_looked_at_and_then_taken_as_a_whole(client: TestClient) -> None:
    content = json.dumps({"cases": CASES[:3]}).encode()
    seen = look(client, "cases.json", content).json()
    assert seen["state"] == "preview"
    assert len(seen["cases"]) == 3
    assert client.get("/board.json").json()["total"] == 0
    done = take(client, seen["upload"])
    assert done.json()["state"] == "done"
    rows = client.get("/board.json").json()["rows"]
    assert len(rows) == 3
    assert not {each["id"] for each in rows} & {each["case_id"] for each in CASES}
    assert take(client, seen["upload"]).status_code == 422


def test_one_wrong_row_refuses_the_whole_file(client: TestClient) -> None:
    wrong = json.loads(json.dumps(CASES[:3]))
    wrong[2]["tables"]["lesions"][0]["diameter_mm"] = -4
    seen = look(client, "cases.json", json.dumps({"cases": wrong}).encode()).json()
    (refused,) = seen["refused"]
    assert "-4" in refused["found"]
    assert take(client, seen["upload"]).status_code == 422
    assert client.get("/board.json").json()["total"] == 0


def test_an_import_that_fails_half_way_changes_nothing(
    client: TestClient, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from debulk.board.records import cases as stored_cases

    seen = look(client, "cases.json", json.dumps({"cases": CASES[:3]}).encode()).json()
    made: list[Any] = []
    add = stored_cases._add_version

    def fails_at_the_third(*given: Any) -> None:
        if len(made) == 2:
            raise RuntimeError("the disk is full")
        made.append(given[1])
        add(*given)

    monkeypatch.setattr(stored_cases, "_add_version", fails_at_the_third)
    assert take(client, seen["upload"]).status_code == 500
    monkeypatch.undo()
    assert len(made) == 2
    assert app.state.records.cases.page().total == 0
    assert take(client, seen["upload"]).json()["state"] == "done"


def test_free_text_of_a_file_is_confirmed_or_refused(client: TestClient) -> None:
    told = json.loads(json.dumps(CASES[3]))
    told["tables"]["lesions"][3]["site"] = "seen by Dr Jansen"
    seen = look(client, "case.json", json.dumps(told).encode()).json()
    assert seen["warnings"]
    refused = take(client, seen["upload"])
    assert refused.status_code == 422
    assert "confirmed" in refused.json()["errors"]
    assert take(client, seen["upload"], confirmed="yes").json()["state"] == "done"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b"\x00\xff"),
        ("x.json", b"{"),
        ("x.json", b"[" * 100_000),
        ("x.zip", b"PK\x03\x04nothing"),
        ("", b""),
        ("../../etc/passwd", b"a,b\n1,2\n"),
    ],
)
def test_hostile_files_are_refused_in_words(client: TestClient, name: str, content: bytes) -> None:
    answer = look(client, name, content)
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["refused"]
    assert client.get("/board.json").json()["total"] == 0


def test_nobody_takes_the_file_of_another(
    signed_in: Callable[..., TestClient],
) -> None:
    member, other = signed_in("board member"), signed_in("board member", "administrator")
    seen = look(member, "case.json", json.dumps(CASES[3]).encode()).json()
    assert take(other, seen["upload"]).status_code == 422
    assert take(member, seen["upload"]).json()["state"] == "done"


def test_files_that_wait_are_forgotten_in_time_and_make_room() -> None:
    now = [0.0]
    kept = KeptUploads(lambda: now[0])
    first = kept.keep("a", "x", b"1")
    assert kept.get(first, "a") is not None
    assert kept.get(first, "b") is None
    for _ in range(MOST_KEPT):
        last = kept.keep("a", "y", b"2")
    assert kept.get(first, "a") is None
    now[0] = 60.0 * KEPT_MINUTES
    assert kept.get(last, "a") is None


TRIAL = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "An invented trial"},
        "statusModule": {"overallStatus": "RECRUITING"},
        "eligibilityModule": {"minimumAge": "18 Years", "eligibilityCriteria": "WHO 0 or 1"},
    }
}


def test_a_curated_trial_is_imported_and_judged_on_the_page_of_a_case(
    client: TestClient, app: Any
) -> None:
    curated_file = ("criteria.yaml", curated().encode())
    seen = look(client, "record.json", record().encode(), curated=curated_file).json()
    assert seen["trial"]["curated"] is True
    assert take(client, seen["upload"]).json()["state"] == "done"
    case_id = store(app, "BC03")
    trials = client.get(f"/board/cases/{case_id}/trials.json").json()["trials"]
    (judged,) = [each for each in trials if each["protocol"] == "NCT99999999"]
    states = {each["id"]: each["state"] for each in judged["criteria"]}
    # Fifteen lesions are more than ten; nothing in a case tells of its heart.
    assert (states["I2"], states["I3"], states["X2"]) == ("not met", "met", "unknown")
    assert judged["fit"] == "does not fit"
    page = client.get(f"/board/cases/{case_id}/trials").text
    assert "Invented Trial of Local Treatment" in page
    assert "no uncontrolled heart disease" in page


def test_a_bundle_in_the_manner_of_mcode_becomes_a_case(
    client: TestClient, app: Any, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.json"
    write_mcode(case_of_entry(CASES[3]).cohort, file, time_zero=date(2020, 1, 15))
    seen = look(client, file.name, file.read_bytes()).json()
    assert (seen["kind"], len(seen["cases"])) == ("mcode", 1)
    address = take(client, seen["upload"], confirmed="yes").json()["address"]
    told = client.get(address.removesuffix("/edit") + ".json").json()
    assert told["now"]["lesions"] == len(CASES[3]["tables"]["lesions"])
    assert client.get(address).status_code == 200


def test_a_trial_of_a_registry_is_imported(client: TestClient, app: Any) -> None:
    seen = look(client, "NCT00000001.json", json.dumps(TRIAL).encode()).json()
    assert seen["trial"]["registration"] == "NCT00000001"
    assert take(client, seen["upload"]).json()["address"] == "/board/import"
    assert [each.registration for each in app.state.records.trials.current()] == ["NCT00000001"]


def test_an_imported_trial_is_listed_and_withdrawn(client: TestClient, app: Any) -> None:
    seen = look(client, "NCT00000001.json", json.dumps(TRIAL).encode()).json()
    take(client, seen["upload"])
    (listed,) = client.get("/board/import.json").json()["trials"]
    assert (listed["registration"], listed["curated"]) == ("NCT00000001", False)
    answer = client.post("/board/import", data={"withdraw": "NCT00000001"})
    assert answer.headers["location"] == "/board/import"
    assert client.get("/board/import.json").json()["trials"] == []
    assert client.post("/board/import", data={"withdraw": "NCT9"}).status_code == 404


def test_the_form_asks_what_an_imported_trial_needs(client: TestClient, app: Any) -> None:
    seen = look(client, "NCT00000001.json", json.dumps(TRIAL).encode()).json()
    take(client, seen["upload"])
    form = client.get("/board/cases/new").text
    (name,) = re.findall(r'name="(answers[.][^"]*NCT00000001/[^"]*)"', form)
    client.post("/board", data={"action": "examples"})
    case_id = client.get("/board.json").json()["rows"][0]["id"]
    address = f"/board/cases/{case_id}/edit"
    fields = client.get(f"{address}.json").json()["fields"]
    saved = client.post(address, data={**fields, name: "yes", "action": "save"})
    assert saved.status_code == 303
    key = name.removeprefix("answers.")
    assert client.get(f"{address}.json").json()["fields"][f"answers.{key}"] == "yes"
    assert client.get(f"/board/cases/{case_id}/missing").status_code == 200


def decision(case_id: str, board_months: float) -> dict[str, Any]:
    """The content of a signed decision, as its form stores it."""
    from debulk.board.decisions.decision import decision_from_dict

    return decision_from_dict(
        {
            "case_id": case_id,
            "case_version": 1,
            "board_months": board_months,
            "options": [{"option": "systemic_alone", "title": "Systemic therapy alone"}],
            "taken": "systemic_alone",
            "reasons": "A reason of Mr Jansen's that is not exported",
            "signed_role": "chair",
        }
    ).to_dict()


def decided_case(app: Any) -> str:
    """A packaged case with a signed decision."""
    records = app.state.records
    made = records.cases.create(CASES[3], by=LOCAL_MEMBER)
    content = decision(made.case_id, CASES[3]["board_months"])
    records.decisions.sign(
        made.case_id, content, case_version=1, sitting=1, chosen="systemic_alone", by=LOCAL_MEMBER
    )
    return str(made.case_id)


def test_decisions_are_counted_and_their_outcome_recorded(client: TestClient, app: Any) -> None:
    case_id = decided_case(app)
    seen = client.get("/board/decisions.json").json()
    assert seen["by_option"] == {"systemic_alone": 1}
    assert (seen["not_reviewed"], seen["agreement"]) == (1, None)
    assert "Systemic therapy alone" in client.get("/board/decisions").text
    address = f"/board/decisions/{case_id}"
    wrong = {"as_decided": "yes", "last_months": "0,5", "dead": "no", "cause": "cancer"}
    answer = client.post(address, data=wrong)
    assert answer.status_code == 422
    assert "Month 0.5 is before the board met (month 1.2)." in answer.text
    assert "yet the patient is alive" in answer.text
    assert re.search(r'name="last_months"[^>]*value="0,5"', answer.text)
    right = wrong | {"last_months": "14,5", "dead": "yes", "progression_months": "9"}
    assert client.post(address, data=right).status_code == 303
    seen = client.get("/board/decisions.json").json()
    assert seen["as_decided"]["yes"] == 1
    (review,) = client.get(f"{address}.json").json()["reviews"]
    assert (review["last_months"], review["dead"]) == (14.5, True)
    log = app.state.records.audit.page(case_id=case_id, action="case read").rows
    assert "outcome" in [each["detail"]["part"] for each in log]


def test_decisions_are_exported_as_a_cohort_without_free_text(
    client: TestClient, app: Any, tmp_path: Any
) -> None:
    from debulk.patients import read_cohort

    case_id = decided_case(app)
    right = {"as_decided": "partly", "last_months": "14", "dead": "yes", "cause": "cancer"}
    client.post(f"/board/decisions/{case_id}", data=right)
    answer = client.post("/board/decisions")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "cohort")
    cohort = read_cohort(tmp_path / "cohort")
    (followed,) = cohort.followup.to_dicts()
    assert (followed["last_months"], followed["dead"]) == (14.0, True)
    assert cohort.patients["board_treated_as_decided"].to_list() == [False]
    every = b"".join(each.read_bytes() for each in (tmp_path / "cohort").iterdir())
    assert b"Jansen" not in every
    assert b"omentum" not in every
    log = app.state.records.audit.page().rows
    assert any(each["action"] == "decisions exported" for each in log)


def test_nothing_decided_is_said_and_not_exported(client: TestClient) -> None:
    assert client.get("/board/decisions.json").json()["state"] == "empty"
    assert client.post("/board/decisions").status_code == 422
    assert client.get("/board/decisions/AAAA-AA").status_code in (404, 422)


def test_viewers_read_decisions_and_export_none(signed_in: Callable[..., TestClient]) -> None:
    viewer = signed_in("viewer")
    assert viewer.get("/board/decisions").status_code == 200
    assert viewer.post("/board/decisions").status_code == 403
    assert viewer.get("/board").status_code == 200
    assert signed_in("administrator").get("/board").status_code == 403


def test_an_imported_trial_that_cannot_be_read_is_named_and_shuts_no_page(
    client: TestClient, app: Any, stored_case: str
) -> None:
    trials = app.state.records.trials
    trials.store("NCT00000009", {"of": "an older version"}, "", by=LOCAL_MEMBER)
    other = TRIAL["protocolSection"]["identificationModule"]["nctId"]
    trials.store("NCT00000008", TRIAL, "", by=LOCAL_MEMBER)
    address = f"/board/cases/{stored_case}"
    for page in ("", "/trials"):
        shown = client.get(address + page)
        assert shown.status_code == 200
        assert "Imported trial NCT00000009 cannot be read" in shown.text
        assert f"the record is that of {other}" in shown.text
    for page in (f"{address}/edit", f"{address}/decision", "/board/cases/new"):
        assert client.get(page).status_code == 200
    told = client.get(f"{address}.json").json()["unreadable_trials"]
    assert [each["registration"] for each in told] == ["NCT00000008", "NCT00000009"]
    listed = client.get("/board/import.json").json()["trials"]
    assert all(each["unreadable"] for each in listed)
    page = client.get("/board/import").text
    assert "cannot be read and is held against no case" in page
    for name in ("NCT00000008", "NCT00000009"):
        assert f'value="{name}"' in page
        assert client.post("/board/import", data={"withdraw": name}).status_code == 303
    assert client.get("/board/import.json").json()["trials"] == []
    assert client.get(f"{address}.json").json()["unreadable_trials"] == []


def test_from_a_protocol_each_case_leads_to_that_trial(client: TestClient, app: Any) -> None:
    assert 'href="/board?for=orchestra"' in client.get("/trials/orchestra").text
    case_id = store(app, "BC03")
    address = f"/board/cases/{case_id}/trials#trial-orchestra"
    page = client.get("/board?for=orchestra")
    assert f'href="{address}"' in page.text
    assert "Choose a case to hold against ORCHESTRA" in page.text
    assert '<input type="hidden" name="for" value="orchestra">' in page.text
    assert 'id="trial-orchestra"' in client.get(f"/board/cases/{case_id}/trials").text
    assert client.get("/board?for=orchestr").status_code == 422
    assert f'href="/board/cases/{case_id}"' in client.get("/board").text


def test_a_trial_stands_the_same_on_its_own_page_and_beside_a_case(client: TestClient) -> None:
    listed = client.get("/trials.json").json()["protocols"]
    board = {each.name: each.status for each in packaged_trials()}
    assert {each["name"]: each["state"] or "" for each in listed} == board
