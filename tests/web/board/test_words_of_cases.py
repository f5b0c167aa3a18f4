"""What must never stand on a page of a case, looked for on every page of all twelve."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.web.board.board_cases import NAMES, entries, store, store_futures

from debulk.board.records import LOCAL_MEMBER

PARTS = ("", "/trials", "/evidence", "/futures", "/decision", "/print", "/history")

_FORBIDDEN = re.compile(
    r"\b(?:significan\w*|should|best|recommend\w*|superior\w*|optimal\w*|p\s*[=<]\s*0?\.\d+)\b",
    re.I,
)


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("name", NAMES)
def test_no_page_recommends_ranks_or_tells_who_the_patient_is(
    app: FastAPI, client: TestClient, name: str
) -> None:
    case_id = store(app, name)
    app.state.records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    typed = entries()[name]["question"]
    for part in PARTS:
        answer = client.get(f"/board/cases/{case_id}{part}")
        assert answer.status_code == 200, part
        words = _words(answer.text)
        assert not _FORBIDDEN.findall(words.replace(typed, "")), part
        assert "Research use, not a medical device" in words
        title = re.search(r"<title>(.*?)</title>", answer.text, re.S)
        assert title is not None
        assert re.fullmatch(rf"[A-Za-z ,:]*{case_id}[ ·a-z]*", " ".join(title[1].split())), part
        addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', answer.text))
        assert name not in addresses
        assert typed[:20] not in addresses
        assert answer.headers["cache-control"] == "no-store"
        assert 'hx-history="false"' in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_the_page_tells_what_the_definitions_say_and_no_more(
    app: FastAPI, client: TestClient, name: str
) -> None:
    expected = entries()[name]["expect"]
    case_id = store(app, name)
    told = client.get(f"/board/cases/{case_id}.json").json()
    for moment, wanted in (("now", expected["now"]), ("at_entry", expected["at_entry"])):
        assert told[moment]["lesions"] == wanted["n_lesions"]
        assert told[moment]["organs_involved"] == wanted["n_organs"]
        assert told[moment]["extent_k2"] == wanted["extent_k2"]
        assert told[moment]["extent_k4"] == wanted["extent_k4"]
    for trial in told["trials"]:
        assert trial["fit"] != "fits" or not trial["unknown"]
    if not any(trial["fit"] == "fits" for trial in told["trials"]):
        words = _words(client.get(f"/board/cases/{case_id}/trials").text).lower()
        assert "meets all criteria" not in words
        assert "eligible" not in words
