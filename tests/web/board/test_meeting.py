"""The case at the meeting: moments, missing fields, first views, futures in each state."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.web.board.board_cases import entries, real_futures, store, store_futures

from debulk.board import case_of_entry
from debulk.board.records import LOCAL_MEMBER
from debulk.board.settings import BoardSettings
from debulk.web.board import meeting_case
from debulk.web.board.case_form.messages import label_of
from debulk.web.board.parts.equipoise import open_here

PARTS = ("", "/trials", "/evidence", "/futures", "/decision", "/print", "/history", "/edit")


def test_a_case_that_is_not_there_is_said_to_be_missing(client: TestClient) -> None:
    for case_id in ("2222-22", "nonsense"):
        answer = client.get(f"/board/cases/{case_id}")
        assert answer.status_code in (404, 422)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["BC08", "BC10", "BC11"])
def test_every_link_to_a_field_leads_to_one(app: FastAPI, client: TestClient, name: str) -> None:
    address = f"/board/cases/{store(app, name)}"
    pages = {part: client.get(address + part).text for part in ("", "/trials", "/futures", "/edit")}
    links = re.findall(rf'href="{address}(/edit|/trials)#([^"]+)"', "".join(pages.values()))
    assert links
    assert [place for part, place in links if f'id="{place}"' not in pages[part]] == []


def test_each_reading_is_logged(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC05")
    client.get(f"/board/cases/{case_id}")
    client.get(f"/board/cases/{case_id}/print")
    read = app.state.records.audit.page(case_id=case_id, action="case read")
    assert [each["detail"]["part"] for each in read.rows] == ["print", "case"]


def test_no_figure_of_the_futures_is_told_before_they_are_opened(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    store_futures(app, case_id)
    for part in ("", "/futures"):
        told = client.get(f"/board/cases/{case_id}{part}.json").json()
        assert "options" not in told["futures"]
    job = app.state.records.jobs.latest("board.futures", case_id=case_id)
    pages = [f"/board/cases/{case_id}{part}" for part in PARTS]
    for place in (*pages, "/board", "/jobs", f"/jobs/{job.id}"):
        assert "gain_of_100" not in client.get(f"{place}.json").text, place
        assert "38 (12 to 73)" not in client.get(place).text


def test_a_first_view_is_noted_before_the_futures_open_and_refused_after(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    store_futures(app, case_id)
    address = f"/board/cases/{case_id}/futures"
    view = {"view": "randomise", "discipline": "surgery"}
    assert client.post(address, data={**view, "do": "note"}).status_code == 303
    assert client.get(f"{address}.json").json()["futures"]["first_views"]["members"] == 1
    assert client.post(address, data={**view, "do": "open"}).status_code == 303
    page = client.get(address).text
    assert "38 (12 to 73)" in page
    assert "18 more (9 fewer to 51 more)" in page
    assert client.post(address, data={**view, "do": "note"}).status_code == 422


def test_a_view_without_a_discipline_is_asked_for_beside_its_field(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    answer = client.post(
        f"/board/cases/{case_id}/futures", data={"do": "note", "view": "treat", "discipline": ""}
    )
    assert answer.status_code == 422
    assert 'id="discipline-error"' in answer.text
    assert 'value="treat" checked' in answer.text


def test_not_enough_known_is_a_result_with_its_reasons(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC11")
    told = client.get(f"/board/cases/{case_id}.json").json()
    assert told["futures"]["state"] == "not_enough_known"
    assert "patients.who_ps" in told["futures"]["reasons"][0]["fields"]
    page = client.get(f"/board/cases/{case_id}/futures").text
    assert "Not enough is known" in page
    assert "<svg" not in page


def test_opening_the_futures_starts_their_run_and_a_reload_finds_it(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    address = f"/board/cases/{case_id}/futures"
    client.post(address, data={"do": "open"})
    first, again = (client.get(f"{address}.json") for _ in range(2))
    assert first.status_code == 202
    assert first.json()["job"] == again.json()["job"]
    assert client.get(f"/board/cases/{case_id}").status_code == 200


@pytest.fixture
def saved(app: FastAPI) -> Callable[..., None]:
    """A function that saves a case anew, with its lesions of these places made larger."""

    def save(case_id: str, *larger: int) -> None:
        cases = app.state.records.cases
        found = cases.read(case_id, by=LOCAL_MEMBER)
        for place in larger:
            found.content["tables"]["lesions"][place]["diameter_mm"] += 10.0
        cases.save(case_id, found.content, based_on=found.version, by=LOCAL_MEMBER)

    return save


def test_futures_of_an_earlier_version_are_said_to_be_stale_and_what_changed(
    app: FastAPI, client: TestClient, saved: Callable[..., None]
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    saved(case_id)
    words = "The case changed after these futures were computed (version 1, now 2{})."
    assert words.format("") in client.get(f"/board/cases/{case_id}/futures").text
    saved(case_id, 0, 1)
    for part in ("", "/futures"):
        page = client.get(f"/board/cases/{case_id}{part}").text
        assert words.format(": 2 lesions").replace("now 2", "now 3") in page
        assert "Compute again" in page
    sheet = client.get(f"/board/cases/{case_id}/print").text
    assert "not simulated for this version of the case" in sheet
    assert "38 (12 to 73)" not in sheet


def test_other_lines_of_the_department_are_not_told_as_a_change_of_the_case(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    lines = {"guideline": "", "delta_months": "4", "leans_at": "90", "extent_k": "4"}
    assert client.post("/admin/settings", data=lines).status_code == 303
    page = client.get(f"/board/cases/{case_id}/futures").text
    assert "The lines of the department changed after these futures were computed." in page
    # Lines move the verdict, never the figures of the patient.
    assert "38 (12 to 73)" in client.get(f"/board/cases/{case_id}/print").text


@pytest.mark.parametrize("ended", ["failed", "too few"])
def test_a_run_of_an_old_version_that_came_to_nothing_does_not_block_the_new_one(
    app: FastAPI, client: TestClient, saved: Callable[..., None], ended: str
) -> None:
    case_id = store(app, "BC03")
    jobs = app.state.records.jobs
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    parameters = {"settings": BoardSettings().to_dict()}
    jobs.add("board.futures", parameters, by=LOCAL_MEMBER, case_id=case_id)
    run = jobs.claim_next("test").id
    if ended == "failed":
        jobs.fail(run, "out of memory")
    else:
        jobs.finish(run, {"state": "not_enough_known", "reasons": [], "text": "Too few."})
    saved(case_id, 0)
    told = client.get(f"/board/cases/{case_id}/futures.json").json()["futures"]
    assert told["state"] == "not_computed"
    assert "Compute the futures" in client.get(f"/board/cases/{case_id}/futures").text
    alive = client.get(f"/board/cases/{case_id}/print.json").json()["sheet"]["options"][0]["alive"]
    assert alive == "futures not computed"


def test_the_four_statements_stand_side_by_side(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC02")
    app.state.records.votes.note_first_view(
        case_id, "surgery", {"randomise": 3, "treat": 1}, by=LOCAL_MEMBER
    )
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    told = client.get(f"/board/cases/{case_id}.json").json()["equipoise"]
    assert told["draws_of_100"] == {"gain": 68, "little": 27, "loss": 5}
    assert told["in_short"] == "The model cannot tell the options apart."
    assert "PulMiCC: hazard ratio 0.82 (0.43 to 1.56)" in told["in_trials"]
    assert told["at_table"].startswith("First views of 4: 3 would randomise, 1 would treat")
    assert told["open_here"].startswith("Open to this patient")


def test_trials_are_told_before_the_futures_open_and_where_none_can_be_shown(
    app: FastAPI, client: TestClient
) -> None:
    outside = case_of_entry(entries()["BC03"]).to_dict()
    outside["tables"]["patients"][0]["msi"] = "high"
    found = app.state.records.cases.create(outside, by=LOCAL_MEMBER).case_id
    for case_id in (store(app, "BC03"), found):
        told = client.get(f"/board/cases/{case_id}.json").json()
        assert "ORCHESTRA: hazard ratio 0.88 (0.70 to 1.10)" in told["equipoise"]["in_trials"]
    assert told["futures"]["state"] == "not_enough_known"


def test_trials_kept_with_futures_of_an_earlier_version_are_not_shown_a_second_time(
    app: FastAPI, client: TestClient
) -> None:
    kept = json.loads(json.dumps(real_futures()))
    kept["equipoise"]["trials"] = [{"study": "OLD TRIAL"}]
    kept["equipoise"]["text"]["trials"] = "In trials: OLD TRIAL."
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id, kept)
    for page in ("", "/futures", ".json", "/print"):
        answer = client.get(f"/board/cases/{case_id}{page}")
        assert answer.status_code == 200
        assert "OLD TRIAL" not in answer.text


@pytest.mark.parametrize(
    ("status", "listed"),
    [("recruiting", True), ("not yet recruiting", True), ("active not recruiting", False)],
)
def test_only_a_trial_that_takes_patients_is_open_to_this_one(status: str, listed: bool) -> None:
    trial = {"protocol": "orchestra", "status": status, "fit": "fits", "criteria": []}
    shown: Any = SimpleNamespace(result={"trials": [trial]})
    assert ("ORCHESTRA" in open_here(shown)) is listed


def test_an_answer_by_hand_is_a_new_version_and_changes_the_state(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    address = f"/board/cases/{case_id}/trials"

    def state() -> str:
        trials = client.get(f"{address}.json").json()["trials"]
        orchestra = next(each for each in trials if each["protocol"] == "orchestra")
        found = next(each for each in orchestra["criteria"] if each["id"] == "E10")
        return str(found["state"])

    assert state() == "unknown"
    sent = {"criterion": "orchestra/E10", "answer": "yes", "version": "9" * 5_000}
    assert client.post(address, data=sent).status_code == 422
    sent |= {"version": "1"}
    assert client.post(address, data=sent).headers["location"].endswith("#trial-orchestra")
    assert state() == "met"
    assert client.post(address, data={**sent, "answer": "no"}).status_code in (409, 422)
    assert state() == "met"
    wrong = client.post(address, data={"criterion": "orchestra/E1", "answer": "yes"})
    assert wrong.status_code == 422


def test_both_registrations_of_one_trial_are_told_where_they_differ(
    app: FastAPI, client: TestClient
) -> None:
    page = client.get(f"/board/cases/{store(app, 'BC10')}/trials").text
    assert "versions differ" in page
    assert "NCT01792934" in page
    assert "ISRCTN15067672" in page


def test_randomised_trials_and_series_stand_apart(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC03")
    page = client.get(f"/board/cases/{case_id}/evidence").text
    assert page.index("randomised-heading") < page.index("series-heading")
    assert "are never pooled" in page


def test_a_viewer_reads_and_changes_nothing_and_an_administrator_reads_nothing(
    app: FastAPI, signed_in: object
) -> None:
    case_id = store(app, "BC05")
    viewer, administrator = signed_in("viewer"), signed_in("administrator")  # type: ignore[operator]
    assert viewer.get(f"/board/cases/{case_id}").status_code == 200
    for part in ("futures", "trials", "decision", "history"):
        assert viewer.post(f"/board/cases/{case_id}/{part}", data={}).status_code == 403
    assert "Record the decision" not in viewer.get(f"/board/cases/{case_id}").text
    assert administrator.get(f"/board/cases/{case_id}").status_code == 403


def test_history_shows_what_a_version_changed_and_who_read(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC05")
    content = app.state.records.cases.read(case_id, by=LOCAL_MEMBER).content
    content["tables"]["patients"][0]["who_ps"] = 2
    app.state.records.cases.save(case_id, content, based_on=1, by=LOCAL_MEMBER, reason="seen again")
    told = client.get(f"/board/cases/{case_id}/history.json").json()
    before = entries()["BC05"]["tables"]["patients"][0]["who_ps"]
    assert told["versions"][0]["differences"] == [
        {"field": label_of("patients", "who_ps"), "before": str(before), "after": "2"}
    ]
    assert told["log"]["rows"][0]["action"] == "case read"


def test_one_look_at_a_long_history_is_one_entry_and_every_version_can_be_reached(
    app: FastAPI, client: TestClient
) -> None:
    case_id, cases = store(app, "BC05"), app.state.records.cases
    content = cases.opened(case_id).content
    for version in range(1, 22):
        content["question"] = f"Question {version + 1}"
        cases.save(case_id, content, based_on=version, by=LOCAL_MEMBER)
    entries_before = len(app.state.records.audit)
    newest = client.get(f"/board/cases/{case_id}/history.json").json()
    assert len(app.state.records.audit) == entries_before + 1
    detail = newest["log"]["rows"][0]["detail"]
    assert detail == {"part": "history", "versions": "3 to 22"}
    assert [each["version"] for each in newest["versions"]] == list(range(22, 2, -1))
    question = label_of("case", "question")
    assert newest["versions"][-1]["differences"] == [
        {"field": question, "before": "Question 2", "after": "Question 3"}
    ]
    page = client.get(f"/board/cases/{case_id}/history?page=2").text
    assert 'href="?page=2&amp;versions=2"' in page
    oldest = client.get(f"/board/cases/{case_id}/history.json?versions=2").json()
    assert [each["version"] for each in oldest["versions"]] == [2, 1]
    assert oldest["log"]["rows"][0]["detail"]["versions"] == "1 to 2"
    assert client.get(f"/board/cases/{case_id}/history.json?versions=3").json()["versions"] == []


def test_the_departments_guideline_stands_on_the_case_and_in_the_form_of_its_decision(
    app: FastAPI, client: TestClient
) -> None:
    address = f"/board/cases/{store(app, 'BC05')}"
    words = "Every patient with liver-only disease is shown to a liver surgeon."
    assert words not in client.get(address).text
    sent = {"guideline": words, "delta_months": "3", "leans_at": "90", "extent_k": "4"}
    assert client.post("/admin/settings", data=sent).status_code == 303
    for part in ("", "/decision"):
        assert words in client.get(address + part).text, part
    assert client.get(f"{address}.json").json()["settings"]["guideline"] == words
    assert client.get(f"{address}/decision.json").json()["guideline"] == words


def test_a_withdrawn_case_can_be_read_and_no_more(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC05")
    address = f"/board/cases/{case_id}"
    assert client.post(f"{address}/history", data={"reason": " "}).status_code == 422
    telling = {"reason": "Mr Jansen, born 12-03-1961"}
    refused = client.post(f"{address}/history", data=telling)
    assert refused.status_code == 422
    assert ">Mr Jansen, born 12-03-1961</textarea>" in refused.text
    assert 'name="confirm.reason"' in refused.text
    assert "could identify someone. Remove it, or confirm it does not." in refused.text
    assert client.post(f"{address}/history", data={"reason": "a duplicate"}).status_code == 303
    page = client.get(address).text
    assert "This case is withdrawn" in page
    assert "Record the decision" not in page
    assert client.post(f"{address}/futures", data={"do": "open"}).status_code == 422


def test_states_of_trials_and_missing_answers_read_as_a_clinician_expects(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    address = f"/board/cases/{case_id}"
    told = client.get(f"{address}.json").json()
    status = {each["protocol"]: each["status"] for each in told["trials"]}
    assert (
        status["orchestra"]
        == "reported ASCO 2024; journal paper reported by News-Medical; negative"
    )
    assert status["sabr-comet-10"] == "protocol only"
    page = client.get(address).text
    # Every trial that may fit stands in the table, however many there are.
    may_fit = [each["protocol"] for each in told["trials"] if each["fit"] == "may fit"]
    table = page[page.index('id="trials"') : page.index('id="evidence"')]
    assert len(may_fit) > 6
    assert all(f"#trial-{name}" in table for name in may_fit)
    assert ">ORCHESTRA: 5 answers</a>" in page


def test_both_curves_and_the_pairs_are_drawn_once_the_futures_are_open(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    case = client.get(f"/board/cases/{case_id}").text
    assert case.count('class="interval-pairs"') == 1
    full = client.get(f"/board/cases/{case_id}/futures").text
    assert full.count('class="survival-bands"') == 2
    assert "Alive without progression of 100 (interval), by month" in full
    assert "<strong>Chance:</strong> Patients with the same disease differ." in full


def test_a_page_names_each_script_once(app: FastAPI, client: TestClient) -> None:
    for address in (f"/board/cases/{store(app, 'BC03')}/futures", "/trials/design"):
        scripts = re.findall(r'<script src="([^"]+)"', client.get(address).text)
        assert len(scripts) == len(set(scripts)), address


@pytest.mark.parametrize("part", ["", "/futures", "/print"])
def test_the_warning_on_absolute_numbers_stands_where_they_do(
    app: FastAPI, client: TestClient, part: str
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    page = client.get(f"/board/cases/{case_id}{part}").text
    assert "38 (12 to 73)" in page
    assert "the published survival of each arm often did not" in page


def test_two_cases_are_discussed_at_once(
    app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=30.0)
    discuss = meeting_case.discuss

    def together(*given: Any, **options: Any) -> Any:
        both.wait()
        return discuss(*given, **options)

    monkeypatch.setattr(meeting_case, "discuss", together)
    meeting_case._discussed.cache_clear()
    records = app.state.records
    contents = [case_of_entry(entries()[name]).to_dict() for name in ("BC01", "BC02")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda content: meeting_case.make_ready(records, content), contents))
    assert not both.broken


def test_trials_without_a_ratio_stand_folded_and_whole_in_the_twin(
    client: TestClient, app: FastAPI
) -> None:
    case_id = store(app, "BC03")
    told = client.get(f"/board/cases/{case_id}.json").json()
    page = client.get(f"/board/cases/{case_id}").text
    (page,) = re.findall(r'<section id="equipoise".*?</section>', page, re.DOTALL)
    others = told["evidence"]["in_trials"]["others"]
    assert others
    assert told["equipoise"]["in_trials"].endswith(" ".join(others))
    first, folded = page.split("<summary>Other trials of such patients</summary>")
    assert "ORCHESTRA: hazard ratio 0.88 (0.70 to 1.10)" in first
    assert "Registered, without a result yet" in folded
    assert "Registered, without a result yet" not in first
