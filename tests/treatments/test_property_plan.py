"""What must hold for any lesions: order by size, order by boldness, plain rule equals kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core import ORGANS, InputError
from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import use_threads
from debulk.treatments import (
    Lesion,
    PlanArrays,
    feasible,
    load_modalities,
    modality_tables,
    plan,
    plan_many,
)

CARDS = load_modalities()
TABLES = modality_tables(CARDS)
NEAR = {True: 1, False: 0, None: -1}

diameters = st.one_of(st.none(), st.floats(1.0, 200.0), st.sampled_from([20.0, 30.0, 50.0, 150.0]))
some_lesions = st.lists(
    st.builds(
        Lesion,
        # Mostly liver and lung, where modalities compete.
        st.one_of(st.sampled_from(["liver", "liver", "lung"]), st.sampled_from(ORGANS)),
        diameters,
        st.sampled_from([True, False, False, None]),
    ),
    max_size=25,
)
boldnesses = st.floats(-4.0, 4.0)
remnants = st.one_of(st.none(), st.floats(0.0, 1.0))
patients = st.lists(st.tuples(some_lesions, remnants, boldnesses), min_size=1, max_size=8)


def kernel_plan(many: list[tuple[list[Lesion], float | None, float]]) -> PlanArrays:
    flat = [each for lesions, _, _ in many for each in lesions]
    counts = [len(lesions) for lesions, _, _ in many]
    sizes = [math.nan if each.diameter_mm is None else each.diameter_mm for each in flat]
    return plan_many(
        np.array([ORGAN_CODE[each.organ] for each in flat], dtype=np.int8),
        np.array(sizes, dtype=np.float64),
        np.array([NEAR[each.near_vessel] for each in flat], dtype=np.int8),
        np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        np.array([math.nan if share is None else share for _, share, _ in many]),
        np.array([boldness for _, _, boldness in many]),
        TABLES,
    )


@given(patients)
@settings(deadline=None)
def test_the_kernel_plans_as_the_plain_rule_does(
    many: list[tuple[list[Lesion], float | None, float]],
) -> None:
    arrays = kernel_plan(many)
    start = 0
    for row, (lesions, remnant, boldness) in enumerate(many):
        made = plan(lesions, remnant, boldness=boldness)
        codes = arrays.modality[start : start + len(lesions)]
        names = [None if code < 0 else TABLES.names[code] for code in codes]
        assert names == [each.modality for each in made.lesions]
        assert arrays.treatable[row] == made.treated
        assert arrays.sessions[row] == len(made.sessions)
        assert arrays.weeks[row] == made.weeks
        start += len(lesions)


@given(some_lesions, remnants, boldnesses, boldnesses)
def test_a_bolder_panel_never_treats_fewer(
    lesions: list[Lesion], remnant: float | None, one: float, other: float
) -> None:
    timid = plan(lesions, remnant, boldness=min(one, other))
    bold = plan(lesions, remnant, boldness=max(one, other))
    assert timid.treated <= bold.treated


@given(
    st.sampled_from(sorted(CARDS)),
    st.sampled_from(ORGANS),
    st.tuples(st.floats(1.0, 250.0), st.floats(1.0, 250.0)),
    st.sampled_from([True, False, None]),
    st.integers(1, 30),
    boldnesses,
)
def test_a_larger_lesion_is_never_feasible_where_a_smaller_one_was_not(
    name: str,
    organ: str,
    sizes: tuple[float, float],
    near: bool | None,
    number: int,
    boldness: float,
) -> None:
    rank = {False: 0, None: 1, True: 2}
    small, large = (
        feasible(
            Lesion(organ, size, near), CARDS[name], lesions_in_organ=number, boldness=boldness
        ).state
        for size in sorted(sizes)
    )
    assert rank[large] <= rank[small]


@given(some_lesions, remnants, boldnesses)
def test_what_a_plan_does_is_possible_by_the_cards(
    lesions: list[Lesion], remnant: float | None, boldness: float
) -> None:
    made = plan(lesions, remnant, boldness=boldness)
    for lesion, planned in zip(lesions, made.lesions, strict=True):
        assert planned.reason
        if planned.modality is not None:
            card = CARDS[planned.modality]
            assert card.debulking
            assert lesion.organ in card.organs
            assert lesion.diameter_mm is not None
            assert lesion.near_vessel is False or card.near_vessel.value == "ok"
    assert sorted(i for each in made.sessions for i in each.lesions) == [
        i for i, each in enumerate(made.lesions) if each.modality is not None
    ]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_threads_and_blocks_change_nothing(seed: int) -> None:
    draw = np.random.default_rng(seed)
    counts = draw.poisson(8, 1500)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    total = int(offsets[-1])
    organ = draw.integers(0, len(ORGANS), total).astype(np.int8)
    sizes = draw.lognormal(3.0, 0.7, total)
    near = draw.integers(-1, 2, total).astype(np.int8)
    remnant, boldness = draw.random(1500), draw.normal(size=1500)
    made = []
    try:
        for workers in (1, None):
            use_threads(workers)
            made.append(plan_many(organ, sizes, near, offsets, remnant, boldness, TABLES))
    finally:
        use_threads(None)
    half = offsets[700]
    tail = plan_many(
        organ[half:], sizes[half:], near[half:], offsets[700:] - half, remnant[700:],
        boldness[700:], TABLES,
    )  # fmt: skip
    np.testing.assert_array_equal(made[0].modality, made[1].modality)
    np.testing.assert_array_equal(made[0].weeks, made[1].weeks)
    np.testing.assert_array_equal(made[0].modality[half:], tail.modality)
    np.testing.assert_array_equal(made[0].treatable[700:], tail.treatable)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"diameter_mm": np.ones(1)}, "entries"),
        ({"organ": np.array([0, 11], dtype=np.int8)}, "organ"),
        ({"offsets": np.array([0, 1], dtype=np.int64)}, "offsets"),
        ({"offsets": np.array([0, 2, 1, 2], dtype=np.int64)}, "entries"),
        ({"boldness": np.array([np.nan])}, "finite"),
        ({"liver_remnant": np.array([30.0])}, "share"),
    ],
)
def test_arrays_that_do_not_agree_are_refused(change: dict[str, object], message: str) -> None:
    arrays: dict[str, object] = {
        "organ": np.zeros(2, dtype=np.int8),
        "diameter_mm": np.full(2, 10.0),
        "near_vessel": np.zeros(2, dtype=np.int8),
        "offsets": np.array([0, 2], dtype=np.int64),
        "liver_remnant": np.array([np.nan]),
        "boldness": np.zeros(1),
    }
    with pytest.raises(InputError, match=message):
        plan_many(**{**arrays, **change}, tables=TABLES)  # type: ignore[arg-type]
