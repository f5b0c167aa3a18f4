"""Numbers at risk as printed below a curve, from a file or from a line of text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import exists, read_utf8
from debulk.evidence.digitised.cells import Row, number, place, read_rows
from debulk.evidence.digitised.layouts import is_time

_PAIR = re.compile(r"\s*[^:\s,;]+\s*:\s*[^:\s,;]+\s*")
_COUNT_HEADS = ("nrisk", "n.risk", "at_risk", "at risk", "atrisk", "number at risk", "n at risk")
_REMEDY = "Give times and numbers, such as time,at_risk in a CSV file or '0:213 10:122' as text"
_LARGEST = 10_000_000

Cells = list[tuple[str, str, str]]
"""Where, time as written, number as written."""


def read_at_risk(source: str | Path, *, arm: str | None = None) -> pl.DataFrame:
    """Read the numbers at risk of one arm.

    Parameters
    ----------
    source : str or Path
        A file, or text such as ``"0:213 10:122 20:80"``. Files: CSV with columns time and at_risk,
        or a column an arm; CSV of kmdata (trisk, nrisk, Arm); JSON of IPDfromKM with lists trisk
        and nrisk.
    arm : str, optional
        Which arm, where there are several.

    Returns
    -------
    polars.DataFrame
        time, at_risk (whole numbers; null where none is printed). Times at the end without a number
        are left out.

    Raises
    ------
    InputError
        With file, line and column: numbers that rise, are negative or not whole, times that do not
        rise, text, a file that holds a curve; with the names where no arm is named.
    """
    arms = read_at_risk_tables(source)
    if arm is not None:
        if arm not in arms:
            raise InputError(_name(source), f"there is no arm {arm!r}", nearest(arm, arms))
        return arms[arm]
    if len(arms) > 1:
        listed = ", ".join(map(repr, arms))
        raise InputError(
            _name(source),
            f"there are {len(arms)} arms: {listed}",
            "Name one of them: --arm, or arm=",
        )
    return next(iter(arms.values()))


def read_at_risk_tables(source: str | Path) -> dict[str, pl.DataFrame]:
    """Read the numbers at risk of every arm.

    Parameters
    ----------
    source
        As for `read_at_risk`.

    Returns
    -------
    dict of str to polars.DataFrame
        Arm to its time and at_risk; an arm the source does not name is called ``""``.

    Raises
    ------
    InputError
        As for `read_at_risk`.
    """
    name = _name(source)
    _refuse_broken_text(source)
    if isinstance(source, str) and is_at_risk_text(source):
        arms = {"": _text_cells(source, name)}
    elif Path(source).suffix.lower() == ".json":
        arms = _json_cells(Path(source))
    else:
        arms = _table_cells(read_rows(Path(source)), Path(source))
    return {arm: _frame(cells, name) for arm, cells in arms.items()}


def is_at_risk_text(text: str) -> bool:
    """Whether text is a list of times and numbers, not the name of a file."""
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    return bool(parts) and all(_PAIR.fullmatch(part) for part in parts) and text[:1].isdigit()


def _refuse_broken_text(source: str | Path) -> None:
    """A list of times and numbers with one part wrong, which is no file's name either."""
    if not isinstance(source, str) or is_at_risk_text(source) or exists(Path(source)):
        return
    parts = [part for part in re.split(r"[\s,;]+", source.strip()) if part]
    if len(parts) > 1 and _PAIR.fullmatch(parts[0]) and parts[0][:1].isdigit():
        broken = next(part for part in parts if not _PAIR.fullmatch(part))
        where = f"numbers at risk {source!r:.60}"
        raise InputError(where, f"{broken!r} is no time:number", "Write 0:213 10:122 20:80")


def _name(source: str | Path) -> str:
    text = isinstance(source, str) and is_at_risk_text(source)
    return f"numbers at risk {str(source)!r:.60}" if text else str(source)


def _text_cells(text: str, name: str) -> Cells:
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    pairs = [part.split(":") for part in parts]
    return [(f"{name}, {part!r}", *pair) for part, pair in zip(parts, pairs, strict=True)]


