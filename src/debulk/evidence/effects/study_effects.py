"""Effects of several studies on one scale, with their names, groups and sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.core.provenance import Exclusion

    Floats = npt.NDArray[np.float64]

LEFT_OUT = "left out as asked for"
"""Reason of a study that the user leaves out."""

Measure = Literal[
    "hazard ratio",
    "odds ratio",
    "risk ratio",
    "risk difference",
    "proportion",
    "mean difference",
    "generic",
]
"""What is pooled, in words."""


def a_measure(measure: str) -> str:
    """A measure with its article, as in "an odds ratio"."""
    return f"{'an' if measure[:1] in 'aeiou' else 'a'} {measure}"


Scale = Literal["identity", "log", "logit", "arcsine", "double arcsine"]
"""The scale it is pooled on."""


@dataclass(frozen=True)
class StudyEffects:
    """Effects ready for pooling.

    Attributes
    ----------
    names : tuple of str
        One a study, each once.
    estimates, std_errors : float64 array, shape (studies,)
        On the scale of pooling.
    measure : Measure
        What they are.
    scale : Scale
        The scale of pooling.
    groups : mapping of str to tuple
        Columns for subgroups and moderators, each with one entry a study (number, text or None).
    sources : tuple of str
        How to cite each study; empty where nothing is known.
    patients : tuple of int or None
        Patients of each study, where known.
    exclusions : tuple of Exclusion
        Rows left out, with the reason.
    remarks : tuple of str
        What a reader must know, such as how a standard error was made.
    inputs : mapping of str to str
        Name of the file they come from (never its path) and the SHA-256 of its bytes.
    events : tuple of int or None
        Events of each study, where proportions were counted.
    """

    names: tuple[str, ...]
    estimates: Floats
    std_errors: Floats
    measure: Measure
    scale: Scale
    groups: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    patients: tuple[int | None, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    remarks: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    events: tuple[int | None, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}

    def without(self, names: Collection[str]) -> StudyEffects:
        """The same without some studies, which are counted as left out.

        Parameters
        ----------
        names : collection of str
            Studies to leave out.

        Raises
        ------
        InputError
            If one is not there, or none would be left.
        """
        from debulk.core.provenance import Exclusion

        for name in names:
            if name not in self.names:
                found = f"{name!r} is not among the studies"
                raise InputError("names", found, nearest(name, self.names))
        kept = [place for place, name in enumerate(self.names) if name not in names]
        if not kept:
            raise InputError("names", "every study would be left out", "Leave fewer out")

        def of(values: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(values[place] for place in kept) if values else ()

        gone = [name for name in self.names if name in names]
        return replace(
            self,
            names=of(self.names),
            estimates=self.estimates[kept],
            std_errors=self.std_errors[kept],
            groups={column: of(values) for column, values in self.groups.items()},
            sources=of(self.sources),
            patients=of(self.patients),
            events=of(self.events),
            exclusions=(*self.exclusions, Exclusion(f"{', '.join(gone)}: {LEFT_OUT}", len(gone))),
        )

    def effects(self) -> list[tuple[str, float, float]]:
        """Name, estimate and standard error of each study."""
        rows = zip(self.names, self.estimates, self.std_errors, strict=True)
        return [(name, float(estimate), float(se)) for name, estimate, se in rows]

    @property
    def is_ratio(self) -> bool:
        """Whether the natural scale is a ratio, drawn on a logarithmic axis."""
        return self.scale == "log"

    @property
    def no_effect(self) -> float | None:
        """No effect on the natural scale; None where there is no such value."""
        if self.measure == "proportion":
            return None
        return 1.0 if self.is_ratio or self.measure == "odds ratio" else 0.0
