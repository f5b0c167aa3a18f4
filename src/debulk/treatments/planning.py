"""A plan for all lesions of one patient: resectability belongs to the set, not to the lesion.

The rule, organ by organ (the primary is never planned; an organ absent from the panel's card is
left alone; the packaged card leaves the brain alone):

1. A lesion fits a modality if its size is known and within the limit and, where it lies beside a
   large vessel or that is not known, the modality is as good there as elsewhere.
2. If every lesion of the organ fits the preferred operation, together they are within the limits
   of number, and (liver) enough of the liver stays, all are operated on.
3. Otherwise the modalities are tried in the order of the panel's card. Each takes the lesions
   still left that fit it, the smallest first, until its limit of number, the limit of the organ
   or (resection of the liver) the remnant is used up.

Boldness multiplies limits of size and number by exp(sigma * boldness) and divides the minimal
remnant by it; so a bolder panel never treats fewer lesions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.treatments.cards import SESSIONS, Modality, OrganRule, Panel, size_class, stages_of
from debulk.treatments.feasibility import Lesion, limit_scale
from debulk.treatments.library import load_modalities, load_panel


@dataclass(frozen=True, slots=True)
class PlannedLesion:
    """What the plan does with one lesion.

    Attributes
    ----------
    modality : str or None
        Name of the modality; None where the lesion is left alone.
    state : bool or None
        True treated, False not, None where its size is not known.
    reason : str
        Why, in words.
    """

    modality: str | None
    state: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session: its kind, what is done in it, to which lesions, and the weeks it takes."""

    kind: str
    modalities: tuple[str, ...]
    lesions: tuple[int, ...]
    weeks: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan for all lesions of one patient.

    Attributes
    ----------
    lesions : tuple of PlannedLesion
        One for each lesion, in the order given.
    treatable_share : float
        Share of the lesions, by count and the primary aside, that the plan treats; a lesion of
        unknown size counts as not treated. NaN where there is no lesion.
    treatable_share_volume : float
        The same by volume; NaN where any size is unknown.
    sessions : tuple of PlannedSession
        In the order abdomen, chest, percutaneous, external.
    weeks : float
        From the first session to the end of recovery from the last.
    remarks : tuple of str
        What a reader must know, such as a default that was used.
    """

    lesions: tuple[PlannedLesion, ...]
    treatable_share: float
    treatable_share_volume: float
    sessions: tuple[PlannedSession, ...]
    weeks: float
    remarks: tuple[str, ...] = ()

    @property
    def treated(self) -> int:
        """How many lesions the plan treats."""
        return sum(each.modality is not None for each in self.lesions)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "lesions": [plain(each) for each in self.lesions],
            "treated": self.treated,
            "treatable_share": plain(self.treatable_share),
            "treatable_share_volume": plain(self.treatable_share_volume),
            "sessions": [plain(each) for each in self.sessions],
            "weeks": self.weeks,
            "remarks": list(self.remarks),
        }


def plan(
    lesions: Sequence[Lesion],
    liver_remnant: float | None = None,
    *,
    modalities: Mapping[str, Modality] | None = None,
    panel: Panel | None = None,
    boldness: float = 0.0,
) -> Plan:
    """Choose a modality, or none, for each lesion of a patient.

    Parameters
    ----------
    lesions : sequence of Lesion
        All lesions; those of the primary are passed over.
    liver_remnant : float, optional
        Share of the liver, 0 to 1, that would stay if every liver lesion were resected. Where it
        is known, each lesion's share from the card is scaled to it; where not, the card's own
        shares are taken, and the plan says so.
    modalities : mapping of str to Modality, optional
        The modalities at hand; all packaged cards if left out.
    panel : Panel, optional
        How treatability is judged; the packaged card if left out.
    boldness : float
        Standard normal trait of the panel for this patient; 0 is the middling panel.

    Raises
    ------
    InputError
        If `liver_remnant` is not between 0 and 1 or `boldness` is not finite.
    """
    if liver_remnant is not None and math.isnan(liver_remnant):
        liver_remnant = None
    if liver_remnant is not None and not 0.0 <= liver_remnant <= 1.0:
        raise InputError(
            "liver_remnant", f"{liver_remnant!r} is no share", "Give a share from 0 to 1"
        )
    modalities = load_modalities() if modalities is None else modalities
    panel = load_panel() if panel is None else panel
    counted = [i for i, each in enumerate(lesions) if each.organ != "primary"]
    liver_only = all(lesions[i].organ == "liver" for i in counted)
    sigma = panel.sigma_liver_only if liver_only else panel.sigma_more_sites
    scale = limit_scale(sigma.value, boldness)
    chosen: dict[int, str] = {}
    for organ, rule in panel.organs.items():
        rows = [i for i in counted if lesions[i].organ == organ]
        if rows:
            choice = _OrganChoice(organ, rule, lesions, rows, modalities, scale, liver_remnant)
            chosen.update(choice.choose())
    planned = tuple(
        _planned(each, chosen.get(i), panel, modalities) for i, each in enumerate(lesions)
    )
    sessions = _sessions(lesions, chosen, modalities)
    return Plan(
        lesions=planned,
        treatable_share=len(chosen) / len(counted) if counted else math.nan,
        treatable_share_volume=_volume_share(lesions, counted, chosen),
        sessions=sessions,
        weeks=sum(each.weeks for each in sessions),
        remarks=_remarks(lesions, chosen, modalities, liver_remnant),
    )


class _OrganChoice:
    """The rule within one organ; the kernel in `plan_kernel` follows the same steps."""

    def __init__(
        self,
        organ: str,
        rule: OrganRule,
        lesions: Sequence[Lesion],
        rows: list[int],
        modalities: Mapping[str, Modality],
        scale: float,
        liver_remnant: float | None,
    ) -> None:
        self.organ, self.rule, self.lesions, self.rows = organ, rule, lesions, rows
        self.modalities, self.scale, self.liver_remnant = modalities, scale, liver_remnant
        known = (i for i in rows if lesions[i].diameter_mm is not None)
        self.by_size = sorted(known, key=self._diameter)

    def choose(self) -> dict[int, str]:
        operation, stages = stages_of(self.rule, self.organ, self.modalities)
        most = self.rule.max_lesions.value * self.scale
        if operation is not None and len(self.rows) <= most and self._takes_all(operation):
            return dict.fromkeys(self.rows, operation)
        chosen: dict[int, str] = {}
        for name in stages:
            self._fill(self.modalities[name], chosen, most)
        return chosen

    def _takes_all(self, name: str) -> bool:
        card = self.modalities[name]
        if len(self.rows) > card.max_lesions[self.organ].value * self.scale:
            return False
        if len(self.by_size) < len(self.rows) or not all(self._fits(i, card) for i in self.rows):
            return False
        if not _limited_by_liver(card):
            return True
        factor = self._remnant_factor(card)
        used = 0.0
        for i in self.by_size:
            used += self._share(card, i) * factor
        return used <= self._budget(card)

    def _fill(self, card: Modality, chosen: dict[int, str], most_in_organ: float) -> None:
        most = card.max_lesions[self.organ].value * self.scale
        limited = _limited_by_liver(card)
        factor = self._remnant_factor(card) if limited else 0.0
        budget = self._budget(card) if limited else 0.0
        taken, used = 0, 0.0
        for i in self.by_size:
            if i in chosen or not self._fits(i, card):
                continue
            needed = used + self._share(card, i) * factor if limited else 0.0
            if taken + 1 > most or len(chosen) + 1 > most_in_organ or needed > budget:
                return
            taken, used = taken + 1, needed
            chosen[i] = card.name

    def _fits(self, i: int, card: Modality) -> bool:
        if self._diameter(i) > card.max_diameter_mm.value * self.scale:
            return False
        return self.lesions[i].near_vessel is False or card.near_vessel.value == "ok"

    def _remnant_factor(self, card: Modality) -> float:
        """Factor that makes the shares of all lesions add up to the remnant that is known."""
        if self.liver_remnant is None:
            return 1.0
        total = 0.0
        for i in self.by_size:
            total += self._share(card, i)
        return (1.0 - self.liver_remnant) / total if total > 0.0 else 1.0

    def _budget(self, card: Modality) -> float:
        minimal = 0.0 if card.minimal_remnant is None else card.minimal_remnant.value
        # The slack keeps sums of shares that should equal the budget from failing by rounding.
        return 1.0 - minimal / self.scale + 1e-9

    def _share(self, card: Modality, i: int) -> float:
        if card.remnant_use is None:
            return 0.0
        return card.remnant_use[size_class(self._diameter(i))].value

    def _diameter(self, i: int) -> float:
        diameter = self.lesions[i].diameter_mm
        return math.inf if diameter is None else diameter


def _limited_by_liver(card: Modality) -> bool:
    return card.remnant_use is not None and card.remnant_use[-1].value > 0.0


def _planned(
    lesion: Lesion, name: str | None, panel: Panel, modalities: Mapping[str, Modality]
) -> PlannedLesion:
    if name is not None:
        return PlannedLesion(name, True, f"{modalities[name].title} is planned")
    organ = lesion.organ.replace("_", " ")
    if lesion.organ == "primary":
        return PlannedLesion(None, False, "the primary is not planned here")
    if lesion.organ not in panel.organs:
        return PlannedLesion(None, False, f"no local treatment is planned in {organ}")
    if lesion.diameter_mm is None:
        return PlannedLesion(None, None, "its diameter is not known")
    stages = stages_of(panel.organs[lesion.organ], lesion.organ, modalities)
    cards = [modalities[each] for each in {stages[0], *stages[1]} if each is not None]
    if not cards:
        return PlannedLesion(None, False, f"no modality at hand treats {organ}")
    largest = max(each.max_diameter_mm.value for each in cards)
    if lesion.diameter_mm > largest:
        return PlannedLesion(
            None, False, f"{lesion.diameter_mm:.3g} mm; the card's limit is {largest:.3g} mm"
        )
    if lesion.near_vessel is not False and all(e.near_vessel.value != "ok" for e in cards):
        return PlannedLesion(None, False, "beside a large vessel, or that is not known")
    return PlannedLesion(None, False, f"too many or too large lesions in {organ} taken together")


def _sessions(
    lesions: Sequence[Lesion], chosen: Mapping[int, str], modalities: Mapping[str, Modality]
) -> tuple[PlannedSession, ...]:
    abdomen = any(modalities[name].session == "abdomen" for name in chosen.values())
    members: dict[str, list[int]] = {kind: [] for kind in SESSIONS}
    for i in sorted(chosen):
        card = modalities[chosen[i]]
        joins = abdomen and card.joins_operation and lesions[i].organ == "liver"
        members["abdomen" if joins else card.session].append(i)
    return tuple(
        PlannedSession(
            kind,
            tuple(sorted({chosen[i] for i in rows})),
            tuple(rows),
            max(modalities[chosen[i]].recovery_weeks.value for i in rows),
        )
        for kind, rows in members.items()
        if rows
    )


def _volume_share(
    lesions: Sequence[Lesion], counted: list[int], chosen: Mapping[int, str]
) -> float:
    # The factor pi / 6 of a sphere's volume cancels.
    cubes = {i: (lesions[i].diameter_mm or math.nan) ** 3 for i in counted}
    total = math.fsum(cubes.values())
    return math.fsum(cubes[i] for i in chosen) / total if total > 0.0 else math.nan


def _remarks(
    lesions: Sequence[Lesion],
    chosen: Mapping[int, str],
    modalities: Mapping[str, Modality],
    liver_remnant: float | None,
) -> tuple[str, ...]:
    found = []
    limited = any(modalities[name].remnant_use is not None for name in chosen.values())
    if liver_remnant is None and limited:
        found.append("The liver remnant is not known; the card's share for each lesion was taken.")
    metastases = [each for each in lesions if each.organ != "primary"]
    if any(each.diameter_mm is None for each in metastases):
        found.append("Lesions of unknown size count as not treatable.")
    if any(each.near_vessel is None for each in metastases):
        found.append("Where nearness to vessels is not known, a lesion is planned as if near.")
    return tuple(found)
