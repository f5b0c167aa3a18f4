"""The retrodiction and the locked predictions that come with the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from debulk.trials.retrodiction.locking import LockedTrial, verify_predictions


@cache
def packaged_retrodiction() -> dict[str, Any]:
    """What `debulk retrodict --json` printed for the frozen model, every trial that reported."""
    file = files("debulk.data") / "retrodiction" / "result.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


@cache
def packaged_predictions() -> tuple[LockedTrial, ...]:
    """Locked predictions with what has been published since.

    Raises
    ------
    InputError
        If a file is not as it was locked.
    """
    with as_file(files("debulk.data") / "retrodiction" / "locked") as folder:
        return tuple(verify_predictions(folder))
