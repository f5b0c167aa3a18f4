"""A first draft of a mapping file, from the headers and values of somebody's tables."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.columns import ASSESSMENTS, TABLES
from debulk.patients.readers.dates import DATE_FORMATS, formats_of
from debulk.patients.readers.header_words import WORDS, Guess, guess_of, may_be_time_zero
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.table_files import read_table
from debulk.patients.readers.units import unit_of

_MOST_SHOWN = 6
_HEAD = """\
# A draft: every line marked "guess" was made from a column's name alone. Read each of them,
# put a word of the cohort for every "?", and move what is under "not matched" where it belongs.
# The reference on mapping files explains the parts.
"""


def draft_mapping(files: Sequence[str | Path], *, beside: Path | None = None) -> str:
    """Text of a draft mapping file.

    Parameters
    ----------
    files : sequence of str or Path
        Tables as CSV, Parquet or Excel.
    beside : Path, optional
        Folder that the mapping will lie in: paths are written relative to it.

    Returns
    -------
    str
        YAML: guesses marked as such, codes to fill in as ``"?"``, and each column that no name
        matched, with its most frequent values, as a comment.

    Raises
    ------
    InputError
        If a file cannot be read, or none has a column of patients.
    """
    if not files:
        raise InputError("files", "none is given", "Name the registry's tables")
    drafts = [_File(str(each), beside) for each in files]
    if all(each.patient is None for each in drafts):
        first = drafts[0]
        raise InputError(
            first.path,
            f"no column looks like a patient's identifier ({', '.join(first.frame.columns[:8])})",
            "Name that column patient_id",
        )
    lines = [_HEAD + f"name: {json.dumps(Path(drafts[0].path).stem)}", *_time_zero(drafts)]
    lines.append("missing: []  # codes for missing, such as [-999, unknown]")
    lines.append(_formats(drafts))
    lines.append("tables:")
    for table in TABLES:
        made = [draft for draft in drafts if draft.has(table)]
        if table == "patients" and not made:
            made = [draft for draft in drafts if draft.patient is not None][:1]
        if made:
            lines.append(f"  {table}:")
        for draft in made:
            top, *others = draft.source(table)
            lines += [f"    - {top}", *(f"      {line}" for line in others)]
    for draft in drafts:
        lines += draft.unmatched()
    return "\n".join(lines) + "\n"


class _File:
    """One table, what its headers probably mean, and its dates."""

    def __init__(self, path: str, beside: Path | None) -> None:
        self.path = path
        self.shown = path if beside is None else os.path.relpath(path, beside)
        self.frame = read_table(Path(path), Notes())
        self.guesses: dict[str, Guess] = {}
        taken: set[tuple[str, str]] = set()
        for header in self.frame.columns:
            guess = guess_of(header)
            if guess is not None and (guess.table, guess.column) not in taken:
                self.guesses[header] = guess
                taken.add((guess.table, guess.column))
        self.patient = next(
            (name for name, each in self.guesses.items() if each.column == "patient_id"), None
        )
        self._follow_repeated()
        self.dates = {name: formats_of(self.frame[name]) for name in self.frame.columns}
        self.time_zero = next(
            (name for name, found in self.dates.items() if found and may_be_time_zero(name)), None
        )

    def _follow_repeated(self) -> None:
        """Take what both tables have for the assessments', where a patient has several rows."""
        if self.patient is None or not self.has("assessments"):
            return
        if not self.frame[self.patient].is_duplicated().any():
            return
        taken = {each.column for each in self.guesses.values() if each.table == "assessments"}
        for header, guess in self.guesses.items():
            both = guess.column in ASSESSMENTS and guess.column not in {"patient_id", *taken}
            if guess.table == "patients" and both:
                self.guesses[header] = replace(guess, table="assessments")

    def has(self, table: str) -> bool:
        """Whether any column was matched to a table that can be made of them."""
        found = {each.column for each in self.guesses.values() if each.table == table}
        needed = {"patients": set(), "lesions": {"organ"}, "followup": {"last_months", "dead"},
                  "treatments": {"start_months"}, "assessments": {"response"}}  # fmt: skip
        return (
            self.patient is not None
            and bool(found - {"patient_id"})
            and needed.get(table, {"?"}) <= found
        )

    def source(self, table: str) -> list[str]:
        """The lines of one source of a table."""
        lines = [f"file: {json.dumps(self.shown)}"]
        for column in ("redcap_event_name", "redcap_repeat_instrument"):
            if column in self.frame.columns:
                lines.append(f"# where: {{{column}: ?}}  # REDCap: {_counts(self.frame[column])}")
        if any(_has_decimal_comma(self.frame[name]) for name in self.guesses):
            lines.append('decimal: ","  # guess: by the values')
        lines.append("columns:")
        lines.append(f"  patient_id: {{from: {json.dumps(self.patient)}}}  # guess")
        if table == "treatments":
            lines.append('  kind: {value: "?"}  # systemic or local')
        for header, guess in self.guesses.items():
            if guess.table == table and guess.column != "patient_id":
                lines.append(f"  {guess.column}: {self._entry(header, guess)}")
        columns = [each.column for each in self.guesses.values() if each.table == table]
        if table == "lesions" and "lesion_id" not in columns:
            lines.append('  lesion_id: {from: "?"}  # no column looks like a lesion\'s identifier')
        return lines

    def unmatched(self) -> list[str]:
        """Comments on the columns that nothing was guessed for, or whose table lacks others."""
        left = [name for name in self.frame.columns if not self._is_used(name)]
        if not left:
            return []
        return [f"# not matched in {self.path}:"] + [
            f"#   {name}: {_counts(self.frame[name])}" for name in left
        ]

    def _is_used(self, name: str) -> bool:
        if name == self.time_zero:
            return True
        guess = self.guesses.get(name)
        return guess is not None and (guess.column == "patient_id" or self.has(guess.table))

    def _entry(self, header: str, guess: Guess) -> str:
        parts = [f"from: {json.dumps(header, ensure_ascii=False)}"]
        known = TABLES[guess.table][guess.column]
        if guess.column.endswith("_months") and self.dates[header]:
            parts.append("date: true")
        elif unit_of(guess.column) is not None:
            parts.append(f"unit: {guess.unit or unit_of(guess.column)}")
        elif known.kind in ("words", "truth"):
            codes = _codes(self.frame[header], guess.column, known.words)
            if codes:
                parts.append(f"codes: {{{codes}}}")
        told = "" if guess.unit or unit_of(guess.column) is None else "; the unit too"
        told = "" if "date: true" in parts else told
        return f"{{{', '.join(parts)}}}  # guess{told}: {_counts(self.frame[header])}"


