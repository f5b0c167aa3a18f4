"""Which columns and options a model was fitted with, for its provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.provenance import Parameter
from debulk.core.results import plain
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
        Parameter(name, value, "default", "convention")
        if _is_default(value, default)
        else Parameter(name, _shown(value), "chosen", "the call")
        for name, (value, default) in options.items()
    ]
    followed = [
        Parameter(name, value, "derived", reason) for name, (value, reason) in derived.items()
    ]
    return (*columns, *chosen, *followed)


def _is_default(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _shown(value: Any) -> Any:
    """A value as JSON can hold it; a label of an odd type as its text."""
    try:
        return plain(value)
    except TypeError:
        return str(value)
