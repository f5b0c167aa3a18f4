"""Reference checks: numbers from independent programs that come with this one, against ours."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from debulk.core.results import plain
from debulk.reports.qualification.colon import colon_numbers
from debulk.reports.qualification.designs import design_numbers

State = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Check:
    """One number computed here beside the one it should be.

    Attributes
    ----------
    area : str
        What part of the program it belongs to.
    name : str
        What is computed.
    expected, found : float
        Of the independent program, and of this copy; NaN where it could not be computed.
    tolerance : float
        Largest difference allowed: absolute below 1, relative to `expected` above.
    source : str
        The program that made `expected`.
    state : {"passed", "failed", "error"}
    message : str
        Why a number could not be computed.
    """

    area: str
    name: str
    expected: float
    found: float
    tolerance: float
    source: str
    state: State
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **{name: plain(getattr(self, name)) for name in self.__slots__},
            "difference": plain(abs(self.found - self.expected)),
        }


AREAS: Mapping[str, tuple[str, Callable[[], Mapping[str, float]]]] = {
    "survival": ("colon.json", colon_numbers),
    "trial design": ("designs.json", design_numbers),
}
"""Each area's packaged reference numbers, and what computes the same here."""


def reference_checks() -> Iterator[Check]:
    """Compute every reference number anew, one area after the other.

    Yields
    ------
    Check
        In the order of the packaged files.
    """
    for area, (file, compute) in AREAS.items():
        reference = _reference(file)
        try:
            found: Mapping[str, float] = compute()
            message = ""
        except Exception as error:  # an installation that cannot compute is what this looks for
            found, message = {}, f"{type(error).__name__}: {error}"
        for each in reference["checks"]:
            yield _check(area, each, found.get(each["name"], math.nan), reference, message)


def _reference(file: str) -> dict[str, Any]:
    folder = resources.files("debulk") / "data" / "qualification"
    content: dict[str, Any] = json.loads((folder / file).read_text(encoding="utf-8"))
    return content


def _check(
    area: str, entry: Mapping[str, Any], found: float, reference: Mapping[str, Any], message: str
) -> Check:
    expected, tolerance = float(entry["value"]), float(entry["tolerance"])
    state: State = "passed" if agrees(found, expected, tolerance) else "failed"
    if math.isnan(found):
        state, message = "error", message or "was not computed"
    source = str(entry.get("source", reference["generator"]))
    return Check(area, entry["name"], expected, found, tolerance, source, state, message)


def agrees(found: float, expected: float, tolerance: float) -> bool:
    """Whether a number is as near to the expected one as it should be."""
    return abs(found - expected) <= tolerance * max(1.0, abs(expected))
