"""Group labels, and which group is the reference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.subjects import Ints, one_dimensional

ChosenBy = Literal["given", "first level", "numeric order", "sorted order"]


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of subjects, the reference first.

    Attributes
    ----------
    labels : tuple of str
        The groups that occur; the first is the reference.
    codes : array of int, shape (n,)
        Each subject's position in `labels`.
    chosen_by : {"given", "first level", "numeric order", "sorted order"}
        How the reference was found.
    """

    labels: tuple[str, ...]
    codes: Ints
    chosen_by: ChosenBy

    @property
    def reference(self) -> str:
        """The reference group."""
        return self.labels[0]

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.labels)


def read_groups(group: Any, n: int, *, reference: Any = None, name: str = "group") -> Groups:
    """Find the groups and their reference.

    Parameters
    ----------
    group : array-like, shape (n,)
        A label a subject: numbers, text, or an Enum or Categorical column.
    n : int
        Number of subjects.
    reference : label, optional
        The reference group. Default: the first level of an Enum or Categorical column, else the
        lowest number, else the first in sorted order.

    Raises
    ------
    InputError
        If a label is missing, fewer than two groups occur, or the reference is none of them.
    """
    values = one_dimensional(group, name).tolist()
    if len(values) != n:
        raise InputError(name, f"has {len(values)} values, time has {n}", "Give one value a row")
    for row, value in enumerate(values):
        if _is_missing(value):
            raise InputError(f"{name}, row {row + 1}", "the value is missing", "Drop the row")
    ordered, chosen_by = _in_order(group, values)
    if len(ordered) < 2:
        raise InputError(
            name, f"holds one group only ({ordered[0]!r})", "Give two groups or more to compare"
        )
    if reference is not None:
        wanted = label_of(reference)
        if wanted not in ordered:
            raise InputError(
                "reference", f"no group is called {wanted!r}", nearest(wanted, ordered)
            )
        ordered = [wanted, *(each for each in ordered if each != wanted)]
        chosen_by = "given"
    position = {label: code for code, label in enumerate(ordered)}
    codes = np.array([position[label_of(value)] for value in values], dtype=np.int64)
    return Groups(tuple(ordered), codes, chosen_by)


def label_of(value: Any) -> str:
    """How a group is called: whole numbers without a decimal point, text as it is."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _in_order(group: Any, values: list[Any]) -> tuple[list[str], ChosenBy]:
    labels = list(dict.fromkeys(label_of(value) for value in values))
    levels = _levels(group, labels)
    if levels is not None:
        return [level for level in levels if level in labels], "first level"
    if all(isinstance(value, int | float) for value in values):
        return list(dict.fromkeys(label_of(value) for value in sorted(values))), "numeric order"
    return sorted(labels), "sorted order"


def _levels(group: Any, labels: list[str]) -> list[str] | None:
    """Levels of an Enum or Categorical column of Polars or pandas; None for anything else.

    A Polars Categorical takes its codes from a pool shared by the whole process, so that only the
    order in which its own labels appear is the same in every run.
    """
    kind = getattr(group, "dtype", None)
    name = str(kind).lower()
    if name.startswith("categorical"):
        return labels
    if name.startswith(("enum", "category")):
        return [label_of(each) for each in kind.categories]  # type: ignore[union-attr]
    return None
