"""Cards that a protocol asks for by name, although no panel would choose them for debulking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from debulk.treatments.cards import Modality, OrganRule, Panel
from debulk.treatments.library import load_panel
from debulk.treatments.tables import ModalityTables, modality_tables


def tables_of_asked(modalities: Mapping[str, Modality], asked: Iterable[str]) -> ModalityTables:
    """Tables of the cards that a protocol names for an arm, and of no others.

    A card of debulking is planned where the panel has a place for it. Another card, such as
    transplantation or radioembolisation of the liver, is tried after those, in each organ where
    the card has a use and within the card's own limits.

    Parameters
    ----------
    modalities : mapping of str to Modality
        All cards.
    asked : iterable of str
        Names of those that may be used.

    Returns
    -------
    ModalityTables
    """
    names = set(asked)
    cards = {name: card for name, card in modalities.items() if name in names}
    others = {name: card for name, card in cards.items() if not card.debulking}
    if not others:
        return modality_tables(cards)
    panel = load_panel()
    organs = dict(panel.organs)
    for organ in sorted({organ for card in others.values() for organ in card.max_lesions}):
        organs[organ] = _with(organs.get(organ), organ, others)
    made = {name: replace(card, debulking=True) for name, card in others.items()}
    widened = Panel(panel.sigma_liver_only, panel.sigma_more_sites, organs)
    return modality_tables({**cards, **made}, widened)


def _with(rule: OrganRule | None, organ: str, others: Mapping[str, Modality]) -> OrganRule:
    """An organ's rule with the other cards tried last, the first of them that has a use there."""
    useful = {name: card for name, card in others.items() if organ in card.max_lesions}
    limits = [card.max_lesions[organ] for card in useful.values()]
    if rule is None:
        return OrganRule("", (tuple(useful),), max(limits, key=lambda each: each.value))
    most = max([rule.max_lesions, *limits], key=lambda each: each.value)
    return OrganRule(rule.operation, (*rule.otherwise, tuple(useful)), most)
