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
OWN = "own"
"""The table of studies that a user brings."""

KINDS = ("number", "text", "criterion")
VERIFIED = ("yes", "partial")

Kind = Literal["text", "integer", "number", "flag", "list"]


@dataclass(frozen=True)
class Schema:
    """One packaged table.

    Attributes
    ----------
    columns : mapping of str to {"text", "integer", "number", "flag", "list"}
        Every column in its order, with the kind of its cells; a list is words joined by ";".
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


OUTCOMES = (
    "overall survival",
    "cancer-specific survival",
    "progression-free survival",
    "disease-free survival",
    "recurrence",
    "cure",
    "response",
    "local control",
    "operative mortality",
    "complications",
    "quality of life",
    "delivery",
    "resectability",
    "spread",
    "burden",
    "growth",
    "resistance",
    "biomarker",
    "prognostic score",
    "accrual",
    "protocol",
    "eligibility",
    "other",
)
"""What a finding is about; see `debulk.evidence.outcomes` for the rules."""

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
        "outcome": "text",
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
    filled=(
        "key",
        "table",
        "kind",
        "quantity",
        "outcome",
        "source",
        "secondary",
        "verified",
        "role",
    ),
    unique="key",
    words={
        "table": (*TABLES, OWN),
        "kind": KINDS,
        "outcome": OUTCOMES,
        "verified": VERIFIED,
        "role": ROLES,
    },
)

STUDIES = Schema(
    columns={
        "study": "text",
        "table": "text",
        "title": "text",
        "question": "text",
        "printed_design": "text",
        "population": "text",
        "n": "integer",
        "year": "integer",
        "first_author": "text",
        "journal": "text",
        "published": "integer",
        "doi": "text",
        "pmid": "text",
        "registry": "text",
        "source": "text",
        "role": "text",
    },
    filled=("study", "table", "source", "role"),
    unique="study",
    words={"table": (*TABLES, OWN), "role": ROLES},
)

RISKS = ("immortal_time", "selection_on_response", "confounding_by_extent")
"""Biases that every study is judged for."""

LOCAL_QUESTIONS = ("local against none", "primary against none")
"""Comparisons that ask what local treatment does: of metastases, and of the primary tumour."""

COMPARISONS = (
    *LOCAL_QUESTIONS,
    "local against local",
    "more local against less",
    "systemic against none",
    "systemic against systemic",
    "timing or other",
    "unclear",
    "not applicable",
)
"""What the arms of a randomised study differ in."""

_JUDGED = tuple(name for risk in RISKS for name in (risk, f"{risk}_reason"))
_LEVELS = ("low", "some", "high", "unclear", "not applicable")

CODES = Schema(
    columns={
        "study": "text",
        "design": "text",
        "domain": "text",
        "organ": "list",
        "modality": "list",
        "line": "text",
        "extent": "text",
        "comparison": "text",
        "comparison_reason": "text",
        **dict.fromkeys(_JUDGED, "text"),
    },
    filled=(
        *("study", "design", "domain", "organ", "modality", "line", "extent"),
        *("comparison", "comparison_reason", *_JUDGED),
    ),
    unique="study",
    words={
        "design": (
            "randomised",
            "pooled randomised",
            "cohort within a trial",
            "matched cohort",
            "cohort",
            "registry",
            "meta-analysis",
            "review",
            "model",
            "unclear",
        ),
        "domain": (
            "mcrc",
            "localised colorectal",
            "ovarian",
            "gastric",
            "several cancers",
            "unclear",
        ),
        "organ": (
            "liver",
            "lung",
            "peritoneum",
            "lymph nodes",
            "primary",
            "several organs",
            "none",
            "unclear",
        ),
        "modality": (
            "resection",
            "ablation",
            "radiotherapy",
            "radioembolisation",
            "hepatic arterial infusion",
            "HIPEC",
            "transplantation",
            "primary resection",
            "any local treatment",
            "systemic",
            "none",
            "unclear",
        ),
        "line": (
            "first",
            "second or later",
            "perioperative",
            "adjuvant",
            "any",
            "unclear",
            "not applicable",
        ),
        "extent": (
            "stage_1",
            "stage_2",
            "stage_3",
            "liver_only",
            "oligometastatic",
            "multi_organ",
            "other_metastatic",
            "mixed",
            "unclear",
            "not applicable",
        ),
        "comparison": COMPARISONS,
        **dict.fromkeys(RISKS, _LEVELS),
    },
)
"""How a study is coded: judgements of this project from what its source prints."""
