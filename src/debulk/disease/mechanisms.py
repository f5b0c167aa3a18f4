"""The mechanisms of the model: what each is, how it is switched and made stronger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.disease.structures import FLAGS

MECHANISMS: dict[str, str] = {
    "seeding": "metastases shed new metastases during the course, the more the larger they are",
    "dna-shedding": "tumour DNA in the blood, by burden, helps shed cells to settle",
    "organ-death": "each organ fails by its own load (off: one pooled load)",
    "tolerance": "a patient whom the tumour has made frail stops systemic therapy more often",
    "perfusion": "drug reaches large lesions less well (off: all lesions alike)",
    "resistance": "sensitive cells become resistant on drug",
    "immune": "immunity holds micrometastases in check",
    "immunosuppression": "burden suppresses that immunity (off: immunity whatever the burden)",
    "occult": "metastases below what imaging shows exist (off: none at the start of the course)",
    "surge": "a regenerating liver stimulates the growth of what is left",
    "operative-immunosuppression": "an operation suspends immunity for some weeks",
    "pause": "local treatment interrupts systemic therapy",
    "operative-death": "local treatment can kill",
    "operative-morbidity": "a major complication lengthens the pause and can end systemic therapy",
}
"""Mechanisms that can be switched off or made stronger, and what each is."""

SWITCHES = (
    "fsec_course",
    "uacq_course",
    "pen_course",
    "on_dna",
    "on_organ_death",
    "on_tolerance",
    "on_immunosuppression",
    "on_occult",
    "on_operative_immunosuppression",
    "on_pause",
    "on_operative_death",
    "on_operative_morbidity",
    *FLAGS,
)
"""Fields of the record beyond the parameters: what switches and structures act on."""

_FIELDS = {
    "seeding": "fsec_course",
    "dna-shedding": "on_dna",
    "organ-death": "on_organ_death",
    "tolerance": "on_tolerance",
    "perfusion": "pen_course",
    "resistance": "uacq_course",
    "immune": "kimm",
    "immunosuppression": "on_immunosuppression",
    "occult": "on_occult",
    "surge": "surge",
    "operative-immunosuppression": "on_operative_immunosuppression",
    "pause": "on_pause",
    "operative-death": "on_operative_death",
    "operative-morbidity": "on_operative_morbidity",
}

LARGEST_STRENGTH: Mapping[str, float] = {
    name: 1.0 if name in ("organ-death", "occult", "perfusion") else 10.0 for name in MECHANISMS
}
"""Largest strength of each mechanism; 1 where it is a share."""


def switch(rows: npt.NDArray[Any], strengths: Mapping[str, float]) -> None:
    """Multiply the fields of the record by the strengths of the mechanisms.

    Natural history reads ``fsec``, ``uacq`` and ``pen``; the fields that end in ``_course`` are the
    course's own, so that a mechanism switched off leaves the presenters as they are.
    """
    rows["fsec_course"] = rows["fsec"]
    rows["uacq_course"] = rows["uacq"]
    rows["pen_course"] = rows["pen"]
    for name in SWITCHES:
        if name.startswith("on_"):
            rows[name] = 1.0
    for mechanism, field in _FIELDS.items():
        rows[field] *= strengths[mechanism]


def known_mechanism(name: str) -> str:
    """The name, if it is a mechanism's.

    Raises
    ------
    InputError
        Otherwise; the nearest are offered.
    """
    if name not in MECHANISMS:
        raise InputError("mechanism", f"{name!r} is not known", nearest(name, [*MECHANISMS, "all"]))
    return name


def check_strength(name: str, value: object) -> float:
    """The strength as a float.

    Raises
    ------
    InputError
        If it is no number, below 0, or above the largest of this mechanism.
    """
    most = LARGEST_STRENGTH[name]
    number = isinstance(value, (int, float, np.floating, np.integer))
    number = number and not isinstance(value, bool)
    if not number or not 0.0 <= float(value) <= most:  # type: ignore[arg-type]
        raise InputError(
            f"strength of mechanism {name!r}",
            f"{value!r} is not from 0 to {most:g}",
            "0 switches it off, 1 leaves it as its parameters say",
        )
    return float(value)  # type: ignore[arg-type]
