"""A treatment is known by its card's name and title, however they are typed."""

import pytest

from debulk.treatments import card_named, load_modalities, load_regimens


@pytest.mark.parametrize(
    ("typed", "card"),
    [
        ("CAPOX with bevacizumab", "capox_bevacizumab"),
        ("capox + Bevacizumab", "capox_bevacizumab"),
        ("Trifluridine/tipiracil", "trifluridine_tipiracil"),
        ("Microwave ablation", "mwa"),
        ("Resection", "resection"),
        ("Mr Smith's mixture", None),
        ("and", None),
    ],
)
def test_handworked_names(typed, card):
    assert card_named(typed) == card


def test_every_card_is_found_by_its_name_and_by_its_title():
    for cards in (load_modalities(), load_regimens()):
        for name, card in cards.items():
            assert (card_named(name), card_named(card.title)) == (name, name)
