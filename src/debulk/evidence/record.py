"""One published finding, by its key, and how to cite it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.evidence.schema import Role
from debulk.evidence.tables import findings


@dataclass(frozen=True, slots=True)
class Finding:
    """One published number, statement or criterion with its source.

    Attributes
    ----------
    key : str
        Unique name, such as ``trials:ORCHESTRA/hr_os``.
    table : {"trials", "eligibility", "series", "parameters", "continuum", "own"}
        Where it belongs; ``own`` is what a user brings.
    kind : {"number", "text", "criterion"}
        A number has a value or limits, the others only text.
    study : str
        The study, as `studies` names it; empty where none is known.
    year, n : int or None
        Year of the report; patients.
    population, quantity, group : str
        Whom, what and which part of them it describes.
    outcome : str
        What it is about, such as ``overall survival``, told from the quantity.
    value, lower, upper : float or None
        The number and its printed limits.
    unit, statistic : str
        Unit; what value and limits are (mean, range, 95 % interval ...), as far as printed.
    text, note : str
        Printed form where it is no plain number; what to know of it.
    source, work, seen_at : str
        Identifiers joined by "|"; author, journal and year; addresses that show it.
    secondary : bool
        Whether only an address is known, no identifier of the original.
    verified : {"yes", "partial"}
        Whether all of the row was seen in its source.
    role : Role
        What it may be used for.
    role_note : str
        Why it has that role.
    """

    key: str
    table: str
    kind: str
    study: str
    year: int | None
    n: int | None
    population: str
    quantity: str
    outcome: str
    group: str
    value: float | None
    lower: float | None
    upper: float | None
    unit: str
    statistic: str
    text: str
    note: str
    source: str
    work: str
    seen_at: str
    secondary: bool
    verified: str
    role: Role
    role_note: str

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The sources, one each."""
        return tuple(self.source.split("|"))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self)}


def finding(key: str) -> Finding:
    """The published finding that a key names.

    Parameters
    ----------
    key : str
        As in the column ``key`` of `findings`.

    Raises
    ------
    InputError
        If no finding has that key; the nearest keys are offered.

    Examples
    --------
    >>> from debulk.evidence import finding
    >>> finding("trials:CLOCC/hr_os").value
    0.58
    """
    rows = findings_by_key()
    if key not in rows:
        raise InputError("evidence", f"no finding has the key {key!r}", nearest_keys(key))
    return rows[key]


def nearest_keys(key: str) -> str:
    """Sentence that offers the keys closest to a misspelt one, or says where all are listed."""
    offered = nearest(key, findings_by_key())
    return offered if offered.startswith("Did") else "debulk.evidence.findings() lists every key"


@cache
def findings_by_key() -> dict[str, Finding]:
    """Every packaged finding by its key."""
    return {row["key"]: Finding(**row) for row in findings().iter_rows(named=True)}


def citation(finding: Finding) -> str:
    """Author, journal, year and identifiers of a finding's source, for a person to read.

    Parameters
    ----------
    finding : Finding
        What is cited.

    Returns
    -------
    str
        Such as ``"Ruers, J Natl Cancer Inst, 2017. doi:10.1093/jnci/djx015"``; a source known only
        by an address says so.
    """
    listed = "; ".join(finding.identifiers)
    cited = f"{finding.work}. {listed}" if finding.work else listed
    return f"{cited} (secondary source)" if finding.secondary else cited
