"""Cox's proportional hazards model: what users call, and what they get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance
from debulk.survival.cox_model.fit import factor, maximise
from debulk.survival.cox_model.prepared import prepare
from debulk.survival.cox_model.reading import Reading, Roles, read_rows
from debulk.survival.cox_model.record import parameters_of
from debulk.survival.cox_model.results import CoxModel
from debulk.survival.cox_model.robust import sandwich, scores_and_information
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.curves.fit import fractional
from debulk.survival.options import check_flag, check_level, check_word

Penalty = Literal["firth"]

_WIDEST_OFFSET = 700.0
"""Largest power of e that is still a finite number, nearly."""

__all__ = ["CoxModel", "cox"]


def cox(
    frame: Any,
    *,
    time: str,
    event: str,
    covariates: str | Sequence[str] | None = None,
    formula: str | None = None,
    entry: str | None = None,
    strata: str | Sequence[str] | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    offset: str | None = None,
    ties: Ties = "efron",
    robust: bool | None = None,
    penalty: Penalty | None = None,
    conf_level: float = 0.95,
) -> CoxModel:
    """Fit a proportional hazards model (Cox 1972, J R Stat Soc B 34:187).

    Parameters
    ----------
    frame : DataFrame of Polars or pandas, or mapping of str to array-like
        The table. All other arguments name its columns.
    time, event : str
        End of follow-up (finite, at least 0, any unit) and whether it ended with the event (bool
        or 0/1).
    covariates : str or sequence of str, optional
        Columns of the model. Text, Enum and Categorical columns become indicators of all levels
        but the first (of those that occur; text in sorted order), named ``rx[T.Lev]``; bool
        columns count as 0 and 1.
    formula : str, optional
        In place of `covariates`: the right-hand side of a formula for formulaic, such as
        ``"age + sex + log(bili) + C(rx)"``. There is no intercept.
    entry : str, optional
        Start of each row's interval: a row is at risk after `entry` up to and including `time`.
        For left truncation, and for covariates that change with time (several rows a patient).
    strata : str or sequence of str, optional
        Each combination has a baseline hazard of its own.
    weights : str, optional
        Case weights, at least 0.
    cluster : str, optional
        Rows of one cluster may depend on each other; gives the robust covariance.
    offset : str, optional
        Known part of the linear predictor, on the scale of log hazard ratios.
    ties : {"efron", "breslow"}
        How events at the same time share their risk set (Efron 1977, J Am Stat Assoc 72:557;
        Breslow 1974, Biometrics 30:89). Only equal numbers are tied; round times that carry noise.
    robust : bool, optional
        Whether the covariance is the sandwich (Lin and Wei 1989), with each row a cluster where
        no `cluster` is named. Default: yes with `cluster`, or with weights that are not whole
        numbers.
    penalty : {"firth"}, optional
        Maximise the likelihood times the root of the information's determinant, which is finite
        even where events are perfectly separated (Heinze and Schemper 2001, Biometrics 57:114).
    conf_level : float
        Level of the intervals, strictly between 0 and 1.

    Returns
    -------
    CoxModel

    Raises
    ------
    InputError
        On a missing, infinite or negative time, an event other than 0 or 1, an entry not below its
        time, a negative weight, an infinite covariate, each with column and row; on a constant
        covariate, one that follows from others, and one whose coefficient has no finite estimate
        (all named); without an event.

    Notes
    -----
    A row that misses a covariate, stratum, cluster or offset, or has weight 0, is left out and
    counted in ``.provenance.exclusions``. A stratum without events adds nothing, nor does a row
    that is at risk at no event time.
    """
    roles = Roles.of(
        time,
        event,
        covariates,
        formula,
        strata,
        entry=entry,
        weights=weights,
        cluster=cluster,
        offset=offset,
    )
    _check(ties, penalty, robust, conf_level)
    reading = read_rows(frame, roles)
    _check_offset(reading)
    return fit_rows(reading, ties, robust=robust, penalty=penalty, conf_level=conf_level)


def fit_rows(
    reading: Reading,
    ties: Ties = "efron",
    *,
    robust: bool | None = None,
    penalty: Penalty | None = None,
    conf_level: float = 0.95,
) -> CoxModel:
    """Fit a Cox model to rows already read; the arguments are those of `cox`."""
    rows = reading.rows
    efron = ties == "efron"
    prepared = prepare(rows)
    notes: list[str] = []
    intervals = None
    sturdy = _wants_robust(rows, robust)
    if penalty is None:
        fitted = maximise(prepared, prepared.weights, efron, rows.names, coefficients_only=sturdy)
    else:
        from debulk.survival.cox_model.firth import maximise_penalised

        fitted, intervals = maximise_penalised(
            prepared, prepared.weights, efron, rows.names, conf_level
        )
        notes.append(
            "Firth's penalty (Heinze and Schemper 2001): log-likelihoods are penalised, intervals "
            "and p-values are those of the penalised profile likelihood."
        )
    covariance = naive = fitted.covariance
    if sturdy:
        scores, information = scores_and_information(rows, fitted.likelihood, fitted.coef)
        found = factor(information)
        if penalty is None and found.dependent < 0:
            naive = found.inverse * np.outer(prepared.scale, prepared.scale)
        covariance = sandwich(scores, naive)
        notes.append(
            "Standard errors are robust (sandwich), by "
            + ("row." if rows.cluster is None else f"{int(rows.cluster.max()) + 1} clusters.")
        )
    return CoxModel(
        method="Cox" if penalty is None else "Cox, Firth's penalty",
        rows=rows,
        ties=ties,
        coef=fitted.coef,
        covariance=covariance,
        naive_covariance=naive,
        robust=sturdy,
        loglik=fitted.loglik,
        conf_level=conf_level,
        provenance=Provenance(
            version=__version__,
            parameters=_parameters(reading, ties, robust, sturdy, penalty, conf_level),
            exclusions=reading.exclusions,
        ),
        notes=tuple(notes),
        reading=reading,
        profile=intervals,
    )


def _parameters(
    reading: Reading,
    ties: Ties,
    robust: bool | None,
    sturdy: bool,
    penalty: str | None,
    conf_level: float,
) -> tuple[Parameter, ...]:
    options: dict[str, tuple[Any, Any]] = {
        "ties": (ties, "efron"),
        "penalty": (penalty, None),
        "conf_level": (conf_level, 0.95),
    }
    if robust is not None:
        return parameters_of(reading.roles, options | {"robust": (robust, None)}, {})
    reason = "no cluster, and weights (if any) are whole numbers"
    if sturdy:
        reason = "a cluster is named" if reading.roles.cluster else "weights are not whole numbers"
    return parameters_of(reading.roles, options, {"robust": (sturdy, reason)})


def _check_offset(reading: Reading) -> None:
    offset = reading.rows.offset
    if offset is not None and np.ptp(offset) > _WIDEST_OFFSET:
        raise InputError(
            str(reading.roles.offset),
            f"offsets from {offset.min():g} to {offset.max():g} give hazard ratios beyond the "
            "computer's numbers",
            "Check the unit; an offset is on the scale of log hazard ratios",
        )


def _check(ties: Any, penalty: Any, robust: Any, conf_level: Any) -> None:
    if isinstance(ties, str) and ties == "exact":
        raise InputError("ties", "'exact' is not offered", "Use 'efron', which comes near it")
    check_word(ties, Ties, "ties")
    if penalty is not None:
        check_word(penalty, Penalty, "penalty")
    if robust is not None:
        check_flag(robust, "robust")
    check_level(conf_level)


def _wants_robust(rows: CoxRows, robust: bool | None) -> bool:
    if robust is not None:
        if not robust and rows.cluster is not None:
            raise InputError(
                "robust", "is false while a cluster is named", "Leave one of the two out"
            )
        return robust
    if rows.cluster is not None:
        return True
    return fractional(rows.weights)
