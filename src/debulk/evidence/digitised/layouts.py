"""How digitisers lay several curves out in one file, and which cells make one curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from debulk.core.errors import InputError
from debulk.evidence.digitised.cells import Row, number, place

_TIMES = {"x", "t", "time", "times", "v1", "month", "months", "year", "years", "day", "days"}
_HEIGHTS = {"y", "s", "v2", "survival", "surv", "probability", "curve1", ""}
_PAIRS = "Give columns in pairs of time and survival, or one column of times and a row of names"


@dataclass
class Clicks:
    """The points of one curve with the lines they stand in.

    Attributes
    ----------
    name : str
        As the file names the curve; empty where it does not.
    time, survival : list of float
        In the order of the file.
    lines : list of int
        Line of each point.
    columns : tuple of str
        How messages call both columns.
    """

    name: str
    columns: tuple[str, str] = ("time", "survival")
    time: list[float] = field(default_factory=list)
    survival: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Block:
    headers: list[Row]
    rows: list[Row]


def clicks_of(rows: list[Row], path: Path) -> list[Clicks]:
    """The curves of a file.

    Parameters
    ----------
    rows : list of Row
        As `read_rows` gives them.
    path : Path
        For messages.

    Returns
    -------
    list of Clicks
        WebPlotDigitizer's pairs of columns under a row of names, Engauge's column of times with
        one column a curve or one block of lines a curve, or two columns with or without a header.

    Raises
    ------
    InputError
        If a cell holds text, a point lacks a coordinate, or the columns make no pairs.
    """
    return [curve for block in _blocks(rows, path) for curve in _curves(block, path)]


def _is_header(row: Row) -> bool:
    return all(number(cell) is None for cell in row.cells)


def _blocks(rows: list[Row], path: Path) -> list[_Block]:
    blocks: list[_Block] = []
    headers: list[Row] = []
    for row in rows:
        starts = not blocks or not blocks[-1].rows or row.after_gap
        if _is_header(row) and starts:
            headers.append(row)
        elif headers or not blocks:
            blocks.append(_Block(headers, [row]))
            headers = []
        else:
            blocks[-1].rows.append(row)
    if not blocks:
        remedy = "Give the file the digitiser wrote, one point a line"
        raise InputError(str(path), "holds words and no numbers", remedy)
    return blocks


def _curves(block: _Block, path: Path) -> list[Clicks]:
    width = max(len(row.cells) for row in block.rows)
    header = list(block.headers[-1].cells) if block.headers else []
    offset = _row_names(header, width, block)
    if offset:
        header = header[-(width - 1) :]
        width -= 1
    header += [""] * (width - len(header))
    if width < 2:
        found = "there is one column, not time and survival"
        raise InputError(f"{path}, line {block.rows[0].line}", found, _PAIRS)
    titles = _titles(block, width)
    if width == 2:
        names = [titles[0] or ("" if header[1].casefold() in _HEIGHTS else header[1])]
        pairs = [(0, 1)]
    elif block.headers and not _repeats(header):
        names, pairs = header[1:], [(0, column) for column in range(1, width)]
    elif width % 2 == 0:
        pairs = [(column, column + 1) for column in range(0, width, 2)]
        names = [titles[column] for column, _ in pairs]
    else:
        where = f"{path}, line {block.rows[0].line}"
        raise InputError(where, f"there are {width} columns", _PAIRS)
    return [
        _points(block.rows, name, (first + offset, second + offset), header, offset, path)
        for name, (first, second) in zip(names, pairs, strict=True)
    ]


def _row_names(header: list[str], width: int, block: _Block) -> int:
    """1 where R wrote the number of each row before it: its header is one shorter or is empty."""
    shorter = bool(header) and len(header) == width - 1 and width == 3
    unnamed = width == 3 and header[:1] == [""] and len(header) == 3 and len(block.headers) == 1
    return int(shorter or unnamed)


def _repeats(header: list[str]) -> bool:
    """Whether every second column is headed like the first: x, y, x, y."""
    firsts = {each.casefold() for each in header[0::2]}
    return len(header) % 2 == 0 and len(firsts) == 1


def _titles(block: _Block, width: int) -> list[str]:
    """Names above the header proper, which WebPlotDigitizer writes over the first of each pair."""
    if len(block.headers) < 2:
        return [""] * width
    cells = list(block.headers[-2].cells)
    return cells + [""] * (width - len(cells))


def _points(
    rows: list[Row],
    name: str,
    columns: tuple[int, int],
    header: list[str],
    offset: int,
    path: Path,
) -> Clicks:
    named = [header[column - offset] for column in columns]
    curve = Clicks(name, (named[0], named[1]))
    for row in rows:
        cells = [row.cells[column] if column < len(row.cells) else "" for column in columns]
        # Curves beside each other have points at different times, and end at different lines.
        if not cells[1] and (not cells[0] or len(row.cells) > 2 or len(header) > 2):
            continue
        values = []
        for cell, column, title in zip(cells, columns, named, strict=True):
            value = number(cell)
            if value is None:
                found = f"{cell!r} is no number" if cell else "there is no number"
                remedy = "Give one point a line: its time and its survival"
                raise InputError(place(path, row.line, column, title), found, remedy)
            values.append(value)
        curve.time.append(values[0])
        curve.survival.append(values[1])
        curve.lines.append(row.line)
    return curve


def is_time(name: str) -> bool:
    """Whether a column's head says that it holds times."""
    return name.casefold().strip() in _TIMES | {"trisk", "t.risk"}
