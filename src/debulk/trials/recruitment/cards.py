"""The cards of local treatment that an arm's strategy allows, and the order they are tried in."""

from __future__ import annotations

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
    """The packaged panel, its rules extended by the cards that they do not name in an organ."""
    panel = load_panel()
    organs = dict(panel.organs)
    for name, card in allowed.items():
        for organ, most in card.max_lesions.items():
            rule = organs.get(organ, OrganRule("", (), most))
            named = {rule.operation, *(each for stage in rule.otherwise for each in stage)}
            if name not in named:
                rule = replace(rule, otherwise=(*rule.otherwise, (name,)))
            organs[organ] = rule
    return replace(panel, organs=organs)
