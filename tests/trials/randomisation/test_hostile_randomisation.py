"""Does every wrong request end in one InputError, and never in anything else?"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.trials.randomisation.assignment import assign
from debulk.trials.randomisation.balance import assignment_balance
from debulk.trials.randomisation.lists import randomisation_list, verify_opening
from debulk.trials.randomisation.methods import BiasedCoin, Minimisation, PermutedBlocks, Simple

ARMS = ("control", "experimental")


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (PermutedBlocks, {"sizes": ()}),
        (PermutedBlocks, {"sizes": (4, 4)}),
        (PermutedBlocks, {"sizes": (1,)}),
        (PermutedBlocks, {"sizes": (True,)}),
        (PermutedBlocks, {"sizes": (4.0,)}),
        (PermutedBlocks, {"sizes": "4"}),
        (PermutedBlocks, {"sizes": (10**6,)}),
        (PermutedBlocks, {"strata": ("a", "a")}),
        (PermutedBlocks, {"strata": (1,)}),
        (PermutedBlocks, {"strata": 3}),
        (PermutedBlocks, {"strata": ("",)}),
        (Minimisation, {"factors": ()}),
        (Minimisation, {"factors": ("a",), "probability": 1.1}),
        (Minimisation, {"factors": ("a",), "probability": math.nan}),
        (Minimisation, {"factors": ("a",), "weights": (1.0, 2.0)}),
        (Minimisation, {"factors": ("a",), "weights": (0.0,)}),
        (Minimisation, {"factors": ("a",), "weights": (-1.0,)}),
        (Minimisation, {"factors": ("a",), "weights": 1.0}),
        (Minimisation, {"factors": ("a",), "measure": "median"}),
        (Minimisation, {"factors": ("a",), "measure": ["range"]}),
        (BiasedCoin, {"probability": 0.4}),
        (BiasedCoin, {"largest_imbalance": 0}),
        (BiasedCoin, {"largest_imbalance": 1.5}),
    ],
)
def test_wrong_methods(kind, wrong) -> None:
    with pytest.raises(InputError):
        kind(**wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "simple"},
        {"method": PermutedBlocks},
        {"seed": None},
        {"seed": True},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": 1.5},
        {"trial": []},
        {"trial": 0},
        {"trial": [[0, 0, 1]]},
        {"trial": [0, 0, None]},
        {"trial": [0, 0, math.inf]},
        {"trial": [0, 0, 0.5]},
        {"trial": [0, 0, -1]},
        {"trial": [[0], [0, 1], [2]]},
        {"trial": [0, 0, 2**40]},
        {"order": [0, 1]},
        {"order": [0, 0, 0]},
        {"order": [True, False, True]},
        {"order": ["a", "b", "c"]},
        {"allocation": 0.0},
        {"allocation": -1},
        {"allocation": math.nan},
        {"allocation": "2"},
        {"allocation": 2.0},
        {"codes": [0, 1, 2]},
        {"method": PermutedBlocks((4,), ("a",))},
        {"method": PermutedBlocks((4,), ("a",)), "codes": {"b": [0, 0, 0]}},
        {"method": PermutedBlocks((4,), ("a",)), "codes": [0, 0]},
        {"method": PermutedBlocks((4,), ("a",)), "codes": [0, 0, 2**31]},
        {"method": PermutedBlocks((4,), ("a", "b")), "codes": [0, 0, 0]},
        {"method": Minimisation(("a",)), "codes": [0, -1, 0]},
        {"method": Minimisation(("a",)), "codes": ["x", "y", "z"]},
        {"method": Minimisation(("a",)), "codes": object()},
        {"method": Minimisation(("a",), 0.4), "codes": [0, 0, 0]},
        {"method": BiasedCoin(), "allocation": 2.0},
        {"method": PermutedBlocks((4,)), "order": [0, 1, 2**39]},
    ],
)
def test_wrong_calls(change) -> None:
    good = {"method": PermutedBlocks(), "seed": 1, "trial": [0, 0, 1], "order": [0, 1, 0]}
    assert assign(**good).size == 3
    with pytest.raises(InputError):
        assign(**{**good, **change})


def test_every_ordinary_kind_of_column_gives_the_same() -> None:
    trial, order, site = [0, 0, 1, 1], [0, 1, 0, 1], [2, 2, 0, 1]
    method = Minimisation(("site",))
    expected = assign(method, seed=np.int64(1), trial=trial, order=order, codes=site)
    for make in (np.array, np.float64, np.uint8, pl.Series, tuple):
        codes = {"site": make(site)}
        found = assign(method, seed=1, trial=make(trial), order=make(order), codes=codes)
        assert (found == expected).all()


@pytest.mark.parametrize(
    "change",
    [
        {"experimental": [0, 1]},
        {"experimental": []},
        {"trial": [0]},
        {"order": [0, math.nan]},
        {"stratum": [0, -1]},
        {"allocation": None},
    ],
)
def test_wrong_balance(change) -> None:
    good = {"experimental": [True, False], "trial": [0, 0], "order": [0, 1]}
    found = assignment_balance(**good)
    assert found.imbalance == 0.0
    assert found.to_dict()["imbalance_se"] is None
    with pytest.raises(InputError):
        assignment_balance(**{**good, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"arms": ("control",)},
        {"arms": ("control", "control")},
        {"arms": "control"},
        {"arms": ("control", "")},
        {"arms": ("control", " experimental")},
        {"arms": ("control", "=1+1")},
        {"arms": ("control", "two\nlines")},
        {"arms": ("control", "a\x00")},
        {"arms": ("control", "\ud800")},
        {"arms": ("control", "x" * 81)},
        {"arms": ("control", 3)},
        {"arms": ("e\u0301", "\u00e9")},
        {"arms": None},
        {"patients": 0},
        {"patients": -5},
        {"patients": 10.0},
        {"patients": True},
        {"patients": 10**7},
        {"strata": ["centre"]},
        {"strata": {"centre": []}},
        {"strata": {"centre": "AB"}},
        {"strata": {"centre": ["A", "A"]}},
        {"strata": {"arm": ["A"]}},
        {"strata": {1: ["A"]}},
        {"strata": {str(each): ["a", "b"] for each in range(40)}},
        {"allocation": 0},
        {"allocation": 2.0},
        {"allocation": math.pi},
        {"allocation": {"control": 1}},
        {"allocation": {"control": 1, "experimental": 1.5}},
        {"arms": ("a", "b", "c"), "allocation": 2.0},
        {"arms": tuple("abcdefgh"), "block_sizes": (120,)},
        {"block_sizes": ()},
        {"block_sizes": (3,)},
        {"block_sizes": (4, 4)},
        {"block_sizes": (122,)},
        {"block_sizes": ("4",)},
        {"seed": -1},
        {"seed": 2**256},
        {"seed": 1.0},
        {"seed": "1"},
        {"seed": True},
    ],
)
def test_wrong_lists(change) -> None:
    good = {"arms": ARMS, "patients": 10, "seed": 1}
    assert len(randomisation_list(**good).rows) >= 10
    with pytest.raises(InputError):
        randomisation_list(**{**good, **change})


def test_names_with_commas_quotes_and_accents_survive() -> None:
    strata = {"centre, city": ['Sankt "Anna"', "Łódź", "100 % [bold]"]}
    drawn = randomisation_list(("no surgery, yet", "surgery"), 8, strata=strata, seed=2**256 - 1)
    table = drawn.table
    assert table["centre, city"].unique(maintain_order=True).to_list() == strata["centre, city"]
    assert set(table["arm"]) == {"no surgery, yet", "surgery"}


@pytest.mark.parametrize("row", [0, -1, 10**6, True, "1", None])
def test_rows_that_are_not_there(row) -> None:
    with pytest.raises(InputError):
        randomisation_list(ARMS, 10, seed=1).opening(row)
    with pytest.raises(InputError):
        verify_opening("", {"arm": "control"})


@given(name=st.text(max_size=6), patients=st.integers(1, 30))
def test_any_text_is_an_arm_or_an_input_error(name, patients) -> None:
    try:
        drawn = randomisation_list(("control", name), patients, seed=1)
    except InputError:
        return
    assert drawn.table.height == len(drawn.rows)
    assert drawn.table["arm"].n_unique() == 2


def test_simple_is_plain() -> None:
    assert Simple().to_dict() == {"method": "simple"}
