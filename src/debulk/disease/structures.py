"""Structures of the disease model that the data cannot decide between; each is calibrated apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from debulk.core.errors import InputError, nearest

STRUCTURES: Mapping[str, str] = MappingProxyType(
    {
        "reference": "Gompertz growth, immunity, cells killed by radiation seen until cleared",
        "exponential": "metastases grow exponentially instead",
        "no-immunity": "no immune kill during the course",
        "drug-dead-cells": "cells killed by drug are seen until cleared, too",
    }
)
"""Structures by name, and what each is."""

FLAGS = ("exponential", "drug_dead")
"""Fields of the record that a structure sets to 1."""

_CHANGES: Mapping[str, Mapping[str, float]] = {
    "reference": {},
    "exponential": {"exponential": 1.0},
    "no-immunity": {"kimm": 0.0},
    "drug-dead-cells": {"drug_dead": 1.0},
}


def changes_of(structure: str) -> Mapping[str, float]:
    """Fields of the record that a structure fixes.

    Raises
    ------
    InputError
        If no structure has that name; the nearest are offered.
    """
    if structure not in _CHANGES:
        found = f"{structure!r} is not known"
        raise InputError("structure", found, nearest(str(structure), STRUCTURES))
    return _CHANGES[structure]
