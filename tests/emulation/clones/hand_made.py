"""Person-time written by hand for tests, and the case shared with other programs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from debulk.emulation.person_time import Covariate, PersonTime

REFERENCE = Path(__file__).parents[2] / "reference" / "emulation"


def person_time(records: list[dict[str, Any]], visits: int, *names: str) -> PersonTime:
    """Patients as dictionaries: time, and where they differ from the default: cause (1), start,
    complete (= start), progression, entry, lost, and each covariate as one value or one a visit.
    """
    time = np.array([float(each["time"]) for each in records])

    def dates(key: str, other: str = "") -> np.ndarray:
        found = [each.get(key, each.get(other)) for each in records]
        return np.array([np.nan if each is None else float(each) for each in found])

    progression = dates("progression")
    rows = np.minimum(np.ceil(time), visits).astype(int)
    patient = np.repeat(np.arange(time.size), rows)
    first = np.r_[0, np.cumsum(rows)]
    visit = np.arange(patient.size) - first[patient]
    values = np.zeros((patient.size, len(names)))
    for row, (who, at) in enumerate(zip(patient, visit, strict=True)):
        for place, name in enumerate(names):
            told = records[who][name]
            values[row, place] = told[min(at, len(told) - 1)] if np.ndim(told) else told
    return PersonTime(
        time_months=time,
        cause=np.array([each.get("cause", 1) for each in records], dtype=np.int8),
        entry_months=np.array([each.get("entry", 0.0) for each in records]),
        start_months=dates("start"),
        complete_months=dates("complete", "start"),
        progression_months=progression,
        lost=np.array([bool(each.get("lost", False)) for each in records]),
        first=first.astype(np.int64),
        visit=visit.astype(np.int32),
        eligible=~(progression[patient] <= visit),
        values=values,
        covariates=tuple(Covariate(name) for name in names),
        patient_id=tuple(each.get("id", row) for row, each in enumerate(records)),
    )


def shared_case() -> list[dict[str, Any]]:
    """The simulated case that other programs were given (tests/reference/emulation)."""
    with (REFERENCE / "ccw_case.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    return [
        {
            "id": int(each["id"]),
            "time": float(each["time"]),
            "cause": int(each["died"]),
            "start": float(each["start"]) if each["start"] else None,
            "progression": float(each["progression"]) if each["progression"] else None,
            "side": float(each["side"]),
            "burden": [float(each[f"burden_{visit}"]) for visit in range(6)],
        }
        for each in read
    ]


def spread_case() -> list[dict[str, Any]]:
    """The shared case with its times spread inside their months."""
    return [
        each | {"time": round(int(each["time"]) + 0.05 + 0.9 * (each["id"] * 0.618 % 1.0), 4)}
        for each in shared_case()
    ]
