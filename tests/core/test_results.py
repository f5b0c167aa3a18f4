"""Does every result become plain JSON, and provenance say what was assumed?"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

import debulk
from debulk.core import Estimate, Exclusion, Parameter, Provenance, TestResult
from debulk.core.provenance import sha256_of
from debulk.core.results import plain


def test_what_is_not_reached_is_none() -> None:
    median = Estimate("median survival (months)", 27.5, np.nan, 24.0, np.inf, 0.95, 100, 60)
    answer = median.to_dict()
    assert (answer["estimate"], answer["se"], answer["upper"]) == (27.5, None, None)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_test_result_is_plain() -> None:
    result = TestResult(
        "log-rank", np.float64(3.8), 1, 0.05, -1.95, "control", {"a": np.int64(3)}, {"a": 4.5}, 9, 3
    )
    assert result.to_dict()["observed"] == {"a": 3}
    assert type(result.to_dict()["statistic"]) is float


@dataclasses.dataclass(frozen=True)
class Inner:
    """A result inside another."""

    values: np.ndarray


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([1.0, np.nan]), [1.0, None]),
        (np.array(["a"]), ["a"]),
        ((np.bool_(True), np.uint8(3), np.float32(0.5)), [True, 3, 0.5]),
        ({1: {"b", "a"}}, {"1": ["a", "b"]}),
        (Inner(np.arange(2)), {"values": [0, 1]}),
        ([Inner(np.array([np.inf]))], [{"values": [None]}]),
    ],
)
def test_plain(value: object, expected: object) -> None:
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


@pytest.mark.parametrize("value", [object(), 1j, b"bytes", Inner, np.array([object()])])
def test_what_has_no_plain_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="has no plain form"):
        plain(value)


def test_results_cannot_be_changed() -> None:
    estimate = Estimate("x", 1.0, 0.1, 0.8, 1.2, 0.95, 10, 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.estimate = 2.0  # type: ignore[misc]


def test_provenance_says_what_was_chosen_and_assumed() -> None:
    guess = Parameter("disease.k1", 0.03, "chosen", "assumption", "no source", "per month")
    known = Parameter("modalities.rfa.max_mm", 30, "default", "modalities:RFA/1")
    provenance = Provenance(
        version=debulk.__version__,
        seed=1,
        inputs={"colon.csv": "00"},
        parameters=(guess, known),
        exclusions=(Exclusion("no follow-up", 3),),
        remarks=("provisional",),
    )
    assert guess.is_assumption
    assert not known.is_assumption
    answer = provenance.to_dict()
    assert answer["parameters"][0]["status"] == "chosen"
    assert answer["exclusions"] == [{"reason": "no follow-up", "count": 3}]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_hash_is_of_the_bytes_alone(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of(path) == sha256_of(b"abc") == hashlib.sha256(b"abc").hexdigest()
