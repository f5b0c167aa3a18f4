"""The twelve invented cases in a store, and a real result of the futures of one of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from debulk.board import case_of_entry
from debulk.board.decisions.decision import Decision, OptionConsidered
from debulk.board.records import LOCAL_MEMBER
from debulk.board.settings import BoardSettings

_FILE = Path(__file__).parents[2] / "reference" / "patients" / "cases.json"
REAL_FUTURES = Path(__file__).with_name("real_futures.json")


@cache
def entries() -> dict[str, dict[str, Any]]:
    """Entries of the file of cases by their names there."""
    return {each["case_id"]: each for each in json.loads(_FILE.read_text("utf-8"))["cases"]}


NAMES = tuple(entries())


def store(app: FastAPI, name: str) -> str:
    """Store a case; returns its random identifier."""
    case = case_of_entry(entries()[name])
    return str(app.state.records.cases.create(case.to_dict(), by=LOCAL_MEMBER).case_id)


def sign(app: FastAPI, case_id: str) -> None:
    """Sign a decision at the first sitting of a case, as a member would who was quicker."""
    option = OptionConsidered("systemic_alone", "Systemic therapy alone")
    decision = Decision(
        case_id=case_id,
        case_version=1,
        board_months=1.0,
        options=(option,),
        taken=option.option,
        reasons="The wish of the patient.",
        signed_role="board_member",
    )
    app.state.records.decisions.sign(
        case_id,
        decision.to_dict() | {"meeting_date": "2026-11-26", "review_date": None},
        chosen=decision.taken,
        case_version=1,
        sitting=1,
        by=LOCAL_MEMBER,
    )


def store_futures(app: FastAPI, case_id: str, result: dict[str, Any] | None = None) -> None:
    """Store a run of the futures as the worker would have, with the kept result."""
    jobs = app.state.records.jobs
    parameters = {"settings": BoardSettings().to_dict()}
    jobs.add("board.futures", parameters, by=LOCAL_MEMBER, case_id=case_id)
    jobs.finish(jobs.claim_next("test").id, result or real_futures())


@cache
def real_futures() -> dict[str, Any]:
    """What the worker computed for case BC03 once; made by `make_real_futures`."""
    return dict(json.loads(REAL_FUTURES.read_text("utf-8")))
