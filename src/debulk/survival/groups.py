"""Group labels, and which group is the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.labels import distinct, label_of
from debulk.survival.subjects import Ints

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
    values, positions = distinct(group, n, name)
    labels = [label_of(value) for value in values]
    ordered, chosen_by = _in_order(group, values, labels, positions)
    if len(ordered) < 2:
        found = f"holds one group only ({ordered[0]!r})" if ordered else "holds no group"
        raise InputError(name, found, "Give two groups or more to compare")
    if reference is not None:
        wanted = label_of(reference)
        if wanted not in ordered:
            raise InputError(
                "reference", f"no group is called {wanted!r}", nearest(wanted, ordered)
            )
        ordered = [wanted, *(each for each in ordered if each != wanted)]
        chosen_by = "given"
    place = {label: code for code, label in enumerate(ordered)}
    codes = np.array([place[label] for label in labels], dtype=np.int64)[positions]
    return Groups(tuple(ordered), codes, chosen_by)


def _in_order(
    group: Any, values: list[Any], labels: list[str], positions: Ints
) -> tuple[list[str], ChosenBy]:
    known = list(dict.fromkeys(labels))
    levels = _levels(group, labels, positions)
    if levels is not None:
        return [level for level in levels if level in known], "first level"
    if all(isinstance(value, int | float) for value in values):
        return known, "numeric order"
    return sorted(known), "sorted order"


def _levels(group: Any, labels: list[str], positions: Ints) -> list[str] | None:
    """Levels of an Enum or Categorical column of Polars or pandas; None for anything else.

    A Polars Categorical takes its codes from a pool shared by the whole process, so that only the
    order in which its own labels appear is the same in every run.
    """
    kind = getattr(group, "dtype", None)
    name = str(kind).lower()
    if name.startswith("categorical"):
        first_rows = np.unique(positions, return_index=True)[1]
        return [labels[positions[row]] for row in sorted(first_rows)]
    if name.startswith(("enum", "category")):
        return [label_of(each) for each in kind.categories]  # type: ignore[union-attr]
    return None
