"""The kinds of long runs: each a function of its parameters that tells how far it is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from debulk.core.errors import InputError, nearest

Progress = Callable[[float, str], None]
"""Called with the share done and a sentence; raises `Cancelled` where the run is to stop."""

KINDS: dict[str, str] = {
    "board.futures": "debulk.web.board.futures_run:run_futures",
    "disease.mechanisms": "debulk.web.disease.continuum_page:run",
    "laboratory.run": "debulk.web.trust.laboratory_page:run",
    "trials.run_protocol": "debulk.web.trials.simulated:run_protocol",
    "trials.simulate_design": "debulk.web.trials.simulated:simulate_design",
}
"""Kind to ``module:function``; the function takes (parameters, progress) and returns plain values.
A case's run finds the stored content of the case in ``parameters["case"]``."""

READY = ("debulk.web.board.futures_run:make_ready",)
"""Functions that a worker calls while nothing waits, so that the first run is as quick as the next.
"""


class Cancelled(Exception):
    """Somebody asked for the run to stop."""


def run_kind(kind: str, parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Run one job in this process.

    Raises
    ------
    InputError
        If the kind is unknown, or the parameters are refused.
    Cancelled
        If it was cancelled while it ran.
    """
    if kind not in KINDS:
        raise InputError("job", f"no kind {kind!r}", nearest(kind, KINDS))
    return dict(_function(KINDS[kind])(parameters, progress))


def make_ready() -> None:
    """Load, compile and draw what the runs need."""
    for each in READY:
        _function(each)()


def _function(name: str) -> Callable[..., Any]:
    module, function = name.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
