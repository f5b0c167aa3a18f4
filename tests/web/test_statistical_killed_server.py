"""No decision whose answer reached a browser is lost when its server is killed."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.web.board.board_cases import entries

from debulk.board import case_of_entry
from debulk.board.records import LOCAL_MEMBER, open_records
from debulk.web.security.cookies import VISIT, token_of

LIVES, CLIENTS = 10, 2
MOST_ANSWERS, LATER_SECONDS = 6, 0.02
"""A life ends at a random moment after up to so many answers."""
PATIENCE_SECONDS = 60.0
HEADERS = {
    "Cookie": f"{VISIT}=word",
    "X-CSRF-Token": token_of("word"),
    "Content-Type": "application/x-www-form-urlencoded",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]


class Client(threading.Thread):
    """A browser that signs one sitting of its case after another until its server is gone."""

    def __init__(self, port: int, case_id: str, sitting: int, answered: threading.Semaphore):
        super().__init__(daemon=True)
        self.case_id, self.sitting, self.signed = case_id, sitting, list[int]()
        self.statuses: set[int] = set()
        self._port, self._answered = port, answered

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        try:
            while True:
                form = urlencode(decided(self.sitting))
                address = f"/board/cases/{self.case_id}/decision"
                connection.request("POST", address, form, HEADERS)
                answer = connection.getresponse()
                answer.read()
                self.statuses.add(answer.status)
                self.signed.append(self.sitting)
                self.sitting += 1
                self._answered.release()
        except (OSError, http.client.HTTPException):
            return


def decided(sitting: int) -> dict[str, str]:
    """The form of a decision."""
    return {
        "considered": "all_treatable",
        "taken": "all_treatable",
        "reasons": f"Sitting {sitting}.",
        "meeting_date": "2026-11-26",
        "signed_role": "board_member",
        "case_version": "1",
        "sitting": str(sitting),
        "do": "sign",
    }


def one_life(
    process: subprocess.Popen[str], sittings: dict[str, int], chance: random.Random
) -> Sequence[Client]:
    """Begin a life, kill it at a random moment, and return its clients."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    child, port = map(int, process.stdout.readline().split())
    answered = threading.Semaphore(0)
    clients = [Client(port, case_id, sitting, answered) for case_id, sitting in sittings.items()]
    for each in clients:
        each.start()
    try:
        for _ in range(chance.randint(0, MOST_ANSWERS)):
            assert answered.acquire(timeout=PATIENCE_SECONDS)
        time.sleep(chance.uniform(0.0, LATER_SECONDS))
    finally:
        os.kill(child, signal.SIGKILL)
    assert process.stdout.readline() == "ended\n"
    for each in clients:
        each.join(PATIENCE_SECONDS)
    return clients


def test_a_server_killed_ten_times_loses_no_decision_it_answered(
    tmp_path: Path, empty_records: Path
) -> None:
    place, chance = tmp_path / "records.sqlite", random.Random(7001)
    shutil.copy(empty_records, place)
    content = case_of_entry(entries()["BC03"]).to_dict()
    with open_records(place) as records:
        cases = [records.cases.create(content, by=LOCAL_MEMBER).case_id for _ in range(CLIENTS)]
        lives = []
        command = [sys.executable, str(Path(__file__).with_name("serving_lives.py")), str(place)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **pipes) as process:
            for _ in range(LIVES):
                sittings = {each: records.votes.tally(each)["sitting"] for each in cases}
                lives += one_life(process, sittings, chance)
            process.stdin.close()
        acknowledged = {(each.case_id, sitting) for each in lives for sitting in each.signed}
        decisions = [row for each in cases for row in records.decisions.of_case(each)]
        stored = {(each.case_id, each.sitting) for each in decisions}
        assert {status for each in lives for status in each.statuses} == {303}
        assert len(acknowledged) > LIVES
        assert acknowledged <= stored
        assert all(each.content["reasons"] == f"Sitting {each.sitting}." for each in decisions)
        # At most one decision a client and life was on disk and not yet answered.
        assert len(stored) - len(acknowledged) <= LIVES * CLIENTS
        assert records.audit.page(action="decision signed").total == len(stored)
        assert records.audit.verify().sound
