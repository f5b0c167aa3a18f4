"""Which columns and options a model was fitted with, for its provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.provenance import Parameter
from debulk.survival.cox_model.reading import Roles


def parameters_of(
    roles: Roles, options: Mapping[str, tuple[Any, Any]], derived: Mapping[str, tuple[Any, str]]
) -> tuple[Parameter, ...]:
    """Columns and options as parameters, each marked chosen, default or derived.

    Parameters
    ----------
    roles : Roles
        Column of each part; parts that were left out are not listed.
    options : mapping of str to (value, default)
        A value that equals its default counts as the default.
    derived : mapping of str to (value, reason)
        What followed from other choices or from the data.
    """
    named = {
        "time": roles.time,
        "event": roles.event,
        "covariates": list(roles.covariates) or None,
        "formula": roles.formula,
        "entry": roles.entry,
        "strata": list(roles.strata) or None,
        "weights": roles.weights,
        "cluster": roles.cluster,
        "offset": roles.offset,
    }
    columns = [
        Parameter(f"column.{part}" if part != "formula" else part, value, "chosen", "the call")
        for part, value in named.items()
        if value is not None
    ]
    chosen = [
        Parameter(name, value, "chosen", "the call")
        if value != default
        else Parameter(name, value, "default", "convention")
        for name, (value, default) in options.items()
    ]
    followed = [
        Parameter(name, value, "derived", reason) for name, (value, reason) in derived.items()
    ]
    return (*columns, *chosen, *followed)
