"""The model of treatment behind the weights: which terms, and the design matrix they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from debulk.core.cubic_splines import KNOT_QUANTILES, knots_of, spline_terms
from debulk.core.errors import InputError
from debulk.emulation.person_time import Floats, PersonTime
from debulk.survival.options import check_kind, check_word, shown

Form = Literal["logistic", "cox"]
"""Model of the chance of treatment."""

Month = Literal["indicators", "linear", "spline"]
"""How the visit's number enters a model."""


@dataclass(frozen=True, slots=True)
class WeightModel:
    """Terms of the model for the probability of treatment at a visit.

    Attributes
    ----------
    form : {"logistic", "cox"}
        Pooled logistic regression over visits, or a Cox model of the time to treatment, grouped by
        visits (whatever `month` says, its baseline hazard has a step at each).
    knots : int
        Knots of the restricted cubic spline of each continuous covariate, 3 to 5; 0 is a straight
        line.
    month : {"indicators", "linear", "spline"}
        How the visit's number enters.
    covariates : tuple of str or None
        Names of the covariates used; None is every one.
    """

    form: Form = "logistic"
    knots: int = 3
    month: Month = "indicators"
    covariates: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.knots, int) and not isinstance(self.knots, bool)
        if not whole or self.knots not in (0, *KNOT_QUANTILES):
            raise InputError("knots", f"found {shown(self.knots)}", "Give 0, 3, 4 or 5")
        check_word(self.month, Month, "month")
        check_word(self.form, Form, "form")
        names = self.covariates
        if names is not None:
            listed = isinstance(names, tuple) and all(isinstance(each, str) for each in names)
            if not listed:
                raise InputError("covariates", f"found {shown(names)}", "Give a tuple of names")


def design_of(
    person_time: PersonTime, rows: npt.NDArray[np.int64], model: WeightModel
) -> tuple[Floats, tuple[str, ...]]:
    """Design matrix of some visits: an intercept, the month, the covariates.

    Parameters
    ----------
    person_time : PersonTime
    rows : (R,) int64
        Visits that enter the model, as row numbers.
    model : WeightModel

    Returns
    -------
    matrix : (R, p) float64
    names : tuple of str
        Names of the p columns.

    Raises
    ------
    InputError
        If the model names a covariate that is not there.
    """
    check_kind(model, WeightModel, "model")
    columns: list[Floats] = [np.ones(rows.size)]
    names = ["intercept"]
    _add_month(person_time.visit[rows], model, columns, names)
    for name in model.covariates if model.covariates is not None else person_time.names:
        if name not in person_time.names:
            known = ", ".join(person_time.names)
            raise InputError("covariates", f"no covariate {name!r}", f"There are {known}")
        place = person_time.names.index(name)
        values = np.ascontiguousarray(person_time.values[rows, place])
        if values.size == 0 or np.all(values == values[0]):
            continue  # constant among these visits: it says what the intercept says
        bends = model.knots and person_time.covariates[place].continuous
        knots = knots_of(values, model.knots, occurring=True) if bends else None
        if knots is None:
            columns.append(values)
            names.append(name)
        else:
            terms = spline_terms(values, knots)
            columns.extend(terms.T)
            names += [name] + [f"{name}, bend {turn}" for turn in range(1, terms.shape[1])]
    return np.ascontiguousarray(np.column_stack(columns)), tuple(names)


def _add_month(
    visit: npt.NDArray[np.int32], model: WeightModel, columns: list[Floats], names: list[str]
) -> None:
    seen = np.unique(visit)
    if seen.size < 2:
        return
    if model.month == "indicators":
        for month in seen[1:]:
            columns.append((visit == month).astype(np.float64))
            names.append(f"visit {month}")
        return
    number = visit.astype(np.float64)
    knots = knots_of(number, model.knots or 3, occurring=True) if model.month == "spline" else None
    if knots is None:
        columns.append(number)
        names.append("visit")
    else:
        terms = spline_terms(number, knots)
        columns.extend(terms.T)
        names += ["visit"] + [f"visit, bend {turn}" for turn in range(1, terms.shape[1])]
