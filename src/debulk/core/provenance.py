"""Where a result comes from: inputs, parameters, seed, version, exclusions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from debulk.core.results import plain

Status = Literal["chosen", "default", "derived"]
"""Whether the user chose a parameter, took its default, or it follows from others."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or word that a result depends on.

    Attributes
    ----------
    name : str
        Dotted path, as ``--set`` takes it.
    value : Any
        Its value.
    status : {"chosen", "default", "derived"}
        Chosen by the user, the program's default, or derived from others.
    source : str
        Keys of evidence rows joined by ``;``, ``"assumption"``, or what it was derived from.
    note : str
        Why, in words; every assumption has one.
    unit : str
        The unit, empty for a pure number.
    """

    name: str
    value: Any
    status: Status
    source: str
    note: str = ""
    unit: str = ""

    @property
    def is_assumption(self) -> bool:
        """Whether no source stands behind the value."""
        return self.source == "assumption"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows or patients left out, and why."""

    reason: str
    count: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything needed to get the same result again.

    Attributes
    ----------
    version : str
        Version of debulk.
    seed : int or None
        Seed of the random streams; None where nothing is random.
    inputs : dict of str to str
        Name of each input (never its path) and the SHA-256 of its bytes.
    parameters : tuple of Parameter
        What the result depends on.
    exclusions : tuple of Exclusion
        What was left out, with reasons.
    remarks : tuple of str
        Statements a reader must see, such as "provisional".
    """

    version: str
    seed: int | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "version": self.version,
            "seed": self.seed,
            "inputs": plain(self.inputs),
            "parameters": [plain(each) for each in self.parameters],
            "exclusions": [plain(each) for each in self.exclusions],
            "remarks": list(self.remarks),
        }


def sha256_of(content: bytes | Path) -> str:
    """SHA-256, in hexadecimal, of some bytes or of a file's bytes."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:  # piece by piece: a registry's file may be beyond memory
        return hashlib.file_digest(file, "sha256").hexdigest()
