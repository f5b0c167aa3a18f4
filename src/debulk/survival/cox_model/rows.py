"""The rows of a Cox model after every check, as all of its parts use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from debulk.survival.subjects import Bools, Floats, Ints

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class CoxRows:
    """Checked rows, in the order in which the user gave them.

    Attributes
    ----------
    time : array, shape (n,)
        End of each row's interval.
    event : array of bool, shape (n,)
        Whether the interval ends with the event.
    x : array, shape (n, p)
        Design matrix in C order, as given (neither centred nor scaled).
    names : tuple of str
        Name of each of the p columns.
    terms : tuple of str
        Term that each column belongs to (a factor's columns share theirs).
    stratum : array of int, shape (n,), or None
        Position of each row's stratum in `stratum_labels`; None for one stratum.
    stratum_labels : tuple of str
        Strata: numbers rising, text sorted, levels in their order; empty for one stratum.
    entry, weights, offset : array, shape (n,), or None
        Start of the interval (below `time`), case weights (above 0), known part of the linear
        predictor.
    cluster : array of int, shape (n,), or None
        Cluster of each row, numbered from 0.
    """

    time: Floats
    event: Bools
    x: Floats
    names: tuple[str, ...]
    terms: tuple[str, ...]
    stratum: Ints | None = None
    stratum_labels: tuple[str, ...] = ()
    entry: Floats | None = None
    weights: Floats | None = None
    offset: Floats | None = None
    cluster: Ints | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.time.size)

    @property
    def events(self) -> int:
        """Number of events, each counted once."""
        return int(self.event.sum())

    @property
    def means(self) -> Floats:
        """Value of each covariate from which linear predictors are counted, shape (p,).

        As in R: the mean, weighted unless there are entry times; 0 for covariates that hold only
        -1, 0 and 1.
        """
        weights = self.weights if self.entry is None else None
        few = np.array([bool(np.isin(column, (-1.0, 0.0, 1.0)).all()) for column in self.x.T])
        return np.where(few, 0.0, np.average(self.x, axis=0, weights=weights))
