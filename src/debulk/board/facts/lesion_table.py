"""Each lesion of a case: its state, its sizes, and which modality can treat it, or why not."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from debulk.board.case import BoardCase
from debulk.board.facts.lesions_seen import (
    SeenLesion,
    State,
    lesions_seen,
    program_plan,
    visible,
)
from debulk.board.facts.panel_views import View, panel_views
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.patients.sight import Moment
from debulk.treatments import Modality, feasible, load_modalities

Answer = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class ModalityAnswer:
    """Whether one modality can treat a lesion, and why."""

    modality: str
    title: str
    state: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class LesionRow:
    """One lesion on the page.

    Attributes
    ----------
    lesion_id, organ, site : str
        Its name, organ and site.
    diameter_mm, baseline_diameter_mm, volume_ml : float or None
        Size at the moment, size before the running line, volume at the moment.
    near_vessel : bool or None
        Beside a large vessel.
    state : {"visible", "disappeared", "removed"}
        Whether it counts at the moment.
    modalities : tuple of ModalityAnswer
        Every modality of debulking that has a use in its organ; none where it is not in sight.
    planned, planned_title : str or None
        What the program's plan treats it with.
    reason : str
        Why, or why not.
    views : tuple of View
        The latest view of each member of the panel who judged it by the moment.
    """

    lesion_id: str
    organ: str
    site: str
    diameter_mm: float | None
    baseline_diameter_mm: float | None
    volume_ml: float | None
    near_vessel: bool | None
    state: State
    modalities: tuple[ModalityAnswer, ...]
    planned: str | None
    planned_title: str | None
    reason: str
    views: tuple[View, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain(asdict(self))  # type: ignore[no-any-return]


def lesion_table(case: BoardCase, moment: Moment = "now") -> tuple[LesionRow, ...]:
    """Every metastasis of a case at a moment, in the order of its table."""
    every = lesions_seen(case, moment)
    shown = visible(case, moment)
    views = panel_views(case, moment)
    plan = program_plan(case, shown)
    planned = {each.lesion_id: done for each, done in zip(shown, plan.lesions, strict=True)}
    cards = {name: card for name, card in load_modalities().items() if card.debulking}
    in_organ = Counter(each.organ for each in shown)
    given = {row["lesion_id"]: row for row in case.cohort.lesions.iter_rows(named=True)}
    rows = []
    for each in every:
        done = planned.get(each.lesion_id)
        name = None if done is None else done.modality
        reason = text(f"facts.lesions.not_there.{each.state}") if done is None else done.reason
        rows.append(
            LesionRow(
                lesion_id=each.lesion_id,
                organ=each.organ,
                site=each.site,
                diameter_mm=each.size_mm,
                baseline_diameter_mm=given[each.lesion_id]["baseline_diameter_mm"],
                volume_ml=each.volume_ml,
                near_vessel=each.near_vessel,
                state=each.state,
                modalities=_answers(case, each, cards, in_organ[each.organ]) if done else (),
                planned=name,
                planned_title=None if name is None else cards[name].title,
                reason=reason,
                views=tuple(view for view in views if view.lesion_id == each.lesion_id),
            )
        )
    return tuple(rows)


def _answers(
    case: BoardCase, lesion: SeenLesion, cards: dict[str, Modality], in_organ: int
) -> tuple[ModalityAnswer, ...]:
    remnant_known = case.patient["liver_remnant_share"] is not None
    return tuple(
        _answer(lesion, card, in_organ, remnant_known=remnant_known)
        for card in cards.values()
        if lesion.organ in card.max_lesions
    )


def _answer(
    lesion: SeenLesion, card: Modality, in_organ: int, *, remnant_known: bool
) -> ModalityAnswer:
    """The lesion by itself; that a modality cannot take all of the organ is said beside it."""
    alone = feasible(lesion.lesion, card)
    together = feasible(lesion.lesion, card, lesions_in_organ=in_organ)
    state, reason = alone.state, alone.reason
    if state and card.minimal_remnant is not None and not remnant_known:
        state, reason = None, text("facts.lesions.remnant_unknown")
    if state is not False and together.state is False:
        reason = text("facts.lesions.not_all", reason=reason, limit=together.reason)
    states: dict[bool | None, Answer] = {True: "yes", False: "no", None: "unknown"}
    return ModalityAnswer(card.name, card.title, states[state], reason)
