"""Weights of virtual patients: against an obvious twin, and what must hold of them whatever."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.board.futures.synthetic import case

from debulk.board.futures.known import Known, known_of
from debulk.board.futures.library import Library
from debulk.board.futures.likeness import (
    CUT,
    PENALTIES,
    WIDTHS,
    Likeness,
    effective,
    effective_by_draw,
    even_over_draws,
)
from debulk.board.settings import BoardSettings
from debulk.core.anatomy import ORGANS

ROUNDING = 1e-12
"""Products of some ten factors of order one, multiplied in another order."""

CHECKED = 400


def _known(**patient: Any) -> Known:
    known, obstacles = known_of(
        case({"liver": [30.0, 20.0, 15.0], "lung": [12.0]}, **patient), BoardSettings()
    )
    assert known is not None, obstacles
    return known


def _bell(name: str, distance: float) -> float:
    widths = abs(distance) / WIDTHS[name]
    return math.exp(-0.5 * widths * widths) if widths <= CUT else 0.0


def _extent(organs: dict[str, int]) -> str:
    lesions = sum(organs.values())
    outside = lesions - organs["liver"]
    held = sum(count > 0 for count in organs.values())
    if held >= 2 and outside >= 2:
        return "multi_organ"
    if organs["liver"] == lesions:
        return "liver_only"
    return "oligometastatic" if lesions <= 5 and held <= 2 else "other_metastatic"


def _twin(known: Known, library: Library, row: int) -> float:
    """Likeness of one virtual patient, factor by factor."""
    organs = dict(zip(ORGANS, library.in_organ[row].tolist(), strict=True))
    if _extent(organs) != known.extent:
        return 0.0
    groups = {name: organs[name] for name in ("liver", "lung", "peritoneum", "lymph_node")}
    groups["elsewhere"] = sum(organs.values()) - sum(groups.values()) - organs["primary"]
    weight = 1.0
    for name, count in groups.items():
        weight *= 1.0 if (count > 0) == (known.in_organ[name] > 0) else PENALTIES["organ"]
    weight *= _bell("lesions", math.log1p(groups["liver"]) - math.log1p(known.in_organ["liver"]))
    weight *= _bell("lesions", math.log1p(sum(groups.values())) - math.log1p(known.lesions))
    assert known.largest_mm
    assert known.volume_ml
    weight *= _bell("largest", math.log(library.largest_mm[row] / known.largest_mm))
    weight *= _bell("volume", math.log(library.volume_ml[row] / known.volume_ml))
    weight *= _bell("age", library.age_years[row] - known.age_years)
    weight *= PENALTIES["who"] ** abs(int(library.who_ps[row]) - known.who_ps)
    for name, flags, value in (
        ("synchronous", library.synchronous, known.synchronous),
        ("primary", library.primary_in_situ, known.primary_in_situ),
        ("adjuvant", library.adjuvant, known.adjuvant),
        ("sex", library.female, known.female),
        ("ras", library.ras, known.ras),
        ("braf", library.braf, known.braf),
    ):
        if value is not None and bool(flags[row]) != value:
            weight *= PENALTIES[name]
    return weight


def test_reference_weights_are_those_of_the_obvious_twin(library: Library) -> None:
    known = _known(ras="mutated", braf="wild_type")
    weights = Likeness().at_start(known, library)
    rows = np.linspace(0, len(library) - 1, CHECKED).astype(int)
    rows = np.union1d(rows, np.argsort(weights)[-CHECKED:])
    expected = [_twin(known, library, int(row)) for row in rows]
    np.testing.assert_allclose(weights[rows], expected, rtol=ROUNDING, atol=0.0)
    assert (weights > 0.0).sum() > CHECKED / 4


def test_property_weights_lie_between_0_and_1_and_a_twin_of_the_case_has_most(
    library: Library,
) -> None:
    known = _known()
    weights = Likeness().at_start(known, library)
    assert weights.min() == 0.0
    assert 0.0 < weights.max() <= 1.0
    best = int(weights.argmax())
    assert library.who_ps[best] == known.who_ps
    assert abs(library.largest_mm[best] - known.largest_mm) < known.largest_mm  # type: ignore[operator]


def test_handworked_what_is_not_known_has_no_factor(library: Library) -> None:
    told, untold = _known(ras="mutated"), _known()
    with_ras, without = (Likeness().at_start(each, library) for each in (told, untold))
    factor = np.where(library.ras, 1.0, PENALTIES["ras"])
    np.testing.assert_allclose(with_ras, without * factor, rtol=ROUNDING)


def test_handworked_response_of_another_category_has_no_weight() -> None:
    known, _ = known_of(
        case(
            {"liver": [40.0, 20.0]},
            line={"line": 1, "start_months": 0.5},
            response="PR",
            now=[24.0, 12.0],
        ),
        BoardSettings(),
    )
    assert known is not None
    assert known.run_in_steps == 4  # 2.5 months are 76 days, 3.6 steps
    response = np.array([0, 1, 2, 3, 4], dtype=np.int8)
    weights = Likeness().after_line(known, response, np.full(5, 0.6))
    np.testing.assert_array_equal(weights, [0.0, 1.0, 0.0, 0.0, 0.0])
    off = Likeness().after_line(known, np.full(2, 1, np.int8), np.array([0.6, 2.0]))
    assert off[0] == 1.0
    assert off[1] == 0.0  # four widths away


WEIGHTS = st.lists(
    st.tuples(st.integers(0, 3), st.floats(0.0, 5.0).filter(lambda x: x == 0.0 or x > 1e-6)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60)
@given(WEIGHTS)
def test_property_every_draw_with_weight_counts_the_same(rows: list[tuple[int, float]]) -> None:
    trial = np.array([each[0] for each in rows], dtype=np.int32)
    weights = np.array([each[1] for each in rows])
    even = even_over_draws(weights, trial, 4)
    totals = np.bincount(trial, weights=even, minlength=4)
    held = np.bincount(trial, weights=weights, minlength=4) > 0.0
    assert np.all(totals[~held] == 0.0)
    if held.any():
        np.testing.assert_allclose(totals[held], 1.0 / held.sum(), rtol=1e-9)
    # Within a draw the proportions stay.
    for draw in np.flatnonzero(held):
        own = trial == draw
        np.testing.assert_allclose(
            even[own] / even[own].sum(), weights[own] / weights[own].sum(), rtol=1e-9, atol=1e-12
        )


@settings(max_examples=60)
@given(WEIGHTS, st.floats(0.1, 10.0))
def test_property_effective_number_is_between_1_and_n_and_knows_no_scale(
    rows: list[tuple[int, float]], scale: float
) -> None:
    trial = np.array([each[0] for each in rows], dtype=np.int32)
    weights = np.array([each[1] for each in rows])
    found = effective(weights)
    if weights.any():
        assert 1.0 - 1e-9 <= found <= (weights > 0.0).sum() + 1e-9
        np.testing.assert_allclose(effective(scale * weights), found, rtol=1e-9)
    else:
        assert found == 0.0
    assert effective_by_draw(weights, trial, 4).sum() >= found - 1e-6
