"""Points clicked along a printed survival curve, read from the digitiser's file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.evidence.digitised.cells import Row, place, read_rows
from debulk.evidence.digitised.layouts import Clicks, clicks_of
from debulk.evidence.reconstruction.clicks import CLICK_TOLERANCE

_RISK_WORDS = ("risk", "nrisk", "n.risk")


def read_digitised_curve(
    path: str | Path, *, curve: str | None = None, percent: bool = False
) -> pl.DataFrame:
    """Read one curve from a digitiser's file.

    Parameters
    ----------
    path : str or Path
        A text file of WebPlotDigitizer, Engauge, DigitizeIt, PlotDigitizer, IPDfromKM or the like:
        columns of time and survival, parted by comma, tab, semicolon or spaces.
    curve : str, optional
        Its name, where the file holds several.
    percent : bool
        Whether survival runs from 0 to 100; it is never guessed.

    Returns
    -------
    polars.DataFrame
        time (the unit of the axis), survival (0 to 1), in the order of the file. Clicks up to 2 %
        of an axis outside it are kept as they are.

    Raises
    ------
    InputError
        With file, line and column: a cell that is no number, survival above 1, a negative time,
        a curve that rises like an incidence, a file of numbers at risk; with the names of the
        curves where several are there and none is named.
    """
    found = read_digitised_curves(path, percent=percent)
    if curve is not None:
        if curve not in found:
            raise InputError(str(path), f"there is no curve {curve!r}", nearest(curve, found))
        return found[curve]
    if len(found) > 1:
        listed = ", ".join(map(repr, found))
        raise InputError(
            str(path), f"there are {len(found)} curves: {listed}", "Name one: --curve, or curve="
        )
    return next(iter(found.values()))


def read_digitised_curves(path: str | Path, *, percent: bool = False) -> dict[str, pl.DataFrame]:
    """Read every curve of a digitiser's file.

    Parameters
    ----------
    path, percent
        As for `read_digitised_curve`.

    Returns
    -------
    dict of str to polars.DataFrame
        Name of the curve to its time and survival. A curve the file does not name is called
        ``curve 1``, ``curve 2`` ...

    Raises
    ------
    InputError
        As for `read_digitised_curve`; and if two curves have one name.
    """
    path = Path(path)
    rows = read_rows(path)
    _refuse_numbers_at_risk(rows, path)
    curves: dict[str, pl.DataFrame] = {}
    for position, clicks in enumerate(clicks_of(rows, path), start=1):
        name = clicks.name or f"curve {position}"
        if name in curves:
            raise InputError(str(path), f"two curves are called {name!r}", "Rename one of them")
        curves[name] = _frame(clicks, name, percent, path)
    return curves


def _frame(clicks: Clicks, name: str, percent: bool, path: Path) -> pl.DataFrame:
    if len(clicks.time) < 2:
        found = f"{name!r} has {len(clicks.time)} point" + ("s" if not clicks.time else "")
        raise InputError(str(path), found, "Click along the whole curve, twenty points or more")
    scale = 100.0 if percent else 1.0
    survival = [each / scale for each in clicks.survival]
    _check_times(clicks, path)
    _check_survival(clicks, survival, percent, path)
    _refuse_incidence(clicks, survival, path)
    return pl.DataFrame({"time": clicks.time, "survival": survival})


def _check_times(clicks: Clicks, path: Path) -> None:
    furthest = max(clicks.time)
    if furthest <= 0:
        found = f"no time is above 0; the largest is {furthest:g}"
        raise InputError(str(path), found, "Calibrate the time axis of the digitiser")
    for time, line in zip(clicks.time, clicks.lines, strict=True):
        if time < -CLICK_TOLERANCE * furthest:
            where = place(path, line, 0, clicks.columns[0])
            raise InputError(where, f"the time {time:g} is negative", "Remove the point")


def _check_survival(clicks: Clicks, survival: list[float], percent: bool, path: Path) -> None:
    if percent and max(survival) <= 0.01:
        found = f"survival is given in percent, and the largest is {max(clicks.survival):g}"
        raise InputError(str(path), found, "Leave percent out: the numbers are shares of 1")
    top = "100" if percent else "1"
    for value, read, line in zip(survival, clicks.survival, clicks.lines, strict=True):
        if -CLICK_TOLERANCE <= value <= 1.0 + CLICK_TOLERANCE:
            continue
        where = place(path, line, 1, clicks.columns[1])
        if value < 0:
            raise InputError(where, f"the survival {read:g} is negative", "Remove the point")
        remedy = (
            "Say that it is in percent: --percent, or percent=True"
            if not percent and max(survival) <= 100 * (1.0 + CLICK_TOLERANCE)
            else "Calibrate the axis of the digitiser, or remove the point"
        )
        raise InputError(where, f"the survival {read:g} is above {top}", remedy)


def _refuse_incidence(clicks: Clicks, survival: list[float], path: Path) -> None:
    first = survival[clicks.time.index(min(clicks.time))]
    last = survival[clicks.time.index(max(clicks.time))]
    if last > first + 5 * CLICK_TOLERANCE:
        found = f"the curve rises from {first:g} to {last:g}, as an incidence does"
        raise InputError(str(path), found, "Give survival: 1 minus the incidence")


def _refuse_numbers_at_risk(rows: list[Row], path: Path) -> None:
    words = " ".join(cell.casefold() for cell in rows[0].cells)
    if any(word in words for word in _RISK_WORDS):
        found = f"line {rows[0].line} speaks of numbers at risk: {', '.join(rows[0].cells)!r:.60}"
        remedy = "Give the file of the curve first, and this one as the table at risk (--at-risk)"
        raise InputError(str(path), found, remedy)
