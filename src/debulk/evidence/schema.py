"""What the packaged tables of evidence hold: columns, their types, the words they may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal[
    "calibration",
    "validation",
    "process",
    "planned",
    "analogy",
    "context",
    "protocol",
    "eligibility",
]
"""What a finding may be used for.

``calibration`` was known before 2019 or is technical: it may set a number. ``validation`` is the
outcome of a held-out trial: it may be shown and predicted, never used to choose anything.
``process`` tells how a held-out trial was delivered: only for a scenario named as-delivered.
``planned`` is a trial to predict, ``analogy`` another tumour, ``context`` only shown.
``protocol`` and ``eligibility`` are the plan of a trial, which a held-out trial's protocol may use.
"""

ROLES: tuple[Role, ...] = get_args(Role)
FORBIDDEN_ROLES: frozenset[Role] = frozenset(("validation", "process"))
TABLES = ("trials", "eligibility", "series", "parameters", "continuum")
KINDS = ("number", "text", "criterion")

Kind = Literal["text", "integer", "number", "flag"]


@dataclass(frozen=True)
class Schema:
    """One packaged table.

    Attributes
    ----------
    columns : mapping of str to {"text", "integer", "number", "flag"}
        Every column in its order, with the kind of its cells.
    filled : tuple of str
        Columns that may not be empty.
    words : mapping of str to tuple of str
        The only words that a column may use.
    unique : str
        The column whose cells differ from row to row.
    """

    columns: Mapping[str, Kind]
    filled: tuple[str, ...]
    unique: str
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


FINDINGS = Schema(
    columns={
        "key": "text",
        "table": "text",
        "kind": "text",
        "study": "text",
        "year": "integer",
        "n": "integer",
        "population": "text",
        "quantity": "text",
        "group": "text",
        "value": "number",
        "lower": "number",
        "upper": "number",
        "unit": "text",
        "statistic": "text",
        "text": "text",
        "note": "text",
        "source": "text",
        "work": "text",
        "seen_at": "text",
        "secondary": "flag",
        "verified": "text",
        "role": "text",
        "role_note": "text",
    },
    filled=("key", "table", "kind", "quantity", "source", "secondary", "verified", "role"),
    unique="key",
    words={"table": TABLES, "kind": KINDS, "verified": ("yes", "partial"), "role": ROLES},
)

STUDIES = Schema(
    columns={
        "study": "text",
        "table": "text",
        "title": "text",
        "question": "text",
        "design": "text",
        "population": "text",
        "n": "integer",
        "year": "integer",
        "first_author": "text",
        "journal": "text",
        "published": "integer",
        "doi": "text",
        "pmid": "text",
        "registry": "text",
        "role": "text",
    },
    filled=("study", "table", "role"),
    unique="study",
    words={"table": TABLES, "role": ROLES},
)
