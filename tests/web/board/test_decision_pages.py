"""Recording a decision: errors beside their fields, signing, amending, two at once, the sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.web.board.board_cases import store, store_futures

from debulk.board.records import LOCAL_MEMBER

DECIDED = {
    "considered": ["systemic_alone", "all_treatable"],
    "taken": "all_treatable",
    "votes.0.discipline": "surgery",
    "votes.0.vote": "all_treatable",
    "votes.0.randomise": "yes",
    "votes.1.discipline": "medical_oncology",
    "votes.1.vote": "systemic_alone",
    "votes.1.randomise": "no",
    "dissent.0.discipline": "medical_oncology",
    "dissent.0.text": "Go on with systemic therapy until the next scan.",
    "reasons": "Every lesion can be reached in two sessions.",
    "patients_wish": "Wants the longest time at home.",
    "meeting_date": "2026-11-26",
    "review_date": "2027-02-26",
    "review_trigger": "response",
    "signed_role": "board_member",
    "case_version": "1",
    "sitting": "1",
    "do": "sign",
}


THIRD_VOTE = {"discipline": "radiology", "vote": "resection_ablation", "randomise": "no"}


def _post(client: TestClient, case_id: str, **changes: Any) -> Any:
    return client.post(f"/board/cases/{case_id}/decision", data={**DECIDED, **changes})


def _hidden(page: str) -> dict[str, str]:
    """Names and values of the hidden fields of the form, as a browser sends them."""
    form = page[page.index('class="decision-form"') :]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', form))


def signed_after(
    client: TestClient, case_id: str, conflict: str, *, seen: bool = True, **typed: str
) -> Any:
    """Sign from the page of a conflict, its box ticked or not."""
    box = {"sign_now": "yes"} if seen else {}
    return _post(client, case_id, **_hidden(conflict), **box, **typed)


def test_nothing_is_chosen_beforehand(app: FastAPI, client: TestClient) -> None:
    page = client.get(f"/board/cases/{store(app, 'BC03')}/decision").text
    assert " checked" not in page


def test_a_signed_decision_is_told_everywhere(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC03")
    assert _post(client, case_id).status_code == 303
    told = client.get(f"/board/cases/{case_id}/decision.json").json()["decision"]
    assert told["taken"] == "All treatable lesions"
    assert told["votes"][0] == {
        "discipline": "surgery",
        "vote": "All treatable lesions",
        "count": 1,
        "would_randomise": 1,
        "asked": 1,
    }
    assert told["dissent"][0]["text"] == DECIDED["dissent.0.text"]
    stored = app.state.records.decisions.of_case(case_id)[0]
    # 92 days of 30.4375 a month after month 3.4.
    assert stored.content["review_months"] == pytest.approx(3.4 + 92 / 30.4375, abs=0.01)
    assert stored.review_date == "2027-02-26"
    assert "1 of 2 votes" in client.get(f"/board/cases/{case_id}").text


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"taken": ""}, "taken", "Choose what was decided"),
        ({"reasons": " "}, "reasons", "at least"),
        ({"review_date": "26-02-2027"}, "review_date", "26-02-2027"),
        ({"review_date": "2026-11-01"}, "review_date", "not after the meeting"),
        ({"votes.1.vote": ""}, "votes-1-vote", "Member 2: choose the vote"),
        ({"taken": "other"}, "other_title", "Say in words"),
        ({"dissent.0.discipline": ""}, "dissent-0-discipline", "discipline of who dissents"),
        ({"signed_role": "king"}, "signed_role", "king"),
        ({"votes.0.discipline": "king"}, "votes-0-discipline", "king is none of the choices"),
        ({"votes.0.randomise": "perhaps"}, "votes-0-randomise", "perhaps is none of the choices"),
        ({"dissent.0.discipline": "king"}, "dissent-0-discipline", "king is none of the choices"),
        ({"review_date": "20270226"}, "review_date", "20270226"),
    ],
)
def test_an_error_stands_beside_its_field_and_what_was_typed_is_kept(
    app: FastAPI, client: TestClient, changes: dict[str, str], field: str, message: str
) -> None:
    case_id = store(app, "BC03")
    answer = _post(client, case_id, **changes)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'id="{field}"' in answer.text
    assert message in answer.text
    assert DECIDED["patients_wish"] in answer.text
    assert "<title>Error:" in answer.text
    assert not app.state.records.decisions.of_case(case_id)


def test_words_that_could_identify_are_refused_until_confirmed(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    named = {"reasons": "Seen by Dr Jansen on 3 March 2026."}
    answer = _post(client, case_id, **named)
    assert answer.status_code == 422
    assert "Dr Jansen" in answer.text
    assert 'name="confirm.reasons"' in answer.text
    assert _post(client, case_id, **named, **{"confirm.reasons": "yes"}).status_code == 303


def test_more_rows_keep_what_was_typed(app: FastAPI, client: TestClient) -> None:
    answer = _post(client, store(app, "BC03"), do="more", rows="6")
    assert answer.status_code == 200
    assert 'id="votes-11-vote"' in answer.text
    assert DECIDED["reasons"] in answer.text


def test_an_amendment_is_a_new_version_with_its_reason(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    form = client.get(f"/board/cases/{case_id}/decision?amend=true").text
    assert DECIDED["reasons"] in form
    of_it = {"amended_sitting": "1", "based_on": "1"}
    assert _post(client, case_id, amend_reason="", **of_it).status_code == 422
    changed = {"taken": "systemic_alone", "dissent.0.discipline": "surgery"}
    amended = _post(client, case_id, **changed, amend_reason="New scan.", **of_it)
    assert amended.status_code == 303
    versions = app.state.records.decisions.of_case(case_id)
    assert [(each.version, each.chosen) for each in versions] == [
        (2, "systemic_alone"),
        (1, "all_treatable"),
    ]
    assert versions[0].reason == "New scan."
    again = _post(client, case_id, amend_reason="At the same time.", **of_it)
    assert again.status_code == 409
    assert DECIDED["patients_wish"] in again.text


def test_two_who_sign_at_once_get_both_and_nothing_is_overwritten(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    second = _post(client, case_id, reasons="Another view of the same case.")
    assert second.status_code == 409
    assert "Another view of the same case." in second.text
    assert "1 of 2 votes" in second.text
    assert len(app.state.records.decisions.of_case(case_id)) == 1
    # Sent again as it stands, nothing is stored; nor is anything lost once the box is ticked.
    assert signed_after(client, case_id, second.text, seen=False).status_code == 409
    assert signed_after(client, case_id, second.text).status_code == 303
    stored = app.state.records.decisions.of_case(case_id)
    assert [(each.sitting, each.version) for each in stored] == [(2, 1), (1, 1)]


def test_an_amendment_after_another_one_is_signed_once_that_was_seen(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    of_it = {"amended_sitting": "1", "based_on": "1"}
    assert _post(client, case_id, amend_reason="First.", **of_it).status_code == 303
    second = _post(client, case_id, amend_reason="Second.", **of_it)
    assert second.status_code == 409
    typed = {"amend_reason": "Second."}
    wrong = signed_after(client, case_id, second.text, **typed, reasons="")
    assert wrong.status_code == 422
    # The box stays ticked in what the page sends next.
    assert 'name="based_on" value="2"' in wrong.text
    assert signed_after(client, case_id, second.text, **typed).status_code == 303
    stored = app.state.records.decisions.of_case(case_id)
    assert [each.reason for each in stored] == ["Second.", "First.", ""]


def test_an_amendment_never_changes_the_decision_of_another_sitting(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    form = client.get(f"/board/cases/{case_id}/decision?amend=true").text
    _post(client, case_id, sitting="2", reasons="Of the second sitting.")
    sent = _hidden(form) | {"amend_reason": "A word.", "reasons": "Of the first sitting."}
    assert _post(client, case_id, **sent).status_code == 303
    stored = app.state.records.decisions.of_case(case_id)
    assert [(e.sitting, e.version, e.content["reasons"]) for e in stored] == [
        (2, 1, "Of the second sitting."),
        (1, 2, "Of the first sitting."),
        (1, 1, DECIDED["reasons"]),
    ]
    # Without the sitting it was opened on, an amendment is of nothing.
    astray = _post(client, case_id, amend_reason="A word.", based_on="1", amended_sitting="7")
    assert astray.status_code == 409
    assert len(app.state.records.decisions.of_case(case_id)) == 3


def test_a_case_changed_since_is_shown_before_it_is_decided(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    cases = app.state.records.cases
    cases.save(case_id, cases.read(case_id, by=LOCAL_MEMBER).content, based_on=1, by=LOCAL_MEMBER)
    answer = _post(client, case_id)
    assert answer.status_code == 409
    assert "changed meanwhile to version 2" in answer.text
    assert signed_after(client, case_id, answer.text, seen=False).status_code == 409
    assert signed_after(client, case_id, answer.text).status_code == 303
    stored = app.state.records.decisions.of_case(case_id)
    assert [(each.sitting, each.case_version) for each in stored] == [(1, 2)]


def test_the_sheet_holds_its_eight_items_and_says_what_it_cut(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    _post(client, case_id, reasons="A long reason. " * 120)
    page = client.get(f"/board/cases/{case_id}/print").text
    for number in range(1, 9):
        assert f"<h2>{number} " in page
    assert "(full text in case version 1)" in page
    assert "38 (12 to 73)" in page
    assert "18 more (9 fewer to 51 more)" in page
    assert "the model&#39;s own local treatment, not this patient&#39;s plan" in page
    sheet = client.get(f"/board/cases/{case_id}/print.json").json()["sheet"]
    assert sheet["review"] == "2027-02-26, at the next assessment of response"
    assert len(sheet["decision"]["reasons"]) <= 340


def test_trials_that_take_patients_come_first_with_their_missing_answers(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    sheet = client.get(f"/board/cases/{case_id}/print.json").json()["sheet"]
    assert "2 take patients" in sheet["trials_counted"]
    assert [each.partition(":")[0] for each in sheet["trials"][:3]] == [
        "ERASUR",
        "GUANGDONG",
        "CAIRO4",
    ]
    assert "ERASUR: 4 answers" in sheet["unknown"]
    assert "criteria of trials" not in sheet["unknown"]
    told = client.get(f"/board/cases/{case_id}/futures.json").json()["equipoise"]["open_here"]
    assert told == (
        "Open to this patient: no trial here fits; ERASUR may fit (4 answers missing), "
        "GUANGDONG may fit (1 answer missing)."
    )


def test_a_case_withdrawn_while_its_decision_was_typed_loses_no_word(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.cases.withdraw(case_id, "entered twice", by=LOCAL_MEMBER)
    answer = _post(client, case_id)
    assert answer.status_code == 422
    assert "it was withdrawn" in answer.text
    assert DECIDED["reasons"] in answer.text
    assert app.state.records.decisions.of_case(case_id) == []


def test_an_amendment_keeps_what_the_board_saw(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    cases, decisions = app.state.records.cases, app.state.records.decisions
    later = {**cases.read(case_id, by=LOCAL_MEMBER).content, "board_months": 9.0}
    cases.save(case_id, later, based_on=1, by=LOCAL_MEMBER)
    of_it = {"amended_sitting": "1", "based_on": "1"}
    amended = _post(client, case_id, amend_reason="A word was wrong.", **of_it)
    assert amended.status_code == 303
    new, old = (each.content for each in decisions.of_case(case_id))
    for name in ("case_version", "board_months", "options", "unknown_at_the_time"):
        assert new[name] == old[name]


def test_a_boards_own_words_stay_with_their_case(app: FastAPI, client: TestClient) -> None:
    own = [store(app, name) for name in ("BC03", "BC06")]
    for case_id, words in zip(own, ("Pump for the liver", "Watch the lung"), strict=True):
        signed = _post(client, case_id, taken="other", other_title=words, considered=["other"])
        assert signed.status_code == 303
    page = client.get("/board/decisions.json").json()
    told = {each["case_id"]: each["option_text"] for each in page["rows"]}
    assert told == dict(zip(own, ("Pump for the liver", "Watch the lung"), strict=True))
    shown = client.get("/board/decisions?option=other").text
    assert shown.count("Watch the lung") == 1


def test_the_twin_tells_the_lines_as_the_page_does(app: FastAPI, client: TestClient) -> None:
    case_id = store(app, "BC03")
    told = client.get(f"/board/cases/{case_id}.json").json()
    assert told["settings"]["leans_at"] == 90
    assert told["settings"]["guideline"] == ""
    for part in ("evidence", "trials", "futures"):
        other = client.get(f"/board/cases/{case_id}/{part}.json").json()
        for name in ("in_short", "equipoise", "decision", "settings"):
            assert other[name] == told[name]


def test_the_sheet_holds_what_the_board_saw_whatever_was_computed_since(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    _post(client, case_id)
    cases = app.state.records.cases
    later = cases.read(case_id, by=LOCAL_MEMBER).content
    cases.save(case_id, {**later, "question": "Another one?"}, based_on=1, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    # The next sitting has begun, and has opened nothing yet.
    view = {"do": "note", "view": "treat", "discipline": "surgery"}
    client.post(f"/board/cases/{case_id}/futures", data=view)
    assert "38 (12 to 73)" in client.get(f"/board/cases/{case_id}/print").text
    read = app.state.records.audit.page(case_id=case_id, action="case read").rows
    assert [each["detail"]["version"] for each in read if each["detail"]["part"] == "print"] == [1]


def test_an_amendment_reads_the_version_that_was_decided_on(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    _post(client, case_id)
    cases = app.state.records.cases
    content = cases.read(case_id, by=LOCAL_MEMBER).content
    cases.save(case_id, content, based_on=1, by=LOCAL_MEMBER)
    client.get(f"/board/cases/{case_id}/decision?amend=true")
    _post(client, case_id, amend_reason="", amended_sitting="1", based_on="1")
    read = app.state.records.audit.page(case_id=case_id, action="case read").rows
    versions = [e["detail"]["version"] for e in read if e["detail"]["part"] == "decision"]
    assert versions == [1, 1, 1]


def test_the_sheet_tells_nothing_that_came_after_the_board(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    cases = app.state.records.cases
    content = cases.read(case_id, by=LOCAL_MEMBER).content
    board, tables = content["board_months"], content["tables"]
    for row in tables["treatments"]:
        row["end_months"] = board + 6.0
    later = {"name": "FOLFIRI", "line": 2, "start_months": board + 7.0, "end_months": None}
    tables["treatments"].append({**tables["treatments"][-1], **later})
    seen = {"time_months": board + 5.0, "response": "PD"}
    tables["assessments"].append({**tables["assessments"][-1], **seen})
    cases.save(case_id, content, based_on=1, by=LOCAL_MEMBER)
    sheet = client.get(f"/board/cases/{case_id}/print.json").json()["sheet"]
    said = " ".join(sheet["facts"])
    assert "FOLFIRI" not in said
    assert "PD" not in said
    assert "since month" in said


def test_what_was_said_at_the_table_is_kept_with_the_decision_and_told_everywhere(
    app: FastAPI, client: TestClient
) -> None:
    case_id = store(app, "BC03")
    address = f"/board/cases/{case_id}"
    for discipline, view in (("surgery", "treat"), ("radiology", "randomise")):
        noted = {"do": "note", "view": view, "discipline": discipline}
        assert client.post(f"{address}/futures", data=noted).status_code == 303
    assert "First views of 2: 1 would randomise" in client.get(address).text
    third = {f"votes.2.{name}": value for name, value in THIRD_VOTE.items()}
    assert _post(client, case_id, **third).status_code == 303
    words = (
        "At this table: 1 of 3 would randomise, 1 would treat, 1 would not; before the futures "
        "were opened 1, 1, 0."
    )
    decided = client.get(f"{address}/decision.json").json()["decision"]
    assert decided["at_table"] == words
    assert decided["views"] == {"randomise": 1, "treat": 1, "not_treat": 1, "none_of_these": 0}
    assert decided["first_views"]["treat"] == 1
    assert client.get(f"{address}.json").json()["equipoise"]["at_table"] == words
    assert words in client.get(f"{address}/decision").text
    assert words in client.get(f"{address}/print").text
    stored = app.state.records.decisions.of_case(case_id)[0].content
    assert stored["first_views"]["randomise"] == 1
    # An amendment keeps them; the next sitting has views of its own.
    of_it = {"amended_sitting": "1", "based_on": "1"}
    _post(client, case_id, **third, amend_reason="A word.", **of_it)
    assert client.get(f"{address}/decision.json").json()["decision"]["at_table"] == words
    client.post(f"{address}/futures", data=noted)
    said = client.get(f"{address}.json").json()["equipoise"]["at_table"]
    assert said.startswith("First views of 1: 1 would randomise")
