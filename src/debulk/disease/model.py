"""The disease model as its user sees it: parameters with uncertainty, mechanisms, worlds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.provenance import Parameter
from debulk.disease.mechanisms import MECHANISMS, SWITCHES, check_strength, known_mechanism, switch
from debulk.disease.parameters import checked_parameters, parameter_entries
from debulk.disease.posterior import Posterior, packaged_posterior
from debulk.disease.structures import changes_of


@dataclass(frozen=True)
class DiseaseModel:
    """Parameters of the simulator with their uncertainty, and which of its mechanisms act.

    Attributes
    ----------
    parameters : mapping of str to float
        Every parameter by name, the central set; units and meanings in `parameter_entries`.
    posterior : Posterior or None
        Draws of the parameters: trial t takes draw t modulo their number. None is one set.
    structure : str
        Of the central set, out of `debulk.disease.structures.STRUCTURES`; draws have their own.
    strengths : mapping of str to float
        Strength of each mechanism of `MECHANISMS` relative to its parameters: 0 is off, 1 as it is.
    null : bool
        Whether local treatment is a sham: nothing is removed, no harm, no pause.
    chosen : frozenset of str
        Parameters that the user set: the same in every draw.
    """

    parameters: Mapping[str, float]
    posterior: Posterior | None = None
    structure: str = "reference"
    strengths: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(MECHANISMS, 1.0))
    null: bool = False
    chosen: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        values = checked_parameters(self.parameters)
        missing = [name for name in parameter_entries() if name not in values]
        if missing:
            raise InputError(
                "disease parameters", f"{missing[0]!r} is missing", "Start from load_model()"
            )
        changes_of(self.structure)
        strengths = dict.fromkeys(MECHANISMS, 1.0)
        for name, value in self.strengths.items():
            strengths[name] = check_strength(name, value)
        object.__setattr__(self, "strengths", MappingProxyType(strengths))
        object.__setattr__(self, "parameters", MappingProxyType(values))

    @property
    def draws(self) -> int:
        """Number of parameter sets that trials take in turn."""
        return 1 if self.posterior is None else len(self.posterior)

    @property
    def structures(self) -> tuple[str, ...]:
        """Structure of each draw."""
        return (self.structure,) if self.posterior is None else self.posterior.structures

    @property
    def structure_counts(self) -> dict[str, int]:
        """Draws of each structure, in the order of their first."""
        return dict(Counter(self.structures))

    def with_parameters(self, values: Mapping[str, float]) -> DiseaseModel:
        """Model with some parameters changed, in every draw.

        Parameters
        ----------
        values : mapping of str to float
            New values by name.

        Raises
        ------
        InputError
            If a name is unknown (the nearest are offered) or a value is out of its range.
        """
        merged = {**self.parameters, **checked_parameters(values)}
        return replace(self, parameters=merged, chosen=self.chosen | set(values))

    @property
    def mechanisms(self) -> frozenset[str]:
        """The mechanisms that act."""
        return frozenset(name for name, value in self.strengths.items() if value > 0.0)

    def with_strengths(self, values: Mapping[str, float]) -> DiseaseModel:
        """Model with some mechanisms weaker or stronger: 0 is off, 1 as its parameters say.

        Raises
        ------
        InputError
            If a mechanism is unknown, or its strength is below 0 or above its largest.
        """
        return replace(self, strengths={**self.strengths, **values})

    def without(self, *names: str) -> DiseaseModel:
        """Model with mechanisms switched off; ``"all"`` switches off every one.

        Local treatment still removes cells: for a world where it does nothing see `null_world`.
        """
        return self._switched(names, 0.0)

    def with_mechanisms(self, *names: str) -> DiseaseModel:
        """Model with mechanisms switched on, at strength 1; ``"all"`` switches on every one."""
        return self._switched(names, 1.0)

    def _switched(self, names: tuple[str, ...], strength: float) -> DiseaseModel:
        which = MECHANISMS if "all" in names else names
        return self.with_strengths({known_mechanism(name): strength for name in which})

    def null_world(self) -> DiseaseModel:
        """The same model where local treatment is a sham."""
        return replace(self, null=True)

    def bare_removal(self) -> DiseaseModel:
        """The same model where cells go and every mechanism is off."""
        return self.without("all")

    def central(self) -> DiseaseModel:
        """The same model with the central parameter set alone, without its uncertainty."""
        return replace(self, posterior=None)

    def with_draws(self, count: int) -> DiseaseModel:
        """The same model with the first `count` draws of its posterior.

        Raises
        ------
        InputError
            If there are not so many, or no posterior.
        """
        if self.posterior is None or not 1 <= count <= self.draws:
            held = 0 if self.posterior is None else self.draws
            found = f"{count} draws asked for, the posterior has {held}"
            raise InputError("draws", found, f"Give 1 to {held}" if held else "Load a posterior")
        return replace(self, posterior=self.posterior.first(count))

    def parameter_records(self) -> tuple[Parameter, ...]:
        """Every parameter with its value, status, source and note, then the mechanisms."""
        spread = {} if self.posterior is None else self.posterior.intervals()
        records = []
        for entry in parameter_entries().values():
            chosen = entry.name in self.chosen
            note = f"{entry.meaning}; {entry.note}"
            if not chosen and entry.name in spread:
                low, high = spread[entry.name]
                note = f"{entry.meaning}; posterior {low:.3g} to {high:.3g} (90 %)"
            records.append(
                Parameter(
                    name=f"disease.{entry.name}",
                    value=self.parameters[entry.name],
                    status="chosen" if chosen else "derived" if entry.name in spread else "default",
                    source="user" if chosen else entry.source,
                    note=note,
                    unit=entry.unit,
                )
            )
        for name, what in MECHANISMS.items():
            strength = self.strengths[name]
            default = strength == 1.0
            records.append(
                Parameter(
                    name=f"disease.mechanism.{name}",
                    value="on" if default else "off" if strength == 0.0 else strength,
                    status="default" if default else "chosen",
                    source="assumption" if default else "user",
                    note=what,
                )
            )
        return tuple(records)

    def record(self) -> npt.NDArray[Any]:
        """Structured array as kernels take the model: a row a draw, a field a parameter.

        The kernels take row t modulo the number of rows for trial t. A mechanism that is off is
        its parameter at the limit, so that both give the same bits.
        """
        rows = np.zeros(self.draws, dtype=record_type())
        for name, value in self.parameters.items():
            rows[name] = value
        if self.posterior is None:
            _apply(rows, slice(None), self.structure)
        else:
            for name, values in self.posterior.values.items():
                if name not in self.chosen:
                    rows[name] = values
            for structure in set(self.posterior.structures):
                _apply(rows, np.array(self.posterior.structures) == structure, structure)
        switch(rows, self.strengths)
        return rows


def _apply(rows: npt.NDArray[Any], which: Any, structure: str) -> None:
    for name, value in changes_of(structure).items():
        rows[name][which] = value


@lru_cache(maxsize=1)
def record_type() -> np.dtype[Any]:
    """Type of `DiseaseModel.record`: a float64 for each parameter and switch."""
    return np.dtype([(name, np.float64) for name in (*parameter_entries(), *SWITCHES)])


def prior_model(structure: str = "reference") -> DiseaseModel:
    """The model at the medians of its priors: what it was before any target was seen.

    Parameters
    ----------
    structure : str
        Out of `debulk.disease.structures.STRUCTURES`.
    """
    values = {name: entry.value for name, entry in parameter_entries().items()}
    return DiseaseModel(parameters=values, structure=structure)


def load_model(posterior: Posterior | None = None) -> DiseaseModel:
    """The calibrated model: the packaged posterior sample, or one of your own.

    Parameters
    ----------
    posterior : Posterior, optional
        As `read_posterior` gives it; the packaged one if left out.
    """
    sample = packaged_posterior() if posterior is None else posterior
    start = {name: entry.value for name, entry in parameter_entries().items()}
    values, structure = sample.central()
    return DiseaseModel(parameters={**start, **values}, posterior=sample, structure=structure)
