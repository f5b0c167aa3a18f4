"""From a user's table to the checked rows of a Cox model, with a count of what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion
from debulk.survival.cox_model.design import (
    Design,
    formula_columns,
    from_covariates,
    from_formula,
    restricted,
)
from debulk.survival.cox_model.frames import Column, numbers_of, read_column, refuse
from debulk.survival.cox_model.rows import CoxRows
from debulk.survival.labels import codes_of, distinct, label_of
from debulk.survival.options import shown
from debulk.survival.subjects import Bools, Floats, Ints, check_weights, refuse_large


@dataclass(frozen=True)
class Roles:
    """Which column of the table plays which part.

    Attributes
    ----------
    time, event : str
        End of follow-up, and whether it ended with the event.
    covariates : tuple of str
        Columns whose coefficients are wanted; empty with a formula.
    formula : str or None
        Right-hand side of a formula, in place of covariates.
    entry, weights, cluster, offset : str or None
        Start of each row's interval, case weights, clusters, known part of the predictor.
    strata : tuple of str
        Columns whose combinations have baseline hazards of their own.
    """

    time: str
    event: str
    covariates: tuple[str, ...] = ()
    formula: str | None = None
    entry: str | None = None
    weights: str | None = None
    cluster: str | None = None
    offset: str | None = None
    strata: tuple[str, ...] = ()

    @staticmethod
    def of(
        time: str,
        event: str,
        covariates: str | Sequence[str] | None,
        formula: str | None,
        strata: str | Sequence[str] | None,
        **others: str | None,
    ) -> Roles:
        """The parts as a user gave them.

        Raises
        ------
        InputError
            Unless there are either covariates or a formula, each column once.
        """
        if (covariates is None) == (formula is None):
            found = "are both missing" if formula is None else "are both given"
            raise InputError("covariates and formula", found, "Give one of the two")
        listed = _listed(covariates, "covariates")
        if formula is None and not listed:
            raise InputError("covariates", "names no column", "Name at least one")
        for name in listed:
            if listed.count(name) > 1:
                raise InputError("covariates", f"names {name!r} twice", "Name each column once")
        return Roles(time, event, listed, formula, strata=_listed(strata, "strata"), **others)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read from a table.

    Attributes
    ----------
    rows : CoxRows
        The rows used.
    design : Design
        How covariates became the design matrix.
    roles : Roles
        Which column played which part.
    exclusions : tuple of Exclusion
        Rows left out, by reason.
    """

    rows: CoxRows
    design: Design
    roles: Roles
    exclusions: tuple[Exclusion, ...]


def read_rows(frame: Any, roles: Roles, *, needs_event: bool = True) -> Reading:
    """Check a table and turn it into the rows of a Cox model.

    Parameters
    ----------
    frame : DataFrame or mapping of str to array-like
        The table.
    roles : Roles
        Which column plays which part.
    needs_event : bool
        Whether at least one event is required.

    Raises
    ------
    InputError
        On the first value that is wrong, with its column and row (counted from 1).
    """
    times, events, entry = _follow_up(frame, roles)
    n = times.size
    names = roles.covariates
    if roles.formula is not None:
        names = tuple(formula_columns(roles.formula, frame))
    weights = _weights(frame, roles.weights, n)
    covariates = [_sized(read_column(frame, each, "covariates"), n) for each in names]
    strata = [_sized(read_column(frame, each, "strata"), n) for each in roles.strata]
    cluster = _optional(frame, roles.cluster, "cluster", n)
    offset = _optional(frame, roles.offset, "offset", n)
    others = [each for each in (cluster, offset) if each is not None]
    kept, exclusions = _complete(n, weights, [*covariates, *strata, *others])
    for column in [*covariates, *([] if offset is None else [offset])]:
        _refuse_infinite(column)
        _refuse_large(column)
    if roles.formula is None:
        design, x = from_covariates(covariates, kept)
    else:
        design, x = from_formula(roles.formula, covariates, kept)
    codes, labels = _strata([restricted(each, kept) for each in strata])
    rows = CoxRows(
        time=_chosen(times, kept),
        event=_chosen(events, kept),
        x=x,
        names=design.names,
        terms=design.terms,
        stratum=codes,
        stratum_labels=labels,
        entry=None if entry is None else _chosen(entry, kept),
        weights=None if weights is None else _chosen(weights, kept),
        offset=None if offset is None else numbers_of(restricted(offset, kept)),
        cluster=None if cluster is None else _codes(restricted(cluster, kept)),
    )
    if needs_event and not rows.event.any():
        raise InputError(
            roles.event, "no row has the event", "Check which value marks an event; it must be 1"
        )
    return Reading(rows, design, roles, exclusions)


def stratum_codes(frame: Any, columns: Sequence[str], labels: Sequence[str]) -> Ints:
    """Stratum of each row of new data, as the fit numbered them.

    Raises
    ------
    InputError
        On a missing value or a stratum that the fit did not see.
    """
    read = [read_column(frame, each, "strata") for each in columns]
    for column in read:
        missing = column.missing
        if missing is not None:
            refuse(missing, column.name, "the value is missing", "Complete or drop the row")
    codes, found = _strata(read)
    place = {label: code for code, label in enumerate(labels)}
    for label in found:
        if label not in place:
            raise InputError(
                "strata", f"the model knows no stratum {label!r}", nearest(label, labels)
            )
    return np.array([place[label] for label in found], dtype=np.int64)[codes]


