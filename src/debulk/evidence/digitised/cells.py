"""The cells of a small table of text: separators, comments, decimal commas."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

from debulk.core.errors import InputError
from debulk.core.files import read_utf8

_COMMENT = ("#", "//", "%", "!")
_MOST_CHARACTERS = 20_000_000
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    cells : tuple of str
        Without spaces at their ends.
    after_gap : bool
        Whether a blank line stands before it.
    """

    line: int
    cells: tuple[str, ...]
    after_gap: bool = False


def read_rows(path: Path) -> list[Row]:
    """The lines of a file that hold something, cut into cells.

    Parameters
    ----------
    path : Path
        Text in UTF-8, with or without a byte order mark. Cells are parted by tab, semicolon, comma
        or spaces; lines that start with #, //, % or ! are comments.

    Raises
    ------
    InputError
        If the file is missing, unreadable, empty, or no table.
    """
    text = read_utf8(path)
    if "\x00" in text or len(text) > _MOST_CHARACTERS:
        raise InputError(str(path), "is no table of text", "Give the CSV file of the digitiser")
    lines = _told(text)
    separator = _separator([line for _, line, _ in lines])
    rows = [Row(number, _cells(line, separator), gap) for number, line, gap in lines]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise InputError(str(path), "the file is empty", "Give the file the digitiser wrote")
    return rows


def number(cell: str) -> float | None:
    """The number in a cell, with a decimal point or comma; None for anything else."""
    text = cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell
    if "_" in text:  # Python reads 1_000 as a number; no digitiser writes it.
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def place(path: Path | str, line: int, column: int, name: str = "") -> str:
    """How a message names a cell: file, line, and column by number or by name."""
    told = f"column {name!r}" if name else f"column {column + 1}"
    return f"{path}, line {line}, {told}"


def _told(text: str) -> list[tuple[int, str, bool]]:
    lines = []
    gap = False
    for position, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            gap = True
        elif not line.lstrip().startswith(_COMMENT):
            lines.append((position, line, gap))
            gap = False
    return lines


def _separator(lines: list[str]) -> str:
    """The separator of a file; a space stands for any white space."""
    for each in ("\t", ";"):
        if sum(each in line for line in lines) > len(lines) / 2:
            return each
    commas = sum("," in line for line in lines) > len(lines) / 2
    # "1,5 0,95": the commas are decimal, since cutting at them leaves "5 0" inside a cell.
    decimal = re.compile(r"\s*[+-]?\d+,\d+\s+[+-]?\d+,\d+\s*")
    if commas and not any(decimal.fullmatch(line) for line in lines):
        return ","
    return " "


def _cells(line: str, separator: str) -> tuple[str, ...]:
    parts = line.split() if separator == " " else next(csv.reader([line], delimiter=separator), [])
    return tuple(part.strip().strip('"').strip() for part in parts)
