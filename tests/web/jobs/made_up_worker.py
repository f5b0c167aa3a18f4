"""A worker with made-up runs, for tests of the true process."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from debulk.web.jobs import kinds, worker


def steps(parameters: dict[str, Any], progress: kinds.Progress) -> dict[str, Any]:
    """Go step by step; a file that is named stops the run until it is there.

    With the number of a step behind its name it lets that step alone go on.
    """
    count, gate = int(parameters["steps"]), parameters.get("gate", __file__)
    for step in range(count):
        progress(step / count, f"step {step + 1} of {count}")
        while not any(Path(f"{gate}{each}").exists() for each in ("", f".{step + 1}")):
            time.sleep(0.02)
            progress(step / count, f"step {step + 1} of {count}")
        time.sleep(float(parameters.get("seconds", 0.0)))
    return {"steps": count}


def stubborn(parameters: dict[str, Any], progress: kinds.Progress) -> dict[str, Any]:
    """Never ask whether to stop."""
    Path(parameters["began"]).touch()
    time.sleep(60)
    return {}


def dies(parameters: dict[str, Any], progress: kinds.Progress) -> dict[str, Any]:
    """Take the process down."""
    os._exit(9)


def wrong(parameters: dict[str, Any], progress: kinds.Progress) -> dict[str, Any]:
    """Break as a defect does."""
    print("age 59, rectum")
    raise RuntimeError("age 59, rectum")


KINDS = ("steps", "stubborn", "dies", "wrong")

if __name__ == "__main__":
    sys.modules["made_up_worker"] = sys.modules["__main__"]
    kinds.KINDS.update({name: f"made_up_worker:{name}" for name in KINDS})
    kinds.READY = ()
    worker.PULSE_SECONDS = 0.05
    worker.SILENT_SECONDS = 0.5
    worker._LOOKS_SECONDS = 0.1
    worker.main()
