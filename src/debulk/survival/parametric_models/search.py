"""Finding the maximum: where to start, and what it means when there is none."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from debulk.core.errors import InputError
from debulk.survival.parametric_models.likelihood import Layout, Likelihood, Rows
from debulk.survival.parametric_models.newton import Maximum, maximise
from debulk.survival.subjects import Floats

_SAMPLE = 20_000
"""Rows that find a start when there are many more; the maximum itself is that of all rows."""
_CURED_AT_START = (0.3, 0.1, 0.6, 0.85)
_BORDER = 1e-6
"""A cured share nearer to 0 or 1 than this has run to the border."""
_UNINFORMED = 100.0
"""Standard error, on a scale where covariates have deviation 1, of an effect that runs away."""


def find_maximum(rows: Rows, layout: Layout) -> tuple[Maximum, Floats]:
    """The maximum of the likelihood, and the covariance of its parameters.

    Raises
    ------
    InputError
        If the likelihood has no maximum inside the range of the parameters, naming the parameter
        that runs away.
    """
    best = _best_of(rows, layout, _starts(rows, layout))
    _refuse_border(best, layout)
    if not best.converged:
        raise _no_maximum(best, rows, layout)
    covariance = _covariance(best.at.hessian)
    _refuse_running_away(best, np.sqrt(np.diag(covariance)), rows, layout)
    return best, covariance


def _best_of(rows: Rows, layout: Layout, starts: list[Floats]) -> Maximum:
    likelihood = Likelihood(rows, layout)
    found = [maximise(likelihood.evaluate, start) for start in starts]
    return max(
        found,
        key=lambda each: (
            each.converged,
            each.at.value if np.isfinite(each.at.value) else -np.inf,
        ),
    )


def _starts(rows: Rows, layout: Layout) -> list[Floats]:
    if rows.time.size > 2 * _SAMPLE:
        sample = rows.subset(slice(None, None, rows.time.size // _SAMPLE))
        if sample.event.any():
            rough = _best_of(sample, layout, _plain_starts(sample, layout))
            if rough.converged:
                return [rough.parameters]
    return _plain_starts(rows, layout)


def _plain_starts(rows: Rows, layout: Layout) -> list[Floats]:
    if layout.cure is None:
        return [_start_at(layout, rows.typical_time(), None)]
    typical = float(rows.time[rows.event].mean())
    return [_start_at(layout, typical, share) for share in _CURED_AT_START]


def _start_at(layout: Layout, typical: float, cured: float | None) -> Floats:
    """No effects, a typical time, and a cured share."""
    result = np.zeros(layout.size)
    values = layout.family.start(typical)
    places = layout.slices
    place = 1
    for parameter, value in zip(layout.family.parameters, values, strict=True):
        if parameter.name == layout.family.location:
            result[0] = value
        else:
            result[places[place]] = value
            place += 1
    if cured is not None:
        result[places[-1].start] = logit(cured)
    return result


def _covariance(hessian: Floats) -> Floats:
    unit = np.sqrt(-np.diag(hessian))
    inverse: Floats = np.linalg.inv(-hessian / np.outer(unit, unit)) / np.outer(unit, unit)
    return (inverse + inverse.T) / 2.0


def _refuse_border(best: Maximum, layout: Layout) -> None:
    if layout.cure is None or not np.isfinite(best.parameters).all():
        return
    share = float(expit(best.parameters[layout.slices[-1].start]))
    if _BORDER < share < 1.0 - _BORDER:
        return
    border = "0: nothing in the data speaks for a cured share" if share < 0.5 else "1"
    raise InputError(
        "cure",
        f"the likelihood keeps rising while the cured share runs to {border}",
        "Fit without cure, follow up for longer, or choose another model for those not cured",
    )


def _names(rows: Rows, layout: Layout) -> list[str]:
    """Name of each parameter in the order of the layout."""
    family = layout.family
    location = [family.location] if family.location is not None else []
    others = [each.name for each in family.parameters if each.name != family.location]
    names = [*location, *rows.design.names, *others]
    if layout.cure is not None:
        names += ["cured", *(f"cured: {each}" for each in rows.cure_design.names)]
    return names


def _refuse_running_away(best: Maximum, se: Floats, rows: Rows, layout: Layout) -> None:
    worst = int(np.argmax(se))
    names = _names(rows, layout)
    if se[worst] <= _UNINFORMED:
        return
    own = {each.name: each.scale for each in layout.family.parameters}
    if own.get(names[worst]) == "identity":  # a shape in units of time may well be this uncertain
        return
    raise InputError(
        f"covariates, {names[worst]}" if names[worst] in rows.design.names else names[worst],
        f"its estimate runs away ({best.parameters[worst]:.3g} with standard error {se[worst]:.3g} "
        "on the scale of the fit): the likelihood has no finite maximum",
        "Leave it out, join groups, or use a model with fewer parameters",
    )


def _no_maximum(best: Maximum, rows: Rows, layout: Layout) -> InputError:
    names = _names(rows, layout)
    farthest = names[int(np.argmax(np.abs(best.parameters)))]
    distinct = np.unique(rows.time[rows.event]).size
    why = (
        f"all events are at one time, {rows.time[rows.event][0]:g}"
        if distinct == 1
        else f"{farthest!r} is farthest out"
    )
    return InputError(
        "model",
        f"the likelihood of the {layout.family.name} model has no finite maximum here; {why}",
        "Use a model with fewer parameters, or leave out the column at fault",
    )
