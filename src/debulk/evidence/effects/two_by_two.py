"""Events in two arms, study by study: odds ratios, risk ratios and risk differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.effect import require_events, require_names
from debulk.evidence.effects.study_effects import StudyEffects

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

TableMeasure = Literal["odds ratio", "risk ratio", "risk difference"]
TABLE_MEASURES: tuple[TableMeasure, ...] = ("odds ratio", "risk ratio", "risk difference")

NO_EVENT = "no event, or nothing but events, in both arms: the ratio is open"


@dataclass(frozen=True, eq=False)
class TwoByTwoTables:
    """Events and patients of both arms of several studies.

    Attributes
    ----------
    names : tuple of str
        One a study.
    events_1, n_1, events_2, n_2 : float64 array, shape (studies,)
        Arm 1 is the experimental arm, arm 2 the control.
    """

    names: tuple[str, ...]
    events_1: Floats
    n_1: Floats
    events_2: Floats
    n_2: Floats

    @property
    def cells(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Events and non-events of arm 1, then of arm 2."""
        return self.events_1, self.n_1 - self.events_1, self.events_2, self.n_2 - self.events_2

    @property
    def is_uninformative(self) -> npt.NDArray[np.bool_]:
        """Where neither arm has an event, or neither has a patient without."""
        a, b, c, d = self.cells
        return np.asarray((a + c == 0.0) | (b + d == 0.0))

    def kept(self, chosen: npt.NDArray[np.bool_]) -> TwoByTwoTables:
        """The studies for which `chosen` is true."""
        names = tuple(name for name, keep in zip(self.names, chosen, strict=True) if keep)
        columns = (self.events_1, self.n_1, self.events_2, self.n_2)
        return TwoByTwoTables(names, *(each[chosen] for each in columns))


def two_by_two_tables(
    events_1: Sequence[float],
    n_1: Sequence[float],
    events_2: Sequence[float],
    n_2: Sequence[float],
    *,
    names: Sequence[str] | None = None,
) -> TwoByTwoTables:
    """Check the tables of several studies.

    Parameters
    ----------
    events_1, n_1, events_2, n_2 : sequence of float
        Events and patients of the experimental arm and of the control, one entry a study.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...

    Raises
    ------
    InputError
        If lengths differ, a name stands twice, or counts are impossible.
    """
    labels = require_names(names, events_1=events_1, n_1=n_1, events_2=events_2, n_2=n_2)
    arms = [
        [
            require_events(f"events_{arm}[{i}]", x, f"n_{arm}[{i}]", n)
            for i, (x, n) in enumerate(zip(events, patients, strict=True))
        ]
        for arm, events, patients in ((1, events_1, n_1), (2, events_2, n_2))
    ]
    (x_1, p_1), (x_2, p_2) = (np.array(each, dtype=float).T for each in arms)
    return TwoByTwoTables(labels, x_1, p_1, x_2, p_2)


def two_by_two_effects(
    tables: TwoByTwoTables,
    measure: TableMeasure,
    *,
    correction: Correction | None = None,
) -> StudyEffects:
    """Ratios or differences of each study with their standard errors, for pooling.

    Parameters
    ----------
    tables : TwoByTwoTables
        From `two_by_two_tables`.
    measure : {"odds ratio", "risk ratio", "risk difference"}
        Arm 1 against arm 2; ratios as logarithms.
    correction : Correction, optional
        Continuity correction; default 0.5 to each cell of studies with an empty cell.

    Returns
    -------
    StudyEffects
        For ratios, studies without any event or without any non-event are left out and counted: no
        correction gives them information.

    Raises
    ------
    InputError
        If an empty cell is left uncorrected, or no study is left.
    """
    if measure not in TABLE_MEASURES:
        found = f"{measure!r} is no measure of two arms"
        raise InputError("measure", found, f"Give one of {TABLE_MEASURES}")
    policy = correction or Correction()
    kept, exclusions = (tables, ()) if measure == "risk difference" else informative(tables)
    a, b, c, d = kept.cells
    empty = np.any(np.stack(kept.cells) == 0.0, axis=0)
    corrected = np.array(policy.applies(list(empty)), dtype=bool)
    bad = empty & ~corrected
    if bad.any():
        name = kept.names[int(np.argmax(bad))]
        remedy = "Choose a continuity correction, or pool by Mantel and Haenszel"
        raise InputError(f"study {name!r}", "has an empty cell and no correction", remedy)
    added = np.where(corrected, policy.amount, 0.0)
    estimates, variances = _of_cells(a + added, b + added, c + added, d + added, measure)
    count = int(corrected.sum())
    remarks = (f"{policy.remark} of {count} of {len(a)} studies",) if count else ()
    return StudyEffects(
        names=kept.names,
        estimates=estimates,
        std_errors=np.sqrt(variances),
        measure=measure,
        scale="identity" if measure == "risk difference" else "log",
        patients=tuple(int(each) for each in kept.n_1 + kept.n_2),
        exclusions=exclusions,
        remarks=remarks,
    )


def informative(tables: TwoByTwoTables) -> tuple[TwoByTwoTables, tuple[Exclusion, ...]]:
    """The studies that tell something of a ratio, and how many do not.

    Raises
    ------
    InputError
        If none does.
    """
    bare = tables.is_uninformative
    if bare.all():
        found = "no study has both an event and a patient without"
        raise InputError("events_1", found, "Pool risk differences, or describe the counts")
    if not bare.any():
        return tables, ()
    reason = f"{', '.join(tables.kept(bare).names)}: {NO_EVENT}"
    return tables.kept(~bare), (Exclusion(reason, int(bare.sum())),)


def _of_cells(
    a: Floats, b: Floats, c: Floats, d: Floats, measure: TableMeasure
) -> tuple[Floats, Floats]:
    n_1, n_2 = a + b, c + d
    if measure == "odds ratio":
        return np.log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d
    if measure == "risk ratio":
        return np.log(a / n_1) - np.log(c / n_2), 1.0 / a - 1.0 / n_1 + 1.0 / c - 1.0 / n_2
    return a / n_1 - c / n_2, a * b / n_1**3 + c * d / n_2**3


def peto_o_minus_e(tables: TwoByTwoTables) -> tuple[Floats, Floats]:
    """Observed minus expected events of arm 1 and their hypergeometric variance."""
    total = tables.n_1 + tables.n_2
    events = tables.events_1 + tables.events_2
    expected = tables.n_1 * events / total
    variance = expected * (tables.n_2 / total) * (total - events) / (total - 1.0)
    return tables.events_1 - expected, variance
