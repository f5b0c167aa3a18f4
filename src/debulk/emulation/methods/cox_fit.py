"""Cox's model on flat arrays: the survival room's own engine, without its tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.person_time import Flags, Floats
from debulk.survival.cox_model.fit import maximise
from debulk.survival.cox_model.prepared import prepare
from debulk.survival.cox_model.robust import sandwich, scores_and_information
from debulk.survival.cox_model.rows import CoxRows


@dataclass(frozen=True)
class CoxRun:
    """A fitted Cox model.

    Attributes
    ----------
    rows : CoxRows
        What it was fitted to.
    coef : (p,) float64
    covariance : (p, p) float64
        Inverse of the information; or the sandwich over clusters where there are some.
    influence : (clusters, p) float64 or None
        What each cluster moves the coefficients by.
    """

    rows: CoxRows
    coef: Floats
    covariance: Floats
    influence: Floats | None

    @property
    def first(self) -> tuple[float, float]:
        """Coefficient of the first term, which is treatment everywhere here, and its error."""
        return float(self.coef[0]), float(np.sqrt(self.covariance[0, 0]))


def fit_cox(
    entry: Floats,
    time: Floats,
    event: Flags,
    treated: Flags,
    others: Floats | None = None,
    names: tuple[str, ...] = (),
    *,
    weights: Floats | None = None,
    cluster: npt.NDArray[np.int64] | None = None,
) -> CoxRun:
    """Fit treatment, and other terms, by Efron's partial likelihood.

    Parameters
    ----------
    entry, time : (R,) float64
        Each row is at risk after `entry`, up to `time`.
    event, treated : (R,) bool
    others : (R, p - 1) float64, optional
        Other terms.
    names : tuple of str
        What they are called.
    weights : (R,) float64, optional
        Above 0.
    cluster : (R,) int64, optional
        Patient of each row, from 0 on; the variance is then the sandwich over patients.

    Raises
    ------
    InputError
        If only one group has events or is ever at risk with the other, or a term follows from
        others.
    """
    if not np.any(event):
        raise InputError("events", "no event falls into this comparison", "Follow up for longer")
    columns = treated.astype(np.float64)[:, None]
    x = columns if others is None else np.column_stack([columns, others])
    terms = ("treated", *names)
    rows = CoxRows(
        time=np.ascontiguousarray(time),
        event=np.ascontiguousarray(event),
        x=np.ascontiguousarray(x),
        names=terms,
        terms=terms,
        entry=np.ascontiguousarray(entry) if np.any(entry > 0.0) else None,
        weights=weights,
        cluster=cluster,
    )
    prepared = prepare(rows)
    try:
        fit = maximise(prepared, prepared.weights, True, terms)
    except InputError as error:
        remedy = "Use fewer terms; or too few events in one group for a hazard ratio: widen both"
        raise InputError(error.where, error.found, remedy) from None
    if cluster is None:
        return CoxRun(rows, fit.coef, fit.covariance, None)
    scores, _ = scores_and_information(rows, fit.likelihood, fit.coef)
    robust = sandwich(scores, fit.covariance)
    return CoxRun(rows, fit.coef, robust, scores @ fit.covariance)
