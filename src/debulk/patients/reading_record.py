"""What a reader did on the way from somebody's files to a cohort."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import read_utf8
from debulk.core.provenance import Exclusion
from debulk.core.results import plain

RECORD_FILE = "record.json"
"""File of a cohort's folder that holds the record of how it was read."""


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """How a cohort came out of files: what was left out, decided, ignored, and cannot be known.

    Attributes
    ----------
    source : str
        The format and the study, such as ``"cBioPortal study msk_chord_2024"``.
    time_zero : str
        What the cohort's times count from, in words.
    inputs : dict of str to str
        Name of each file (never its path) and the SHA-256 of its bytes.
    exclusions : tuple of Exclusion
        Patients and rows left out: why, and how many.
    decisions : tuple of str
        What was decided where the files left a choice, each with its count.
    ignored : tuple of Exclusion
        Files, columns or resources that were not used: which, and how many.
    not_known : tuple of str
        What the source cannot tell, however it is read.
    licence : str
        Terms under which the source may be used; empty where the files do not say.
    """

    source: str
    time_zero: str
    inputs: dict[str, str] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    decisions: tuple[str, ...] = ()
    ignored: tuple[Exclusion, ...] = ()
    not_known: tuple[str, ...] = ()
    licence: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "source": self.source,
            "time_zero": self.time_zero,
            "inputs": plain(self.inputs),
            "exclusions": [plain(each) for each in self.exclusions],
            "decisions": list(self.decisions),
            "ignored": [plain(each) for each in self.ignored],
            "not_known": list(self.not_known),
            "licence": self.licence,
        }


def record_text(record: ReadingRecord) -> str:
    """The record as it stands in a cohort's folder."""
    return json.dumps(record.to_dict(), indent=1, ensure_ascii=False) + "\n"


def read_record(folder: Path) -> ReadingRecord | None:
    """The record of a cohort's folder; None where the folder has none.

    Raises
    ------
    InputError
        If the file is no such record.
    """
    file = folder / RECORD_FILE
    if not file.is_file():
        return None
    try:
        found = json.loads(read_utf8(file))
        return ReadingRecord(
            source=str(found["source"]),
            time_zero=str(found["time_zero"]),
            inputs={str(name): str(digest) for name, digest in found["inputs"].items()},
            exclusions=_counted(found["exclusions"]),
            decisions=tuple(str(each) for each in found["decisions"]),
            ignored=_counted(found["ignored"]),
            not_known=tuple(str(each) for each in found["not_known"]),
            licence=str(found["licence"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        found_text = f"is no record of a reading ({type(error).__name__}: {error})"
        raise InputError(str(file), found_text, "Remove the file, or read again") from None


def _counted(rows: list[dict[str, Any]]) -> tuple[Exclusion, ...]:
    return tuple(Exclusion(str(row["reason"]), float(row["count"])) for row in rows)
