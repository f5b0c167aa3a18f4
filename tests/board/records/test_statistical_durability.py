"""No decision that was acknowledged is lost when its process is killed, whenever that is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from debulk.board.records import LOCAL_MEMBER

LIVES = {"sqlite": 100, "postgresql": 25}
"""PostgreSQL's server outlives the process that is killed; what is tested there is the commit."""
MOST_ANSWERS, LATER_SECONDS = 4, 0.02
"""A life ends at a random moment after up to so many acknowledged decisions: however slow the
machine, lives end in the first decision, in later ones, and between two."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]


def one_life(process: subprocess.Popen[str], chance: random.Random) -> list[int]:
    """Begin a life, kill it at a random moment, and return what it had acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    child = int(process.stdout.readline().removeprefix("pid "))
    acknowledged = [process.stdout.readline() for _ in range(chance.randint(0, MOST_ANSWERS))]
    time.sleep(chance.uniform(0.0, LATER_SECONDS))
    os.kill(child, signal.SIGKILL)
    acknowledged += iter(process.stdout.readline, "ended\n")
    return [int(line) for line in acknowledged]


def test_killed_a_hundred_times_nothing_acknowledged_is_lost(records, case, place):
    count = LIVES["postgresql" if "://" in place else "sqlite"]
    chance = random.Random(7000)
    command = [sys.executable, str(Path(__file__).with_name("signing.py")), place, case.case_id]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        lives = [one_life(process, chance) for _ in range(count)]
        process.stdin.close()
    acknowledged = [sitting for life in lives for sitting in life]
    stored = {each.sitting: each for each in records.decisions.of_case(case.case_id)}
    assert len(acknowledged) > count
    assert set(acknowledged) <= set(stored)
    assert all(each.content["sitting"] == sitting for sitting, each in stored.items())
    # At most one decision a life was on disk and not yet acknowledged.
    assert len(stored) - len(acknowledged) <= count
    assert records.audit.page(action="decision signed").total == len(stored)
    assert records.audit.verify().sound
    records.cases.save(case.case_id, case.content, based_on=1, by=LOCAL_MEMBER)
