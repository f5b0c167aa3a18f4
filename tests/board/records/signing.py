"""A process that signs decisions until it is killed, life after life.

Each line on standard input begins a life: a fork, so that importing is paid once. It prints its
process id, then the sitting of each decision that was acknowledged; ``ended`` follows its death.
"""

from __future__ import annotations

import os
import sys

from debulk.board.records import LOCAL_MEMBER, open_records


def say(line: str) -> None:
    # One call of the system, so that a killed process has said a line whole or not at all.
    os.write(1, f"{line}\n".encode())


def sign_until_killed(place: str, case_id: str) -> None:
    records = open_records(place)
    say(f"pid {os.getpid()}")
    sitting = records.votes.tally(case_id)["sitting"]
    while True:
        sign = {"chosen": "treat", "case_version": 1, "by": LOCAL_MEMBER}
        records.decisions.sign(
            case_id, {"case_id": case_id, "sitting": sitting}, sitting=sitting, **sign
        )
        say(str(sitting))
        sitting += 1


def main(place: str, case_id: str) -> None:
    # What a first use would import.
    open_records(place).close()
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            sign_until_killed(place, case_id)
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    main(*sys.argv[1:])
