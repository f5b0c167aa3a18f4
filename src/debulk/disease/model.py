"""The disease model as its user sees it: parameters, mechanisms, null world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.core.yaml_files import parse_yaml

MECHANISMS: dict[str, str] = {
    "seeding": "metastases shed new metastases during the course",
    "organ-death": "each organ fails by its own load (off: one pooled load)",
    "resistance": "sensitive cells become resistant on drug",
    "immune": "immunity holds micrometastases in check while the burden is small",
    "occult": "metastases below what imaging shows exist (off: none at the start of the course)",
    "surge": "surgery stimulates the growth of what is left",
    "pause": "local treatment interrupts systemic therapy",
    "operative-death": "local treatment can kill",
}
"""Mechanisms that can be switched off, and what each is."""

SWITCHES = (
    "fsec_course",
    "uacq_course",
    "on_organ_death",
    "on_occult",
    "on_pause",
    "on_operative_death",
)
"""Fields of the record beyond the parameters: what the switches act on."""


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """One parameter as packaged.

    Attributes
    ----------
    name, unit, meaning, source, note : str
        What it is and where its value comes from.
    value : float
        The default.
    lower, upper : float or None
        Central 90 % of the values held plausible; None where the number was held fixed.
    allowed : str
        ``positive``, ``nonnegative``, ``probability``, ``correlation`` or ``real``.
    """

    name: str
    value: float
    unit: str
    meaning: str
    lower: float | None
    upper: float | None
    allowed: str
    source: str
    note: str


@lru_cache(maxsize=1)
def parameter_entries() -> Mapping[str, ParameterEntry]:
    """Every packaged parameter by name, in the order of the file."""
    file = resources.files("debulk") / "data" / "disease" / "parameters.yaml"
    content = parse_yaml(file.read_text(encoding="utf-8"), "disease/parameters.yaml").content
    entries = {
        name: ParameterEntry(name=name, **entry) for name, entry in content["parameters"].items()
    }
    for entry in entries.values():
        _check(entry, entry.value)
    return MappingProxyType(entries)


@dataclass(frozen=True)
class DiseaseModel:
    """Parameters of the simulator, and which of its mechanisms act.

    Attributes
    ----------
    parameters : mapping of str to float
        Every parameter by name; units and meanings in `parameter_entries`.
    mechanisms : frozenset of str
        The mechanisms that act, out of `MECHANISMS`.
    null : bool
        Whether local treatment is a sham: nothing is removed, no harm, no pause.
    provisional : bool
        Whether the values still await calibration.
    """

    parameters: Mapping[str, float]
    mechanisms: frozenset[str] = frozenset(MECHANISMS)
    null: bool = False
    provisional: bool = True
    chosen: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        entries = parameter_entries()
        for name, value in self.parameters.items():
            if name not in entries:
                raise _unknown_parameter(name)
            _check(entries[name], value)
        missing = [name for name in entries if name not in self.parameters]
        if missing:
            raise InputError(
                "disease parameters", f"{missing[0]!r} is missing", "Start from load_model()"
            )
        for name in self.mechanisms:
            _known_mechanism(name)
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def with_parameters(self, values: Mapping[str, float]) -> DiseaseModel:
        """Model with some parameters changed.

        Parameters
        ----------
        values : mapping of str to float
            New values by name.

        Raises
        ------
        InputError
            If a name is unknown (the nearest are offered) or a value is out of its range.
        """
        entries = parameter_entries()
        for name, value in values.items():
            if name not in entries:
                raise _unknown_parameter(name)
            _check(entries[name], value)
        merged = {**self.parameters, **{name: float(value) for name, value in values.items()}}
        return replace(self, parameters=merged, chosen=self.chosen | set(values))

    def without(self, *names: str) -> DiseaseModel:
        """Model with mechanisms switched off; ``"all"`` switches off every one.

        Local treatment still removes cells: for a world where it does nothing see `null_world`.
        """
        off = set(MECHANISMS) if "all" in names else {_known_mechanism(name) for name in names}
        return replace(self, mechanisms=self.mechanisms - off)

    def with_mechanisms(self, *names: str) -> DiseaseModel:
        """Model with mechanisms switched on; ``"all"`` switches on every one."""
        on = set(MECHANISMS) if "all" in names else {_known_mechanism(name) for name in names}
        return replace(self, mechanisms=self.mechanisms | on)

    def null_world(self) -> DiseaseModel:
        """The same model where local treatment is a sham."""
        return replace(self, null=True)

    def parameter_records(self) -> tuple[Parameter, ...]:
        """Every parameter with its value, status, source and note, then the mechanisms."""
        records = [
            Parameter(
                name=f"disease.{entry.name}",
                value=self.parameters[entry.name],
                status="chosen" if entry.name in self.chosen else "default",
                source="user" if entry.name in self.chosen else entry.source,
                note=f"{entry.meaning}; {entry.note}",
                unit=entry.unit,
            )
            for entry in parameter_entries().values()
        ]
        for name, what in MECHANISMS.items():
            on = name in self.mechanisms
            records.append(
                Parameter(
                    name=f"disease.mechanism.{name}",
                    value="on" if on else "off",
                    status="default" if on else "chosen",
                    source="assumption" if on else "user",
                    note=what,
                )
            )
        return tuple(records)

    def record(self) -> npt.NDArray[Any]:
        """Structured array of one row, as kernels take the model: one field a parameter.

        A mechanism that is off is its parameter at the limit, so that both give the same bits.
        """
        row = np.zeros(1, dtype=record_type())
        for name, value in self.parameters.items():
            row[name] = value
        # Natural history uses these two as well; the switches act on the course alone.
        row["fsec_course"] = self.parameters["fsec"]
        row["uacq_course"] = self.parameters["uacq"]
        for name in ("on_organ_death", "on_occult", "on_pause", "on_operative_death"):
            row[name] = 1.0
        for mechanism, switch in _SWITCHED.items():
            if mechanism not in self.mechanisms:
                row[switch] = 0.0
        return row


_SWITCHED = {
    "seeding": "fsec_course",
    "organ-death": "on_organ_death",
    "resistance": "uacq_course",
    "immune": "kimm",
    "occult": "on_occult",
    "surge": "surge",
    "pause": "on_pause",
    "operative-death": "on_operative_death",
}


@lru_cache(maxsize=1)
def record_type() -> np.dtype[Any]:
    """Type of `DiseaseModel.record`: a float64 for each parameter and switch."""
    return np.dtype([(name, np.float64) for name in (*parameter_entries(), *SWITCHES)])


def load_model() -> DiseaseModel:
    """Read the packaged model: version 1, every number provisional."""
    values = {name: entry.value for name, entry in parameter_entries().items()}
    return DiseaseModel(parameters=values)


_LIMITS = {
    "positive": (0.0, np.inf, "above 0"),
    "nonnegative": (0.0, np.inf, "0 or above"),
    "probability": (0.0, 1.0, "from 0 to 1"),
    "correlation": (-1.0, 1.0, "from -1 to 1"),
    "real": (-np.inf, np.inf, "a number"),
}


def _check(entry: ParameterEntry, value: object) -> None:
    lower, upper, words = _LIMITS[entry.allowed]
    good = isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool)
    if good:
        number = float(value)  # type: ignore[arg-type]
        good = bool(np.isfinite(number)) and lower <= number <= upper
        good = good and not (entry.allowed == "positive" and number == 0.0)
    if not good:
        unit = f" {entry.unit}" if entry.unit else ""
        raise InputError(
            f"disease parameter {entry.name!r} ({entry.meaning})",
            f"{value!r} is not {words}",
            f"Give a number {words}{unit}; the default is {entry.value:g}",
        )


def _unknown_parameter(name: str) -> InputError:
    return InputError(
        "disease parameters", f"{name!r} is not known", nearest(name, parameter_entries())
    )


def _known_mechanism(name: str) -> str:
    if name not in MECHANISMS:
        raise InputError("mechanism", f"{name!r} is not known", nearest(name, [*MECHANISMS, "all"]))
    return name
