"""MSK-CHORD read into a cohort; needs DEBULK_DATA, as no patient is part of the project."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.row import Row, best_seconds
from debulk.patients import read_cbioportal


def rows() -> list[Row]:
    """Seconds from the study's folder to a checked cohort."""
    data = os.environ.get("DEBULK_DATA")
    if not data:
        return []
    folder = Path(data) / "msk_chord_2024_crc"
    patients = len(read_cbioportal(folder))
    seconds = best_seconds(lambda: read_cbioportal(folder), repeats=3)
    return [Row("MSK-CHORD read into a cohort", "debulk", seconds, "s", f"{patients:,} patients")]
