"""Whatever is given for an argument of a run, there is a result or an InputError that names it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.core.files import json_text
from debulk.protocols import Protocol, load_protocol
from debulk.trials import ChunkStore, compare_designs, load_generator, run_trial, trial_settings
from debulk.trials.alternatives.assumptions import DesignAssumptions
from debulk.trials.generators.product_limit import checked_tail

NOT_WHOLE: list[Any] = [
    True,
    np.bool_(True),
    2.0,
    math.nan,
    math.inf,
    "2",
    b"2",
    [2],
    (2,),
    {},
    object(),
    np.array([1, 2]),
    np.array(2),
    pl.Series([1, 2]),
    pd.Series([1]),
    pl.DataFrame({"a": [1]}),
    2j,
    10**400,
    -(2**70),
]
NOTHING_OF_THE_KIND: list[Any] = [
    True,
    0,
    3.5,
    math.nan,
    "x",
    b"x",
    [1],
    object(),
    int,
    np.array([0.5, 0.7]),
    pl.Series([0.5, 0.7]),
    pd.Series([0.1]),
    pl.DataFrame({"a": [1]}),
    range(2),
    {1, 2},
]


@pytest.fixture(scope="module")
def tiny(plan_of: Callable[..., Protocol]) -> Protocol:
    """Forty patients drawn from a plan."""
    return plan_of(registered=40)


@pytest.mark.parametrize("value", NOT_WHOLE, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("name", ["trials", "seed", "workers"])
@pytest.mark.parametrize("run", [run_trial, compare_designs])
def test_whole_numbers(tiny: Protocol, run: Callable[..., Any], name: str, value: Any) -> None:
    if name == "workers" and type(value) is int and value > 0:
        pytest.skip("more workers than there are threads are cut to what there is")
    with pytest.raises(InputError, match=name):
        run(tiny, **{"trials": 2, name: value})


@pytest.mark.parametrize("value", NOTHING_OF_THE_KIND, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("name", ["model", "modalities", "regimens", "progress", "store"])
def test_things_of_another_kind(tiny: Protocol, name: str, value: Any) -> None:
    if name == "progress" and callable(value):
        pytest.skip("can be called: what it does then is the caller's")
    with pytest.raises(InputError, match=name):
        run_trial(tiny, trials=2, **{name: value})


@pytest.mark.parametrize("value", NOTHING_OF_THE_KIND, ids=lambda each: type(each).__name__)
def test_protocols_paths_and_tails(value: Any) -> None:
    for call in (run_trial, compare_designs, load_protocol, trial_settings):
        with pytest.raises(InputError, match="protocol"):
            call(value)
    with pytest.raises(InputError):
        load_generator(value)
    with pytest.raises(InputError, match="tail"):
        checked_tail(value)


@pytest.mark.parametrize("value", NOTHING_OF_THE_KIND, ids=lambda each: type(each).__name__)
def test_changes_and_folders(value: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="changes"):
        load_protocol("orchestra", changes=value)
    if not isinstance(value, str):
        with pytest.raises(InputError, match="changes"):
            load_protocol("orchestra", changes={"conduct.withdrawn": value})
    if not isinstance(value, str):
        with pytest.raises(InputError, match="folder"):
            ChunkStore(value, "mark")
    with pytest.raises(InputError, match="folder"):
        ChunkStore(Path("a\0b"), "mark")
    store = ChunkStore(str(tmp_path / "run"), "mark")  # type: ignore[arg-type]
    assert store.folder.is_dir()
    store.close()


def test_paths_that_no_file_can_have() -> None:
    for path in ("\x00", "a\x00.yaml", "x" * 5_000 + ".yaml"):
        with pytest.raises(InputError):
            load_generator(path)
        with pytest.raises(InputError):
            load_protocol(path)


@pytest.mark.parametrize("value", NOTHING_OF_THE_KIND, ids=lambda each: type(each).__name__)
def test_what_is_compared_and_how(tiny: Protocol, value: Any) -> None:
    with pytest.raises(InputError, match="designs"):
        compare_designs(tiny, trials=2, designs=value)
    with pytest.raises(InputError, match="assumptions"):
        compare_designs(tiny, trials=2, assumptions=value)
    with pytest.raises(InputError, match="adjust_for"):
        compare_designs(tiny, trials=2, adjust_for=value)
    outside = 2 if type(value) is int else value
    with pytest.raises(InputError, match="outside"):
        DesignAssumptions(outside=outside)


def test_a_card_of_the_run_in_that_is_not_there(tiny: Protocol) -> None:
    with pytest.raises(InputError, match=r"regimens.*no card"):
        run_trial(load_protocol("orchestra"), trials=2, regimens={})


@pytest.mark.parametrize("seed", [0, 2**63 - 1, np.int64(3), np.uint64(2**63 - 1)])
def test_every_seed_there_is(tiny: Protocol, seed: Any) -> None:
    found = run_trial(tiny, trials=np.int32(1), seed=seed, workers=np.int64(1))
    assert json.loads(json_text(found))["seed"] == int(seed)
    assert run_trial(tiny, trials=1, seed=int(seed)).trial_table.equals(found.trial_table)
