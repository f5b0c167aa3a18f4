"""Patients of one arm, rebuilt from its published survival curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance, sha256_of
from debulk.core.results import plain
from debulk.core.streams import patient_key
from debulk.evidence.reconstruction.accuracy import Accuracy, accuracy_of
from debulk.evidence.reconstruction.arms import UNKNOWN
from debulk.evidence.reconstruction.clicks import Clicks, read_clicks
from debulk.evidence.reconstruction.intervals import Chance, Curve, Flags, Floats, Rows
from debulk.evidence.reconstruction.numbers_at_risk import (
    NumbersAtRisk,
    check_count,
    read_numbers_at_risk,
)
from debulk.evidence.reconstruction.totals import fill_to_total

if TYPE_CHECKING:
    import polars as pl

_CONTRADICTION = 0.05  # of survival, besides one patient: ten times a usual error of reading
_CONTRADICTION_WITHOUT_TABLE = 0.15  # where the censoring that fits a total is but assumed


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Patients of one arm rebuilt from its curve.

    Attributes
    ----------
    time : float64 array, shape (patients,)
        End of follow-up, rising, in the unit of the curve.
    event : bool array, shape (patients,)
        Whether it is a death (or whatever the curve counts).
    clicks : Clicks
        The curve as read and as used.
    numbers_at_risk : NumbersAtRisk
        The table as used.
    events_published : int or None
        The total given.
    accuracy : Accuracy
        How near they come to the figure.
    assumptions : tuple of str
        What the figure does not tell and was assumed.
    provenance : Provenance
        Inputs, choices, remarks.
    """

    time: Floats = field(repr=False)
    event: Flags = field(repr=False)
    clicks: Clicks = field(repr=False)
    numbers_at_risk: NumbersAtRisk = field(repr=False)
    events_published: int | None
    accuracy: Accuracy
    assumptions: tuple[str, ...]
    provenance: Provenance = field(repr=False)

    @property
    def n(self) -> int:
        """Number of patients."""
        return int(self.time.size)

    @property
    def events(self) -> int:
        """Number of deaths."""
        return int(np.count_nonzero(self.event))

    @property
    def patients(self) -> pl.DataFrame:
        """One row a patient: ``time``, ``event`` (true or false)."""
        import polars as pl

        return pl.DataFrame({"time": self.time, "event": self.event})

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "n": self.n,
            "events": self.events,
            "events_published": self.events_published,
            "accuracy": self.accuracy.to_dict(),
            "assumptions": list(self.assumptions),
            "time": plain(self.time),
            "event": plain(self.event),
            "provenance": self.provenance.to_dict(),
        }


def reconstruct_survival(
    curve: Any,
    at_risk: Any = None,
    *,
    events: int | None = None,
    patients: int | None = None,
    percent: bool = False,
) -> pl.DataFrame:
    """Patients behind one published Kaplan-Meier curve, as a table.

    Parameters
    ----------
    curve, at_risk, events, patients, percent
        As for `reconstruct_arm`, which also tells how near the patients come to the figure.

    Returns
    -------
    polars.DataFrame
        One row a patient in the order of time: ``time``, ``event`` (true or false).

    Raises
    ------
    InputError
        As `reconstruct_arm`.

    Examples
    --------
    >>> from debulk.evidence import reconstruct_survival
    >>> curve = {"time": [2, 5, 9], "survival": [0.9, 0.6, 0.45]}
    >>> reconstruct_survival(curve, {"time": [0, 6], "at_risk": [10, 6]}).height
    10
    """
    return reconstruct_arm(
        curve, at_risk, events=events, patients=patients, percent=percent
    ).patients


def reconstruct_arm(
    curve: Any,
    at_risk: Any = None,
    *,
    events: int | None = None,
    patients: int | None = None,
    percent: bool = False,
) -> Reconstruction:
    """Rebuild the patients behind one published Kaplan-Meier curve.

    Parameters
    ----------
    curve : frame, mapping, pair of sequences, or array of shape (clicks, 2)
        Columns ``time`` and ``survival`` (kmdata: ``T`` and ``S``): points clicked along one arm's
        curve, in any order. Time in any unit. Without names times come first.
    at_risk : frame, mapping, pair of sequences, or array of shape (ticks, 2), optional
        Columns ``time`` and ``at_risk`` (or ``trisk`` and ``nrisk``, as IPDfromKM has them):
        numbers at risk just before each time. Missing numbers are passed over. Without a table
        `patients` is needed.
    events : int, optional
        Deaths in all, where published.
    patients : int, optional
        Number at time 0, where the table does not tell it.
    percent : bool
        Whether survival runs from 0 to 100; it is never guessed.

    Returns
    -------
    Reconstruction

    Raises
    ------
    InputError
        If a point lies above 1 or below 0 by more than `CLICK_TOLERANCE`, numbers at risk rise, a
        value is missing or no number, or the total of deaths cannot give this curve.

    Notes
    -----
    After Guyot, Ades, Ouwens and Welton, BMC Med Res Methodol 2012; 12: 9. The numbers at risk are
    met exactly. The page "Reconstruction" of the documentation tells the method and its accuracy.
    """
    clicks = read_clicks(curve, percent=percent)
    table = read_numbers_at_risk(at_risk, patients, clicks)
    if events is not None:
        events = check_count(events, "events", 0)
        if events > table.patients:
            found = f"{events} deaths are more than the {table.patients} patients"
            raise InputError("events", found, "Give the deaths of this arm alone")
    time, event, moved = _rebuilt(clicks, table, events)
    accuracy = accuracy_of(time, event, clicks, table, events, moved)
    if events is not None:
        _check_total(accuracy, clicks, table, events)
    return Reconstruction(
        time=time,
        event=event,
        clicks=clicks,
        numbers_at_risk=table,
        events_published=events,
        accuracy=accuracy,
        assumptions=_assumptions(clicks, table, events, moved),
        provenance=_provenance(clicks, table, events, patients, percent, accuracy),
    )


