"""What nobody should hand to the public functions of retrodiction is refused by name."""

from __future__ import annotations

import math
import runpy
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from debulk.core.errors import InputError
from debulk.trials import lock_predictions, retrodict, verify_predictions
from debulk.trials.retrodiction import retrodicting

made_up = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made_up.py"))))

ODD: list[Any] = [
    True,
    5,
    -1,
    math.nan,
    b"x",
    {"a": 1},
    object(),
    int,
    [None],
    [1, 2],
    "",
    "a\x00b",
]


def _name(value: Any) -> str:
    """The same in every process: an object's own text holds its address."""
    return "object" if type(value) is object else repr(value)


@pytest.fixture(autouse=True)
def _nothing_simulated(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(retrodicting, "_predicted", lambda entry, runs, done: entry)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("value", ODD, ids=_name)
@pytest.mark.parametrize("argument", ["only", "model", "folder"])
def test_an_odd_argument_of_a_retrodiction(argument: str, value: Any) -> None:
    with pytest.raises(InputError) as refused:
        retrodict(**{"only": ["clocc"], "trials": 1, argument: value})
    assert refused.value.where == argument
    assert refused.value.remedy


def test_one_name_is_no_list_of_its_letters() -> None:
    with pytest.raises(InputError, match="'clocc' is no list of names"):
        retrodict(only="clocc", trials=1)


@pytest.mark.parametrize("value", ODD, ids=_name)
@pytest.mark.parametrize("argument", ["result", "path", "on"])
def test_an_odd_argument_of_a_lock(argument: str, value: Any, tmp_path: Path) -> None:
    usual = {"result": made_up.usual(), "path": "x.json", "on": date(2026, 1, 1)}
    with pytest.raises(InputError) as refused:
        lock_predictions(**{**usual, argument: value})
    assert refused.value.where == argument
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ODD, ids=_name)
def test_an_odd_path_of_locked_predictions(value: Any) -> None:
    with pytest.raises(InputError) as refused:
        verify_predictions(value)
    assert refused.value.where == "path"
