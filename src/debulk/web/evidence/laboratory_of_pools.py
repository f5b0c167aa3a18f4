"""A pool with its checks: leave-one-out, small studies, order of years, influence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, get_args

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.evidence.answers.asked import Asked
from debulk.evidence.answers.findings_to_pool import WHOLE
from debulk.evidence.effects.from_findings import measure_of
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.evidence.pooling.influence import study_influence
from debulk.evidence.pooling.pooled import IntervalMethod, Method
from debulk.evidence.tables import findings
from debulk.web.evidence.pooled import Answer, Group, pooled, said
from debulk.web.evidence.selection import SERIES, Selection

METHODS: tuple[str, ...] = get_args(Method)
INTERVALS: tuple[str, ...] = get_args(IntervalMethod)
MEASURES = ("hazard ratio", "odds ratio", "risk ratio", "proportion")
GROUPS: dict[str, Group] = {"randomised": RANDOMISED, "series": SERIES}
"""What may be pooled; never both."""

_CHECKS: dict[str, dict[str, Any]] = {
    "leave_one_out": {"leave_one_out": True},
    "cumulative": {"cumulative_by": "year"},
    "small_study": {"small_study": True},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the pooling laboratory is asked for.

    Attributes
    ----------
    selection : Selection
    kind : {"randomised", "series"}
    measure, method, interval : str
        As the command takes them.
    quantity : str
        A quantity of the table of findings; empty: any.
    without : tuple of str
        Studies left out.
    """

    selection: Selection
    kind: str = "randomised"
    measure: str = "hazard ratio"
    method: str = "reml"
    interval: str = "hksj"
    quantity: str = ""
    without: tuple[str, ...] = field(default=())

    @property
    def how(self) -> Asked:
        """Method and interval."""
        return Asked(method=self.method, interval=self.interval)  # type: ignore[arg-type]

    def pooled_with(self, how: Asked) -> Answer:
        """The pool in one way; see `debulk.web.evidence.pooled.pooled`."""
        return pooled(
            self.selection,
            GROUPS[self.kind],
            measure=self.measure,
            quantity=self.quantity or None,
            without=self.without,
            asked=how,
        )


@lru_cache(maxsize=64)
def checked(wanted: Wanted) -> dict[str, Any]:
    """The pool with every check that its studies allow.

    Returns
    -------
    dict
        state, text, command and pool as `debulk.web.evidence.pooled.pooled` gives them, the command
        asking for every check that could be made; ``influence``; and ``refused``, each check that
        could not be made, with the reason.
    """
    plain_pool = wanted.pooled_with(wanted.how)
    if plain_pool["pool"] is None:
        return {**plain_pool, "influence": None, "refused": []}
    how, refused = wanted.how, []
    for check, options in _CHECKS.items():
        told = wanted.pooled_with(replace(wanted.how, **options))
        if told["pool"] is None:
            refused.append({"check": check, "text": told["text"]})
        else:
            how = replace(how, **options)
    found = wanted.pooled_with(how)
    influence = None
    try:
        influence = _influence(found["pool"], wanted)
    except InputError as error:
        refused.append({"check": "influence", "text": said(error)})
    return {**found, "influence": influence, "refused": refused}


def _influence(pool: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    studies = pool["studies"]
    told = study_influence(
        [each["estimate"] for each in studies],
        [each["se"] for each in studies],
        names=[each["name"] for each in studies],
        method=wanted.how.method,
        interval=wanted.how.interval,
    )
    return {"rows": [plain(each) for each in told.rows], "limits": dict(told.limits)}


def quantities(selection: Selection, kind: str, measure: str) -> list[str]:
    """Quantities of a measure that the selection's studies print of all their patients."""
    rows = findings(
        outcome=selection.outcome, design=list(selection.designs(GROUPS[kind])), **selection.codes()
    )
    found = {
        row["quantity"]
        for row in rows.iter_rows(named=True)
        if row["value"] is not None
        and row["group"] in WHOLE
        and measure_of(row["quantity"], "%" if row["unit"] == "share" else row["unit"]) == measure
    }
    return sorted(found)