def _listed(names: str | Iterable[str] | None, role: str) -> tuple[str, ...]:
    if names is None:
        return ()
    if isinstance(names, str):
        return (names,)
    single = isinstance(names, np.ndarray) and names.ndim != 1
    if single or isinstance(names, bytes) or not isinstance(names, Iterable):
        raise InputError(role, f"{shown(names)} is no list of columns", "Give names in a list")
    listed = tuple(names)
    for each in listed:
        if not isinstance(each, str):
            raise InputError(role, f"{shown(each)} is no name of a column", "Give names as text")
    return listed


def _follow_up(frame: Any, roles: Roles) -> tuple[Floats, Bools, Floats | None]:
    times = numbers_of(read_column(frame, roles.time, "time"))
    n = times.size
    if n == 0:
        raise InputError(roles.time, "there are no rows", "Give at least one row")
    if times.min() < 0:
        value = times[int(np.argmax(times < 0))]
        refuse(times < 0, roles.time, f"{value:g} is negative", "Times run from 0 on")
    raw = numbers_of(_sized(read_column(frame, roles.event, "event"), n))
    events = raw == 1
    if int(events.sum()) + int((raw == 0).sum()) != n:
        wrong = ~events & (raw != 0)
        found = f"{raw[int(np.argmax(wrong))]:g} is neither 0 nor 1"
        refuse(wrong, roles.event, found, "Mark events by 1 or true, others by 0 or false")
    if roles.entry is None:
        return times, events, None
    entry = numbers_of(_sized(read_column(frame, roles.entry, "entry"), n))
    late = entry >= times
    if late.any():
        row = int(np.argmax(late))
        found = f"{entry[row]:g} is not below the row's time ({times[row]:g})"
        refuse(late, roles.entry, found, "A row is at risk from after its entry to its time")
    return times, events, entry


def _weights(frame: Any, name: str | None, n: int) -> Floats | None:
    if name is None:
        return None
    weights = numbers_of(_sized(read_column(frame, name, "weights"), n))
    if weights.min(initial=0.0) < 0:
        value = weights[int(np.argmax(weights < 0))]
        refuse(weights < 0, name, f"{value:g} is negative", "Weights are 0 or above")
    check_weights(weights, name)
    return weights


def _sized(column: Column, n: int) -> Column:
    values = column.codes if column.numbers is None else column.numbers
    if values is not None and values.size != n:
        raise InputError(
            column.name, f"has {values.size} values, time has {n}", "Give one value a row"
        )
    return column


def _optional(frame: Any, name: str | None, role: str, n: int) -> Column | None:
    return None if name is None else _sized(read_column(frame, name, role), n)


def _complete(
    n: int, weights: Floats | None, columns: list[Column]
) -> tuple[Bools | None, tuple[Exclusion, ...]]:
    """Rows with every value and a weight; each row left out counts under its first reason."""
    kept = np.ones(n, np.bool_)
    exclusions = []
    reasons: list[tuple[str, Bools | None]] = []
    if weights is not None:
        reasons.append(("the weight is 0", weights == 0))
    reasons += [(f"the value of {each.name} is missing", each.missing) for each in columns]
    for reason, out in reasons:
        if out is None:
            continue
        count = int((kept & out).sum())
        if count:
            exclusions.append(Exclusion(reason, count))
            kept &= ~out
    if not exclusions:
        return None, ()
    if not kept.any():
        reason = "; ".join(f"{each.reason}: {each.count:g}" for each in exclusions)
        raise InputError("frame", f"no row is left ({reason})", "Complete the columns named")
    return kept, tuple(exclusions)


def _refuse_infinite(column: Column) -> None:
    if column.numbers is None or column.is_finite:
        return
    infinite = np.isinf(column.numbers)
    refuse(infinite, column.name, "the value is infinite", "Give a finite number")


def _refuse_large(column: Column) -> None:
    if column.numbers is not None:
        with np.errstate(all="ignore"):
            refuse_large(column.numbers, column.name)


def _chosen(values: Any, kept: Bools | None) -> Any:
    return values if kept is None else values[kept]


def _codes(column: Column) -> Ints:
    """Whole numbers from 0 on for the labels of a complete column."""
    values = column.numbers if column.codes is None else column.codes
    assert values is not None
    return codes_of(values, values.size, column.name)


def _labels(column: Column) -> tuple[list[str], Ints]:
    """Labels of a complete column in their order, and each row's position among them."""
    if column.codes is None:
        assert column.numbers is not None
        found, codes = distinct(column.numbers, column.numbers.size, column.name)
        return [label_of(each) for each in found], codes
    found, codes = distinct(column.codes, column.codes.size, column.name)
    return [column.levels[each] for each in found], codes


def _strata(columns: list[Column]) -> tuple[Ints | None, tuple[str, ...]]:
    """Strata that occur: the combinations of all columns, in the order of their labels."""
    if not columns:
        return None, ()
    labels, codes = _labels(columns[0])
    if len(columns) == 1:
        return codes, tuple(labels)
    labels = [f"{columns[0].name}={each}" for each in labels]
    for column in columns[1:]:
        more, positions = _labels(column)
        present, codes = distinct(codes * len(more) + positions, codes.size, column.name)
        pairs = [divmod(each, len(more)) for each in present]
        labels = [f"{labels[left]}, {column.name}={more[right]}" for left, right in pairs]
    return codes, tuple(labels)
