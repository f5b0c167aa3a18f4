"""One number of a card changed by its path."""

from __future__ import annotations

import pytest

from debulk.core import InputError, Parameter
from debulk.treatments import (
    load_modalities,
    load_regimens,
    modality_tables,
    override,
    override_regimens,
)

CARDS = load_modalities()
REGIMENS = load_regimens()
PARAMETERS = [each for card in CARDS.values() for each in card.parameters()]


def test_a_changed_number_is_marked_as_chosen_and_reaches_the_tables() -> None:
    changed = override(CARDS, "liver_resection.mortality_90_days", "0.05")
    entry = changed["liver_resection"].mortality_90_days
    assert (entry.value, entry.status, entry.source) == (0.05, "chosen", "user")
    assert "0.028" in entry.note
    assert entry.keys() == ()
    tables = modality_tables(changed)
    assert tables.mortality_90_days[tables.names.index("liver_resection")] == 0.05
    assert CARDS["liver_resection"].mortality_90_days.value == 0.028


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_every_entry_that_provenance_shows_can_be_set(parameter: Parameter) -> None:
    # Its own value is always in range and breaks no order of sizes.
    changed = override(CARDS, parameter.name, parameter.value)
    card = changed[parameter.name.split(".")[1]]
    found = {each.name: each for each in card.parameters()}[parameter.name]
    assert (found.value, found.status) == (parameter.value, "chosen")
    assert sum(each.status == "chosen" for each in card.parameters()) == 1


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("modalities.liver_resecton.surge", 0.5, "Did you mean 'liver_resection'"),
        ("modalities.rfa.mortality_90_day", 0.5, "Did you mean 'mortality_90_days'"),
        ("rfa", 0.5, "none of its entries"),
        ("rfa.surge", 2, "between 0 and 1"),
        ("rfa.surge", 0.5, "would do nothing"),
        ("rfa.surge", "much", "no number"),
        ("rfa.surge", "nan", "out of range"),
        ("rfa.near_vessel", "fine", "ok"),
        ("rfa.local_control.liver.up_to_20_mm", 0.1, "rise with size"),
        ("liver_resection.remnant_use.up_to_20_mm", 0.9, "fall with size"),
    ],
)
def test_what_cannot_be_set_is_told(path: str, value: float | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        override(CARDS, path, value)


def test_single_entries_deep_in_a_card() -> None:
    cards = override(CARDS, "modalities.rfa.local_control.liver.up_to_20_mm", 0.99)
    assert cards["rfa"].local_control["liver"][0].value == 0.99
    cards = override(cards, "rfa.max_lesions.lung", 3)
    assert cards["rfa"].max_lesions["lung"].value == 3
    assert cards["rfa"].max_lesions["liver"].value == 9
    cards = override(cards, "liver_resection.remnant_use.over_50_mm", 0.4)
    assert cards["liver_resection"].remnant_use is not None
    assert cards["liver_resection"].remnant_use[3].value == 0.4
    cards = override(cards, "liver_resection.minimal_remnant", 0.25)
    assert modality_tables(cards).minimal_remnant.max() == 0.25


def test_regimens_change_likewise() -> None:
    cards = override_regimens(REGIMENS, "regimens.folfox.kill_factor", "1.1")
    assert cards["folfox"].kill_factor.value == 1.1
    cards = override_regimens(cards, "folfox.line_1.pfs_months", 9)
    first = cards["folfox"].outcomes[1]
    assert first.pfs_months is not None
    assert first.pfs_months.value == 9
    with pytest.raises(InputError, match="Did you mean 'folfox"):
        override_regimens(REGIMENS, "regimens.folfoks.kill_factor", 1)
    with pytest.raises(InputError, match="between 0 and 120"):
        override_regimens(REGIMENS, "folfox.line_1.pfs_months", -1)
