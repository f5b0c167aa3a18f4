"""What became of a decided case: errors beside fields, treatments since, put right, exported."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.web.board.board_cases import store
from typer.testing import CliRunner

from debulk.board.case import case_of_rows
from debulk.board.decisions.decision import Decision, OptionConsidered
from debulk.board.records import LOCAL_MEMBER
from debulk.cli.app import app as cli

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "board-decisions.md"

BOARD_MONTHS = 3.4
"""When the board meets in BC03."""

ALIVE = {"as_decided": "yes", "last_months": "20", "dead": "no"}


def sign(app: FastAPI, case_id: str, *, board_months: float = BOARD_MONTHS) -> None:
    """Sign the least that stands as a decision."""
    decision = Decision(
        case_id=case_id,
        case_version=1,
        board_months=board_months,
        options=(OptionConsidered("systemic_alone", "Systemic therapy alone"),),
        taken="systemic_alone",
        reasons="As said at the table.",
        signed_role="chair",
    )
    how = {"chosen": decision.taken, "case_version": 1, "sitting": 1, "by": LOCAL_MEMBER}
    app.state.records.decisions.sign(case_id, decision.to_dict(), **how)


@pytest.fixture
def decided(app: FastAPI) -> str:
    """Case BC03, decided."""
    case_id = store(app, "BC03")
    sign(app, case_id)
    return case_id


def test_progression_before_the_board_is_refused_beside_its_field(
    client: TestClient, decided: str
) -> None:
    answer = client.post(f"/board/decisions/{decided}", data={**ALIVE, "progression_months": "0.5"})
    assert answer.status_code == 422
    assert 'id="progression_months-error"' in answer.text
    assert "Month 0.5 is before the board met (month 3.4)." in answer.text


def test_a_withdrawn_case_takes_no_outcome_and_loses_no_word(
    app: FastAPI, client: TestClient, decided: str
) -> None:
    app.state.records.cases.withdraw(decided, "entered twice", by=LOCAL_MEMBER)
    answer = client.post(f"/board/decisions/{decided}", data={**ALIVE, "last_months": "21.5"})
    assert answer.status_code == 422
    assert "it was withdrawn" in answer.text
    assert 'value="21.5"' in answer.text
    assert app.state.records.reviews.of_case(decided) == []


RESECTED = {
    "treatments.0.treatment": "local/liver_resection",
    "treatments.0.start_months": "5,5",
    "treatments.0.lesion_ids": "L1 L2",
    "treatments.0.completeness": "complete",
}
SECOND_LINE = {
    "treatments.1.treatment": "systemic/folfiri_bevacizumab",
    "treatments.1.line": "2",
    "treatments.1.start_months": "9",
    "treatments.1.end_months": "13",
}
SCAN = {"assessments.0.time_months": "9", "assessments.0.response": "PD"}


def test_treatments_since_are_stored_shown_and_put_right(
    app: FastAPI, client: TestClient, decided: str
) -> None:
    address = f"/board/decisions/{decided}"
    first = {**ALIVE, **RESECTED, **SECOND_LINE, **SCAN, "based_on": "0"}
    assert client.post(address, data=first).status_code == 303
    page = client.get(address).text
    assert "Local: Liver resection, Start: 5.5, Lesions: L1 L2, Complete: complete" in page
    assert 'value="systemic/folfiri_bevacizumab" selected' in page
    assert 'value="5.5"' in page
    # A row that is emptied is gone; the record before stays in the list.
    emptied = dict.fromkeys(SECOND_LINE, "")
    assert client.post(address, data={**first, **emptied, "based_on": "1"}).status_code == 303
    newest, oldest = client.get(f"{address}.json").json()["reviews"]
    assert [each["name"] for each in oldest["treatments"]] == [
        "liver_resection",
        "folfiri_bevacizumab",
    ]
    assert newest["treatments"] == [
        {
            "kind": "local",
            "name": "liver_resection",
            "start_months": 5.5,
            "lesion_ids": ["L1", "L2"],
            "completeness": "complete",
        }
    ]
    assert newest["assessments"] == [{"time_months": 9.0, "response": "PD"}]


def test_another_record_is_not_replaced_unseen(client: TestClient, decided: str) -> None:
    address = f"/board/decisions/{decided}"
    assert client.post(address, data={**ALIVE, **RESECTED, "based_on": "0"}).status_code == 303
    second = client.post(address, data={**ALIVE, "last_months": "25", "based_on": "0"})
    assert second.status_code == 422
    assert "another recorded its outcome meanwhile" in second.text
    assert 'value="25"' in second.text
    assert "Local: Liver resection" in second.text
    assert len(client.get(f"{address}.json").json()["reviews"]) == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"treatments.0.start_months": "3"}, "start_months", "before the board met (month 3.4)"),
        ({"treatments.0.start_months": "21"}, "start_months", "after the last month known, or"),
        ({"treatments.0.start_months": ""}, "start_months", "is needed in a row that has begun"),
        ({"treatments.0.end_months": "5"}, "end_months", "Ends (5) before it starts (5.5)"),
        ({"treatments.0.end_months": "30"}, "end_months", "after the last month known"),
        ({"treatments.0.lesion_ids": "L1 Q9"}, "lesion_ids", "Q9 is not in the lesion table"),
        ({"treatments.0.treatment": "local/magic"}, "treatment", "Choose one"),
        ({"treatments.0.treatment": ""}, "treatment", "Choose one"),
        ({"treatments.0.treatment": "systemic/folfox"}, "line", "Line is needed"),
        ({"treatments.0.line": "1.5"}, "line", "whole number"),
    ],
)
def test_a_wrong_treatment_is_refused_beside_its_field(
    app: FastAPI,
    client: TestClient,
    decided: str,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    answer = client.post(f"/board/decisions/{decided}", data={**ALIVE, **RESECTED, **changes})
    assert answer.status_code == 422
    assert f'id="treatments-0-{field}-error"' in answer.text
    assert message in answer.text
    assert app.state.records.reviews.of_case(decided) == []


def test_more_rows_keep_what_was_typed(client: TestClient, decided: str) -> None:
    answer = client.post(f"/board/decisions/{decided}", data={**ALIVE, **RESECTED, "do": "more"})
    assert answer.status_code == 200
    assert 'id="treatments-4-treatment"' in answer.text
    assert 'value="5,5"' in answer.text


def test_a_record_of_an_older_version_is_shown_and_gone_on_with(
    app: FastAPI, client: TestClient, decided: str
) -> None:
    old = {"last_months": 8.0, "dead": False, "progression_months": 6.0, "cause": None}
    app.state.records.reviews.add(decided, 1, as_decided="yes", content=old, by=LOCAL_MEMBER)
    page = client.get(f"/board/decisions/{decided}").text
    assert "alive at month 8. Progression in month 6." in page
    assert 'value="6"' in page


def _registered(app: FastAPI, client: TestClient, number: int) -> None:
    """An invented patient of two organs, decided, and followed on the page; half are treated."""
    case_id = _invented(app, number)
    sign(app, case_id, board_months=4.0)
    last = 10 + 7 * number % 41
    told = {"as_decided": "yes", "last_months": f"{last}", "dead": "yes" if number % 4 else "no"}
    if number % 2:
        told |= {
            "treatments.0.treatment": "local/mwa",
            "treatments.0.start_months": f"{4.3 + number // 2 % 3}",
            "treatments.0.lesion_ids": "L1 L2 U1",
            "treatments.0.completeness": "complete",
        }
    else:
        told |= {"progression_months": f"{last - 1}"}
    assert client.post(f"/board/decisions/{case_id}", data=told).status_code == 303


def _invented(app: FastAPI, number: int) -> str:
    lesions = [
        {"lesion_id": "L1", "organ": "liver", "diameter_mm": 20.0 + number % 9},
        {"lesion_id": "L2", "organ": "liver", "diameter_mm": 14.0},
        {"lesion_id": "U1", "organ": "lung", "diameter_mm": 9.0},
        {"lesion_id": "U2", "organ": "lung", "diameter_mm": 8.0},
    ]
    case = case_of_rows(
        {
            "patients": [
                {
                    "patient_id": "P",
                    "age_years": 45.0 + 11 * number % 35,
                    "who_ps": number // 2 % 2,
                    "lesion_list_complete": True,
                    "crc_confirmed": True,
                    "adjuvant": "none",
                    "cea_ug_l": 5.0 + 13 * number % 90,
                }
            ],
            "lesions": [{"patient_id": "P", "detected_months": 0.0, **each} for each in lesions],
            "treatments": [
                {"patient_id": "P", "kind": "systemic", "name": "FOLFOX", "line": 1}
                | {"start_months": 0.5}
            ],
            "assessments": [{"patient_id": "P", "time_months": 3.0, "response": "PR"}],
        },
        case_id="P",
        board_months=4.0,
    )
    return str(app.state.records.cases.create(case.to_dict(), by=LOCAL_MEMBER).case_id)


def _documented() -> list[list[str]]:
    """The command lines that the page of reference gives."""
    return [line.split() for line in re.findall(r"^debulk (emulate .+)$", PAGE.read_text(), re.M)]


def test_forty_decisions_become_a_registry_that_emulation_answers_from(
    app: FastAPI, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        _registered(app, client, number)
    answer = client.post("/board/decisions")
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "registry")
    monkeypatch.chdir(tmp_path)
    checks, run = (CliRunner().invoke(cli, [*each, "--json"]) for each in _documented())
    assert checks.exit_code == 0, checks.output
    told = json.loads(checks.stdout)
    assert told["flow"][-1]["patients"] == 40
    assert "fail" not in {each["state"] for each in told["items"]}
    assert "20 of 40 patients had local treatment" in checks.stdout
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)["effect"]["hazard_ratio"]
    assert found["lower"] < found["estimate"] < found["upper"] < 1.0