def _codes(values: pl.Series, column: str, words: tuple[str, ...]) -> str:
    own = WORDS.get(column, {})
    found = sorted({str(each).strip() for each in values.drop_nulls()} - {""})
    plain = words or ("true", "false", "1", "0", "yes", "no")
    if all(each in plain for each in found) or len(found) > 30:
        return ""
    return ", ".join(
        f"{json.dumps(each, ensure_ascii=False)}: "
        f"{json.dumps(each if each in plain else own.get(each.lower(), '?'))}"
        for each in found
    )


def _counts(values: pl.Series) -> str:
    counts = values.cast(pl.String, strict=False).fill_null("(empty)").value_counts(sort=True)
    shown = [f"{str(value)[:20]!r} {count}" for value, count in counts.head(_MOST_SHOWN).rows()]
    others = counts.height - _MOST_SHOWN
    more = f", and {others} other values" if others > 0 else ""
    return " ".join((", ".join(shown) + more).split())


def _has_decimal_comma(values: pl.Series) -> bool:
    return values.dtype == pl.String and bool(values.str.contains(r"^-?\d+,\d+$").any())


def _formats(drafts: Sequence[_File]) -> str:
    found = {each for draft in drafts for formats in draft.dates.values() for each in formats}
    formats = [name for name in DATE_FORMATS if name in found]
    note = "  # guess: by the values" if formats else ""
    for pair in (("dd/mm/yyyy", "mm/dd/yyyy"), ("dd-mm-yyyy", "mm-dd-yyyy")):
        if set(pair) <= found:
            note = f"  # choose one: values fit {' and '.join(pair)}"
    return f"dates: [{', '.join(formats)}]{note}"


def _time_zero(drafts: Sequence[_File]) -> list[str]:
    for draft in drafts:
        if draft.time_zero is not None and draft.patient is not None:
            return [
                "time_zero:  # guess: what do all times count from?",
                f"  file: {json.dumps(draft.shown)}",
                f"  patient: {json.dumps(draft.patient)}",
                f"  date: {json.dumps(draft.time_zero)}",
                f"  meaning: {json.dumps(draft.time_zero.replace('_', ' '))}",
            ]
    return [
        'time_zero: "?"  # what do all times count from? with dates: file, patient, date, meaning'
    ]
