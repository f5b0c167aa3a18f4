"""The form of a case over HTTP: nothing typed is lost, nothing of another person overwritten."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from debulk.board.case import MOST_ROWS
from debulk.board.example_cases import example_cases
from debulk.web.board.case_form.fields import FIELDS, ROWS, SINGLE
from debulk.web.board.case_form.typed import form_items, typed_of_content
from debulk.web.security.bodies import MOST_FIELDS

CASES = {each.case_id: each.to_dict() for each in example_cases()}


def form_of(case_id: str, based_on: str = "0", **changes: str) -> dict[str, str]:
    """What a browser sends for a packaged case; ``__`` in a name stands for a point."""
    items = dict(form_items(typed_of_content(CASES[case_id], int(based_on))))
    changed = {name.replace("__", "."): value for name, value in changes.items()}
    return items | changed | {"action": changed.get("action", "save")}


def saved(client: TestClient, case_id: str = "BC04") -> str:
    """The address of a packaged case that was saved through the form."""
    answer = client.post("/board/cases/new", data=form_of(case_id))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def same_values(content: dict[str, Any], case_id: str) -> bool:
    """Whether a stored case says what a packaged one says, but for its name."""
    name = content["case_id"]
    expected = repr(CASES[case_id]["tables"]).replace(repr(case_id), repr(name))
    return repr(content["tables"]) == expected


def test_a_new_case_is_stored_as_it_was_typed(client: TestClient, app: Any) -> None:
    address = saved(client)
    stored = app.state.records.cases.page().rows[0]
    assert address == f"/board/cases/{stored['id']}"
    assert (stored["organs"], stored["lesions"]) == (2, 7)
    content = client.get(f"{address}/edit.json").json()
    assert content["fields"]["lesions.C3.site"] == "omentum"
    assert content["checks"] == []


def test_several_mistakes_are_told_at_once_and_everything_typed_is_kept(
    client: TestClient,
) -> None:
    sent = form_of(
        "BC04",
        lesions__L1__diameter_mm="2.8",
        lesions__L2__detected_months="-3",
        patients__cea_ug_l='<b>"12',
    )
    answer = client.post("/board/cases/new", data=sent)
    assert answer.status_code == 422
    page = answer.text
    for name in ("lesions-L1-diameter_mm", "lesions-L2-detected_months", "patients-cea_ug_l"):
        assert f'<a href="#{name}">' in page
        assert f'id="{name}"' in page
    assert "<title>Error: " in page
    assert "<b>" not in page
    kept = dict(
        re.findall(r'name="([^"]+)" value="([^"]*)"', re.sub(r' aria-[a-z]+="[^"]*"', "", page))
    )
    for name in ("lesions.L2.site", "patients.age_years", "lesions.C4.diameter_mm"):
        assert html.unescape(kept[name]) == sent[name]
    told = client.post("/board/cases/new", data=sent, headers={"accept": "application/json"})
    assert told.status_code == 422
    assert set(told.json()["errors"]) == {
        "lesions.L1.diameter_mm",
        "lesions.L2.detected_months",
        "patients.cea_ug_l",
    }
    assert client.get("/board.json").json()["total"] == 0


def test_rows_are_added_copied_taken_out_and_put_back_without_scripts(client: TestClient) -> None:
    def fields(**changes: str) -> dict[str, str]:
        answer = client.post(
            "/board/cases/new",
            data=form_of("BC04", **changes),
            headers={"accept": "application/json"},
        )
        assert answer.status_code == 200
        return dict(answer.json()["fields"])

    added = fields(action="add:assessments")
    assert added["assessments.r1.time_months"] == "0.9"
    copied = fields(action="same:lesions")
    assert copied["lesions.C5.organ"] == "peritoneum"
    assert "lesions.C5.diameter_mm" not in copied
    removed = fields(action="remove:lesions:L2")
    assert removed["removed.lesions.L2.site"] == "right S5"
    assert "lesions.L2.site" not in removed
    back = client.post(
        "/board/cases/new",
        data={**removed, "action": "undo:lesions:L2"},
        headers={"accept": "application/json"},
    ).json()["fields"]
    assert back["lesions.L2.site"] == "right S5"


def test_quick_lines_are_shown_before_they_are_taken(client: TestClient) -> None:
    lines = "liver right S6 28 (41) no vessel\nlivr 10\nlung RLL 11 x2"
    sent = {"quick": lines, "action": "quick"}
    answer = client.post("/board/cases/new", data=sent)
    assert "3 lesions were read and are not taken yet" in answer.text
    assert "no organ is named" in answer.text
    assert 'name="lesions.L1.organ"' not in answer.text
    told = client.post("/board/cases/new", data=sent, headers={"accept": "application/json"}).json()
    assert told["fields"]["quick"] == "livr 10"
    taken = client.post(
        "/board/cases/new",
        data={**told["fields"], "action": "take"},
        headers={"accept": "application/json"},
    ).json()["fields"]
    assert taken["lesions.L1.baseline_diameter_mm"] == "41"
    assert taken["lesions.L1.near_vessel"] == "no"
    assert taken["lesions.U2.site"] == "right lower lobe"
    assert taken["quick"] == "livr 10"
    unread = client.post("/board/cases/new", data=form_of("BC04", quick="liver 12"))
    assert unread.status_code == 422
    assert "have not been read" in unread.text


JUDGEMENT = {"panellist": "surgeon", "lesion_id": "L1", "treatable": "yes"}


def judged(count: int) -> dict[str, str]:
    """So many rows of judgements, as a browser sends them."""
    return {
        f"judgements.j{row}.{name}": word
        for row in range(count)
        for name, word in JUDGEMENT.items()
    }


def test_a_large_panel_is_saved_and_too_many_rows_are_told_with_everything_kept(
    client: TestClient,
) -> None:
    answer = client.post("/board/cases/new", data=form_of("BC04") | judged(224))
    assert answer.status_code == 303
    sent = form_of("BC04", patients__age_years="61") | judged(MOST_ROWS + 1)
    told = client.post("/board/cases/new", data=sent, headers={"accept": "application/json"})
    assert told.status_code == 422
    assert told.json()["fields"]["patients.age_years"] == "61"
    assert f"judgements.j{MOST_ROWS}.panellist" in told.json()["fields"]
    page = client.post("/board/cases/new", data=sent).text
    assert f"{MOST_ROWS + 1} rows: a table holds at most {MOST_ROWS}. Take some out." in page
    full = client.post(
        "/board/cases/new", data=judged(MOST_ROWS) | {"action": "add:judgements"}
    ).text
    assert f"{MOST_ROWS + 1} rows: a table holds at most {MOST_ROWS}." in full


def test_a_body_may_have_as_many_fields_as_the_form() -> None:
    single = sum(len(FIELDS[table]) for table in SINGLE)
    full = MOST_ROWS * (1 + sum(len(FIELDS[table]) for table in ROWS))
    assert single + 2 * full < MOST_FIELDS


def test_quick_lines_that_find_no_room_stay_with_a_message(client: TestClient) -> None:
    def told(**sent: str) -> dict[str, Any]:
        accepts = {"accept": "application/json"}
        answer: dict[str, Any] = client.post("/board/cases/new", data=sent, headers=accepts).json()
        return answer

    rows = {f"lesions.L{n}.organ": "liver" for n in range(1, MOST_ROWS - 99)}
    found = told(**rows, preview="liver 10 x90\nlung 9 x20", action="take")
    assert found["fields"]["preview"] == "lung 9 x20"
    assert "these lines find no room" in found["errors"]["preview"]
    assert sum(name.endswith(".organ") for name in found["fields"]) == MOST_ROWS - 10


def test_quick_lines_beyond_what_a_preview_holds_stay_in_the_box(client: TestClient) -> None:
    lines = {"preview": "liver 9\n" * 300, "quick": "lung 9\n" * 300, "action": "quick"}
    accepts = {"accept": "application/json"}
    found = client.post("/board/cases/new", data=lines, headers=accepts).json()
    assert found["fields"]["quick"].count("lung") == 300
    assert found["fields"]["preview"].count("liver") == 300
    assert found["errors"]["quick"].startswith("more than 500 lines")


def test_what_does_not_fit_is_saved_and_shown_until_it_is_kept(client: TestClient) -> None:
    sent = form_of("BC04", patients__adjuvant_end_months="4")
    answer = client.post("/board/cases/new", data=sent)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/edit")
    (check,) = client.get(f"{answer.headers['location']}.json").json()["checks"]
    kept = client.post(
        answer.headers["location"], data=sent | {"based_on": "1", "keep": check["mark"]}
    )
    assert not kept.headers["location"].endswith("/edit")
    (check,) = client.get(f"{answer.headers['location']}.json").json()["checks"]
    assert check["kept"] is True


def test_two_people_get_both_versions_and_nothing_is_overwritten(client: TestClient) -> None:
    address = saved(client)
    first = client.post(f"{address}/edit", data=form_of("BC04", "1", patients__asa="3"))
    assert first.status_code == 303
    mine = form_of(
        "BC04", "1", patients__asa="4", patients__who_ps="2", lesions__L2__site="right S7"
    )
    second = client.post(f"{address}/edit", data=mine, headers={"accept": "application/json"})
    assert second.status_code == 409
    told = {each["path"]: each for each in second.json()["differences"]}
    assert set(told) == {"patients.asa", "patients.who_ps", "lesions.L2.site"}
    assert (told["patients.asa"]["yours"], told["patients.asa"]["theirs"]) == ("4", "3")
    assert told["patients.asa"]["chosen"] is None
    assert told["patients.who_ps"]["chosen"] == "yours"
    assert client.get(f"{address}/edit.json").json()["fields"]["patients.asa"] == "3"
    merge = mine | {"action": "merge", "theirs": "2", "choose.patients.asa": "theirs"}
    assert client.post(f"{address}/edit", data=merge).status_code == 409
    merge |= {"choose.patients.who_ps": "yours", "choose.lesions.L2.site": "yours"}
    assert client.post(f"{address}/edit", data=merge).status_code == 303
    now = client.get(f"{address}/edit.json").json()
    assert now["version"] == 3
    assert now["fields"]["patients.asa"] == "3"
    assert now["fields"]["patients.who_ps"] == "2"
    assert now["fields"]["lesions.L2.site"] == "right S7"


def test_the_opening_of_a_form_is_logged_once_and_what_another_saved_when_it_is_shown(
    client: TestClient, app: Any
) -> None:
    address = saved(client)
    case_id = address.rpartition("/")[2]

    def reads() -> int:
        return int(app.state.records.audit.page(case_id=case_id, action="case read").total)

    before = reads()
    client.get(f"{address}/edit")
    assert reads() == before + 1
    for action in ("add:lesions", "same:lesions", "remove:lesions:L1"):
        sent = form_of("BC04", "1") | {"action": action}
        assert client.post(f"{address}/edit", data=sent).status_code == 200
    assert reads() == before + 1
    client.post(f"{address}/edit", data=form_of("BC04", "1", patients__asa="3"))
    theirs = client.post(f"{address}/edit", data=form_of("BC04", "1", patients__asa="4"))
    assert (theirs.status_code, reads()) == (409, before + 2)


def test_a_case_withdrawn_meanwhile_keeps_what_was_typed(client: TestClient, app: Any) -> None:
    from debulk.board.records import LOCAL_MEMBER

    address = saved(client)
    app.state.records.cases.withdraw(address.rpartition("/")[2], "entered twice", by=LOCAL_MEMBER)
    sent = form_of("BC04", "1", patients__asa="3")
    answer = client.post(f"{address}/edit", data=sent, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "withdrawn" in answer.json()["errors"]["case"]
    assert answer.json()["fields"]["patients.asa"] == "3"


def test_saving_without_a_change_makes_no_version(client: TestClient) -> None:
    address = saved(client)
    assert client.post(f"{address}/edit", data=form_of("BC04", "1")).status_code == 303
    assert client.get(f"{address}/edit.json").json()["version"] == 1


def test_every_control_has_a_label_and_no_control_asks_for_a_name(client: TestClient) -> None:
    page = client.get("/board/cases/new").text
    body = page[page.index("<form method") : page.index("<template>")]
    controls = re.findall(
        r'<(?:input type="text"|select|textarea) id="([^"]+)" name="([^"]+)"([^>]*)', body
    )
    labels = set(re.findall(r'<label for="([^"]+)"', page))
    for control, _, rest in controls:
        assert control in labels or "aria-label=" in rest, control
    assert not [
        name for _, name, _ in controls if re.search(r"birth|initial|hospital|address", name)
    ]
    assert "style=" not in page
    assert not re.search(r"\son[a-z]+=", page)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/board/cases/new", {"action": "remove:lesions:\x00"}),
        ("/board/cases/new", {"action": "undo:nothing:x", "lesions.L1.diameter_mm": "9" * 500}),
        ("/board/cases/new", {"action": "merge"}),
        ("/board/cases/new", {"patients.age_years": "1e5", "based_on": "-1"}),
        ("/board/cases/new", {"answers." + "x," * 2000: "yes"}),
        ("/board/cases/AAAA-AA/edit", {"action": "save"}),
        ("/board/cases/'; drop table cases/edit", {"action": "save"}),
    ],
)
def test_hostile_posts_are_answered_in_words(
    client: TestClient, path: str, sent: dict[str, str]
) -> None:
    assert client.post(path, data=sent).status_code in (200, 404, 422)


def test_only_board_members_enter_and_edit(
    signed_in: Callable[..., TestClient],
) -> None:
    for role in ("viewer", "administrator"):
        visitor = signed_in(role)
        assert visitor.get("/board/cases/new").status_code == 403
        assert visitor.post("/board/cases/new", data=form_of("BC04")).status_code == 403
        assert visitor.get("/board/import").status_code == 403
    assert signed_in("board member").get("/board/cases/new").status_code == 200


def test_the_answers_that_matter_are_links_to_their_fields(client: TestClient) -> None:
    address = saved(client, "BC11")
    found = client.get(f"{address}/missing.json").json()
    assert found["missing"]
    form = client.get(f"{address}/edit").text
    ids = set(re.findall(r'id="([^"]+)"', form))
    for each in found["missing"]:
        assert each["field"].replace(".", "-").replace("/", "-") in ids, each["field"]


def test_questions_of_trials_that_may_still_fit_are_shown_and_the_others_folded(
    client: TestClient,
) -> None:
    def shown(page: str) -> tuple[str, str]:
        section = page.partition('<section id="answers"')[2].partition("</section>")[0]
        before, _, after = section.partition("<details")
        return before, after

    before, after = shown(client.get("/board/cases/new").text)
    assert "answers.orchestra" not in before
    assert "answers.orchestra" in after
    assert "patients.consent_months" in after
    # BC03 fits ORCHESTRA but for answers that are missing; BC04 fits no trial.
    before, after = shown(client.get(f"{saved(client, 'BC03')}/edit").text)
    assert "answers.orchestra" in before
    assert "patients.consent_months" in before
    before, after = shown(client.get(f"{saved(client)}/edit").text)
    assert "answers.orchestra" in after
    assert "patients.registered_months" in after


def test_far_too_many_rows_are_refused_before_they_are_read(client: TestClient) -> None:
    rows = {f"lesions.k{n}.organ": "liver" for n in range(2 * MOST_ROWS + 1)}
    answer = client.post("/board/cases/new", data=rows, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "fields" not in answer.json()