def _json_cells(path: Path) -> dict[str, Cells]:
    try:
        content: Any = json.loads(read_utf8(path))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise InputError(f"{path}, line {line}", "is not JSON", "Correct the line") from None
    lists = content if isinstance(content, dict) else {}
    lists = {str(key): value for key, value in lists.items() if isinstance(value, list)}
    times = next((key for key in lists if is_time(key)), None)
    arms = [key for key in lists if key != times]
    if times is None or not arms:
        remedy = 'Write {"trisk": [0, 10], "nrisk_ARM": [213, 122]}'
        raise InputError(str(path), "lacks a list of times or a list of numbers at risk", remedy)
    cells: dict[str, Cells] = {}
    for arm in arms:
        counts = lists[arm]
        if len(counts) > len(lists[times]):
            found = f"{len(counts)} numbers for {len(lists[times])} times"
            raise InputError(f"{path}, {arm}", found, "Give a time for each number")
        label = re.sub(r"^(n\.?risk|at_?risk)[_ .-]*", "", arm, flags=re.IGNORECASE)
        cells[label] = [
            (f"{path}, {arm}, number {position}", str(time), "" if count is None else str(count))
            for position, (time, count) in enumerate(
                zip(lists[times], counts, strict=False), start=1
            )
        ]
    return cells


def _table_cells(rows: list[Row], path: Path) -> dict[str, Cells]:
    header = [cell.casefold() for cell in rows[0].cells]
    if any(number(cell) is not None for cell in rows[0].cells):
        width = len(rows[0].cells)
        if width != 2:
            found = f"there are {width} columns without names"
            raise InputError(f"{path}, line {rows[0].line}", found, _REMEDY)
        return {"": _column(rows, 0, 1, "", path)}
    if len(rows) == 1:
        raise InputError(str(path), "there are names and no numbers", _REMEDY)
    times = next((column for column, cell in enumerate(header) if is_time(cell)), 0)
    counts = next((column for column, cell in enumerate(header) if cell in _COUNT_HEADS), None)
    arms = next((column for column, cell in enumerate(header) if cell in ("arm", "group")), None)
    if counts is not None and arms is not None:
        groups: dict[str, list[Row]] = {}
        for row in rows[1:]:
            groups.setdefault(_cell(row, arms), []).append(row)
        named = groups.items()
        return {arm: _column(own, times, counts, header[counts], path) for arm, own in named}
    if counts is not None:
        return {"": _column(rows[1:], times, counts, header[counts], path)}
    columns = [column for column in range(len(header)) if column != times]
    if not columns:
        found = "there is one column, not times and numbers"
        raise InputError(f"{path}, line {rows[0].line}", found, _REMEDY)
    names = rows[0].cells
    return {names[each]: _column(rows[1:], times, each, names[each], path) for each in columns}


def _column(rows: list[Row], times: int, counts: int, name: str, path: Path) -> Cells:
    return [
        (place(path, row.line, counts, name), _cell(row, times), _cell(row, counts)) for row in rows
    ]


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _frame(cells: Cells, name: str) -> pl.DataFrame:
    while cells and not cells[-1][2]:
        cells = cells[:-1]
    read = [_read(where, time, count) for where, time, count in cells]
    if not read:
        raise InputError(name, "there are no numbers", _REMEDY)
    _refuse_curve(read, name)
    last_time, last_count = -1.0, float(_LARGEST)
    for (where, _, _), (time, count) in zip(cells, read, strict=True):
        if time < 0:
            raise InputError(where, f"the time {time:g} is negative", "Give times from 0 on")
        if time <= last_time:
            found = f"the time {time:g} does not come after {last_time:g}"
            raise InputError(where, found, "Give times in rising order, each once")
        last_time = time
        if count is None:
            continue
        if count != int(count) or not 0 <= count <= _LARGEST:
            raise InputError(where, f"{count:g} is no number of patients", "Give whole numbers")
        if count > last_count:
            found = f"the number at risk rises from {last_count:g} to {count:g}"
            raise InputError(where, found, "Compare with the table below the printed curve")
        last_count = count
    counts = [None if count is None else int(count) for _, count in read]
    return pl.DataFrame(
        {"time": [time for time, _ in read], "at_risk": counts},
        schema={"time": pl.Float64, "at_risk": pl.Int64},
    )


def _read(where: str, time: str, count: str) -> tuple[float, float | None]:
    at, value = number(time), number(count)
    if at is None:
        raise InputError(where, f"{time!r} is no time", _REMEDY)
    if value is None and count:
        raise InputError(where, f"{count!r} is no number", _REMEDY)
    return at, value


def _refuse_curve(read: list[tuple[float, float | None]], name: str) -> None:
    counts = [count for _, count in read if count is not None]
    fractions = sum(count != int(count) for count in counts)
    if fractions > len(counts) / 2:
        found = f"{counts[0]:g}, {counts[-1]:g} and others are no whole numbers, as of a curve"
        remedy = "Give the curve first, and the numbers at risk as --at-risk"
        raise InputError(name, found, remedy)
