"""A thousand cases with two decisions each become a registry: once looked at, the same bytes."""

from __future__ import annotations

import io
import itertools
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient
from tests.web.board.board_cases import NAMES, entries

from debulk.board import case_of_entry
from debulk.board.decisions.decision import Decision, OptionConsidered, Vote
from debulk.board.records import LOCAL_MEMBER, Listed
from debulk.board.records.decisions import SignedDecision
from debulk.board.records.tables import CASES, DECISIONS
from debulk.patients import Cohort, read_cohort

PATIENTS, SITTINGS = 1_000, 2


def _fill(app: FastAPI) -> None:
    """Store cases and decisions as signing would, in one transaction each."""
    records = app.state.records
    ready = {name: case_of_entry(entries()[name]).to_dict() for name in NAMES}
    chosen = itertools.islice(itertools.cycle(ready.values()), PATIENTS)
    stored = records.cases.create_all([(each, Listed()) for each in chosen], by=LOCAL_MEMBER)
    signed = [
        _signed(case.case_id, case.content["board_months"], sitting)
        for case in stored
        for sitting in range(1, SITTINGS + 1)
    ]
    with records.decisions._database.writing() as connection:
        connection.execute(DECISIONS.insert(), [asdict(each) for each in signed])
        connection.execute(update(CASES).values(status="decided"))


def _signed(case_id: str, board_months: float, sitting: int) -> SignedDecision:
    decision = Decision(
        case_id=case_id,
        case_version=1,
        board_months=board_months,
        options=(OptionConsidered("systemic_alone", "Systemic therapy alone"),),
        taken="systemic_alone",
        votes=(Vote("surgery", "systemic_alone"),) * 6,
        reasons="As said at the table. " * 10,
        signed_role="chair",
    )
    return SignedDecision(
        case_id=case_id,
        sitting=sitting,
        version=1,
        case_version=1,
        chosen=decision.taken,
        content=decision.to_dict(),
        signed_by="local",
        role="board member",
        # All at once, so that their order rests on nothing but their numbers.
        signed_at="2026-11-26T09:00:00.000000Z",
        reason="",
        review_date=None,
    )


def test_a_thousand_cases_are_looked_at_together_and_give_the_same_bytes(
    app: FastAPI, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(app)
    looks: list[int] = []
    look = Cohort.from_tables

    def counted(tables: Any, **more: Any) -> Cohort:
        looks.append(len(tables["patients"]))
        return look(tables, **more)

    monkeypatch.setattr(Cohort, "from_tables", counted)
    first, again = (client.post("/board/decisions").content for _ in range(2))
    # Each look at a case by itself takes as long as one at all of them.
    assert looks == [PATIENTS, PATIENTS]
    assert first == again
    zipfile.ZipFile(io.BytesIO(first)).extractall(tmp_path / "registry")
    assert len(read_cohort(tmp_path / "registry")) == PATIENTS