def _rebuilt(clicks: Clicks, table: NumbersAtRisk, events: int | None) -> tuple[Floats, Flags, int]:
    time, event = np.empty(table.patients), np.empty(table.patients, np.bool_)
    total = UNKNOWN if events is None else events
    nothing_drawn = Chance(patient_key(0, 0, 0), False)
    moved = fill_to_total(
        Curve(clicks.time, clicks.survival), table.time, table.at_risk, total, nothing_drawn,
        Rows(time, event),
    )  # fmt: skip
    # Deaths before censorings at one time, as the curve counts them.
    order = np.lexsort((~event, time))
    return time[order], event[order], int(moved)


def _check_total(accuracy: Accuracy, clicks: Clicks, table: NumbersAtRisk, events: int) -> None:
    free_time, free_event, _ = _rebuilt(clicks, table, None)
    free = accuracy_of(free_time, free_event, clicks, table, None, 0)
    slack = _CONTRADICTION if table.time.size > 1 else _CONTRADICTION_WITHOUT_TABLE
    if accuracy.greatest > free.greatest + slack + _one_patient(accuracy, clicks, table):
        gap = f"{accuracy.greatest:.2g} at {accuracy.greatest_at:g}"
        found = f"{events} deaths put the curve off its clicks by {gap}"
        asked = int(np.count_nonzero(free_event))
        remedy = f"Clicks and numbers at risk ask for about {asked}; check the total and the arm"
        raise InputError("events", found, remedy)


def _one_patient(accuracy: Accuracy, clicks: Clicks, table: NumbersAtRisk) -> float:
    """What one patient moves the curve by where it is farthest off: much in a thin tail."""
    last, left = table.time[-1], int(table.at_risk[-1])
    if left == 0 or accuracy.greatest_at <= last:
        return 1.0 / table.patients
    before = clicks.survival[clicks.time <= last]
    return float(before[-1] if before.size else 1.0) / left


def _assumptions(
    clicks: Clicks, table: NumbersAtRisk, events: int | None, moved: int
) -> tuple[str, ...]:
    told = []
    if table.time.size > 1:
        how = "are spread evenly" if not moved else "lie as early or late as meets the total"
        told.append(f"censorings {how} between two numbers at risk")
    if table.at_risk[-1] > 0 and clicks.time[-1] > table.time[-1]:
        if events is not None:
            after = (
                "after the last number at risk the rate of censoring is one that meets the total"
            )
        elif table.time.size > 1:
            after = "after the last number at risk the rate of censoring is that before it"
        else:
            after = "nobody is censored before the end of the curve"
        told += [after, "whoever is left at the end of the curve is censored there"]
    elif table.at_risk[-1] > 0:
        told.append("whoever is left at the last number at risk is censored there")
    if table.time.size == 1:
        told.append(
            "without numbers at risk the time of censoring is a guess, and no standard error or "
            "replicate holds what it is wrong by"
        )
    told.append("several deaths between two clicks are spread evenly, a single one is at the later")
    return tuple(told)


def _provenance(
    clicks: Clicks,
    table: NumbersAtRisk,
    events: int | None,
    patients: int | None,
    percent: bool,
    accuracy: Accuracy,
) -> Provenance:
    remarks = [*clicks.remarks, *table.remarks]
    if accuracy.greatest > _CONTRADICTION + 1.0 / table.patients:
        remarks.append(
            f"the clicks and the numbers at risk disagree: survival differs by "
            f"{accuracy.greatest:.2g} at {accuracy.greatest_at:g}"
        )
    given = {
        "events": (events, "chosen"),
        "patients": (table.patients, "derived" if patients is None else "chosen"),
        "percent": (percent, "chosen" if percent else "default"),
    }
    return Provenance(
        version=__version__,
        inputs={
            "curve": sha256_of(clicks.read_time.tobytes() + clicks.read_survival.tobytes()),
            "at_risk": sha256_of(table.time.tobytes() + table.at_risk.tobytes()),
        },
        parameters=tuple(
            Parameter(name, value, status, "the figure")  # type: ignore[arg-type]
            for name, (value, status) in given.items()
            if value is not None
        ),
        remarks=tuple(remarks),
    )
