"""Cards an arm asks for by name are planned within their own limits, and no others are."""

from __future__ import annotations

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.protocols import Strategy
from debulk.treatments import load_modalities, modality_tables, plan_many
from debulk.trials.recruitment.cards import tables_for

CARDS = load_modalities()


def asking(*names: str) -> Strategy:
    return Strategy(local_treatment=True, modalities=names)


def planned(names: tuple[str, ...], organ: str, sizes: list[float]) -> list[str]:
    """Modality of each of one patient's lesions in one organ; "" for none."""
    tables = tables_for(asking(*names), CARDS)
    plans = plan_many(
        np.full(len(sizes), ORGAN_CODE[organ], np.int8),
        np.array(sizes),
        np.zeros(len(sizes), np.int8),
        np.array([0, len(sizes)]),
        np.array([np.nan]),
        np.zeros(1),
        tables,
    )
    return ["" if code < 0 else tables.names[code] for code in plans.modality]


def test_transplantation_takes_every_lesion_of_the_liver_and_none_elsewhere() -> None:
    sizes = [20.0] * 30 + [120.0]
    assert planned(("liver_transplantation",), "liver", sizes) == ["liver_transplantation"] * 31
    assert planned(("liver_transplantation",), "lung", [10.0]) == [""]


def test_a_limit_of_the_card_still_holds() -> None:
    most = CARDS["radioembolisation"].max_lesions["liver"].value
    found = planned(("radioembolisation",), "liver", [20.0] * (int(most) + 5))
    assert found.count("radioembolisation") == most
    largest = CARDS["radioembolisation"].max_diameter_mm.value
    assert planned(("radioembolisation",), "liver", [largest + 1.0]) == [""]


def test_a_card_of_the_panel_comes_before_one_that_only_a_protocol_asks_for() -> None:
    assert planned(("rfa", "radioembolisation"), "liver", [10.0, 90.0]) == [
        "rfa",
        "radioembolisation",
    ]


def test_every_card_at_once_is_no_more_than_the_tables_hold() -> None:
    assert "" not in planned(tuple(CARDS), "liver", [10.0, 90.0])


def test_cards_of_the_panel_alone_are_laid_out_as_ever() -> None:
    names = ("rfa", "liver_resection", "lung_resection")
    expected = modality_tables({name: CARDS[name] for name in CARDS if name in names})
    found = tables_for(asking(*names), CARDS)
    assert found.names == expected.names
    assert np.array_equal(found.stages, expected.stages)
    assert np.array_equal(found.operation, expected.operation)
    assert np.array_equal(found.max_lesions_in_organ, expected.max_lesions_in_organ)
