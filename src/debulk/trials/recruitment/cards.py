"""The cards of local treatment that an arm's strategy allows, and the order they are tried in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from debulk.treatments import Modality, ModalityTables, load_panel, modality_tables
from debulk.treatments.cards import OrganRule, Panel

if TYPE_CHECKING:
    from debulk.protocols import Strategy


def tables_for(strategy: Strategy, modalities: Mapping[str, Modality]) -> ModalityTables:
    """The cards that a strategy allows, as flat arrays.

    A strategy that names no card may use every card of debulking. A card that it names may be used
    whether or not it counts as debulking; where the panel's own rule does not know it in an organ,
    it is tried there after the others.

    Parameters
    ----------
    strategy : Strategy
        Of one arm.
    modalities : mapping of str to Modality
        All cards at hand.
    """
    if not strategy.modalities:
        return modality_tables(modalities)
    allowed = {
        name: replace(card, debulking=True)
        for name, card in modalities.items()
        if name in strategy.modalities
    }
    return modality_tables(allowed, _panel_with(allowed))


def _panel_with(allowed: Mapping[str, Modality]) -> Panel:
    """The packaged panel, its rules extended by the cards that they do not name in an organ.

    Those of an organ are one stage more, of which the first at hand is tried: a panel that chose
    between them would name them. The organ then holds as many lesions as the largest of the cards.
    """
    panel = load_panel()
    organs = dict(panel.organs)
    for organ in sorted({organ for card in allowed.values() for organ in card.max_lesions}):
        rule = organs.get(organ)
        named = set() if rule is None else {rule.operation, *itertools.chain(*rule.otherwise)}
        others = {
            name: card.max_lesions[organ]
            for name, card in allowed.items()
            if name not in named and organ in card.max_lesions
        }
        if not others:
            continue
        operation, otherwise = ("", ()) if rule is None else (rule.operation, rule.otherwise)
        limits = [*others.values()] if rule is None else [rule.max_lesions, *others.values()]
        most = max(limits, key=lambda each: each.value)
        organs[organ] = OrganRule(operation, (*otherwise, tuple(others)), most)
    return replace(panel, organs=organs)
