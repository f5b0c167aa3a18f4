"""What would make a criterion met, found by really changing the case, and said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from debulk.board.fields import PAST, is_of_lesions, label, unknown_fields
from debulk.board.matching.otherwise import Change
from debulk.core.strings import text
from debulk.patients import Criterion
from debulk.patients.criteria import MOMENTS

if TYPE_CHECKING:
    from debulk.board.case import BoardCase

_ORDER = ("view", "answer", "course", "count", "past")
_OPEN = ("answer", "view", "course")
_PASSES = ("course", "count")
_PLANNED = frozenset({"treatable_share", "treatable_share_volume"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a reader is told to do about a criterion that is not met or unknown.

    Attributes
    ----------
    text : str
        The sentence.
    change : str
        The sentence without the criterion and what was found.
    can_change : bool
        Whether an answer, a view of the board or time can make it met.
    field : str or None
        The field of the form to go to.
    """

    text: str
    change: str
    can_change: bool
    field: str | None


def remedy_of_unknown(case: BoardCase, trial: str, criterion: Criterion, value: str) -> Remedy:
    """What is not known for an unknown criterion, and where to answer it."""
    by_hand = f"answers.{trial}/{criterion.id}"
    rule = criterion.parsed()
    if rule is None:
        said = text("matching.remedies.unknown_asked", text=criterion.text)
        return Remedy(said, text("matching.remedies.not_asked"), True, by_hand)
    fields = unknown_fields(case, rule.names, MOMENTS[criterion.judged])
    if not fields:
        said = text("matching.remedies.unknown_line", text=criterion.text, value=value)
        return Remedy(said, f"{value}.", True, by_hand)
    labels = ", ".join(dict.fromkeys(label(each) for each in fields))
    said = text("matching.remedies.unknown_field", fields=labels)
    return Remedy(said, text("matching.remedies.not_known", fields=labels), True, fields[0])


def remedy_of_not_met(
    criterion: Criterion,
    met_by: Iterable[Change],
    *,
    value: str,
    value_now: str,
    entry_months: float,
    line_begun: bool,
) -> Remedy:
    """What would make a criterion met that is not, or that nothing can.

    Parameters
    ----------
    criterion : Criterion
        The criterion.
    met_by : iterable of Change
        Every change tried that makes it met.
    value, value_now : str
        What its rule saw, and what it would see now.
    entry_months : float
        The moment called entry.
    line_begun : bool
        Whether a palliative line has begun, so that entry lies in the past.
    """
    past_entry = line_begun and criterion.judged == "at entry"
    chosen = _least(met_by, criterion)
    kind = _kind(chosen, criterion, past_entry)
    said = "" if chosen is None else chosen.text
    sentence = text(f"matching.remedies.{kind}", change=said)
    whole = text(
        f"matching.remedies.{'cannot_change' if kind in ('past', 'fixed') else 'not_met'}",
        text=criterion.text,
        value=value,
        moment=text(f"matching.moments.{criterion.judged}", months=f"{entry_months:g}"),
        now="" if value_now == value else "; " + text("matching.moments.now", value=value_now),
        remedy=sentence,
    )
    if chosen is None or kind not in _OPEN:
        return Remedy(whole, sentence, can_change=False, field=None)
    return Remedy(whole, sentence, can_change=True, field=chosen.place)


def _kind(chosen: Change | None, criterion: Criterion, past_entry: bool) -> str:
    """How open the change is; ``fixed`` where no change was found and none can be."""
    if chosen is None:
        rule = criterion.parsed()
        names = () if rule is None else rule.names
        return "fixed" if all(_fixed(name, past_entry) for name in names) else "none"
    on_lesions = chosen.place.startswith("lesions")
    return "past" if past_entry and on_lesions and chosen.kind in _PASSES else chosen.kind


def _least(met_by: Iterable[Change], criterion: Criterion) -> Change | None:
    """The most open change, and of those the smallest, which is tried first."""
    moment = MOMENTS[criterion.judged]
    at_hand = [
        each
        for each in met_by
        if not each.place.startswith("judgements.") or each.place == f"judgements.{moment}"
    ]
    return min(at_hand, key=lambda each: _ORDER.index(each.kind), default=None)


def _fixed(name: str, past_entry: bool) -> bool:
    return name in PAST or (past_entry and is_of_lesions(name) and name not in _PLANNED)
