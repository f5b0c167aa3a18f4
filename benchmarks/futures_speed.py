"""Futures of one patient: drawing the library, reading it, and a case once it is in memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.row import Row, best_seconds
from debulk.board import BoardCase, case_of_rows
from debulk.board.futures import library as room
from debulk.board.futures.front import futures_of
from debulk.board.futures.library import PER_DRAW, draw_library, library_of
from debulk.disease import load_model

ASKED = 16_000
SMALLER = 2_000


def rows() -> list[Row]:
    """Seconds and memory; kernels are compiled before."""
    model = load_model()
    draw_library(model, per_draw=10)
    start = time.perf_counter()
    library = draw_library(model)
    drawing = time.perf_counter() - start
    case = _case()
    found = [
        Row(
            f"library of {len(library):,} virtual patients drawn",
            "debulk",
            drawing,
            "s",
            f"{PER_DRAW:,} of each parameter draw; once for a posterior sample",
        ),
        Row("the same read from its file", "debulk", _reading(), "s"),
        Row("memory of the library", "debulk", library.bytes / 2**20, "MiB"),
    ]
    for patients in (SMALLER, ASKED):
        seconds = best_seconds(
            lambda patients=patients: futures_of(case, library=library, patients=patients)
        )
        what = f"futures of one patient, 2 options, {patients:,} virtual patients drawn"
        found.append(Row(what, "debulk", seconds, "s", "7 metastases in liver and peritoneum"))
    return found


def _reading() -> float:
    with tempfile.TemporaryDirectory() as folder:
        # One that another benchmark left in memory would not be written.
        room.forget()
        library_of(load_model(), folder=Path(folder))
        room.forget()
        start = time.perf_counter()
        library_of(load_model(), folder=Path(folder))
        seconds = time.perf_counter() - start
        room.forget()
    return seconds


def _case() -> BoardCase:
    sizes = {"liver": (30.0, 22.0, 14.0), "peritoneum": (18.0, 12.0, 10.0, 8.0)}
    lesions = [
        {"patient_id": "B1", "lesion_id": f"{organ}{place}", "organ": organ, "diameter_mm": size}
        for organ, each in sizes.items()
        for place, size in enumerate(each)
    ]
    patient = {
        "patient_id": "B1",
        "age_years": 66.0,
        "sex": "female",
        "primary_in_situ": False,
        "synchronous": True,
        "who_ps": 1,
        "lesion_list_complete": True,
    }
    tables = {"patients": [patient], "lesions": lesions}
    return case_of_rows(tables, case_id="B1", board_months=1.2)
