"""The run that simulates the futures of a case, in the background worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.board.case import case_of_entry
from debulk.board.example_cases import example_cases
from debulk.board.futures.front import futures_of
from debulk.board.settings import BoardSettings
from debulk.core.strings import text
from debulk.web.jobs.kinds import Progress


def run_futures(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Simulate the futures of the stored case that the run names.

    Parameters
    ----------
    parameters : mapping
        ``case``, its stored content, and ``settings``, the department's lines.
    progress : callable

    Returns
    -------
    dict
        As `Futures.to_dict`, with ``equipoise``; or why not enough is known.
    """
    looking = text("meeting.futures.looking")
    progress(0.0, looking)
    found = futures_of(
        case_of_entry(parameters["case"]),
        settings=BoardSettings(**parameters["settings"]),
        progress=lambda share: progress(share, looking),
    )
    said = found.to_dict()
    if said["state"] == "shown":
        said["equipoise"] = found.equipoise.to_dict()
    return said


def make_ready() -> None:
    """Have the library of virtual patients in memory and the kernels compiled: an invented case."""
    futures_of(example_cases()[0])
