"""Are the Sobol indices those of functions whose indices are known?"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from debulk.core import InputError
from debulk.trials.mechanisms.sobol import check_sobol, indices_of, sobol_of

ISHIGAMI_FIRST, ISHIGAMI_TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
"""Exact indices of Ishigami's function with a = 7, b = 0.1."""

MONTE_CARLO = 0.06
"""Four standard errors of an index from 4,096 samples, at the most."""


def ishigami(points):
    x = points * np.pi - np.pi
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami() -> None:
    first, total = indices_of(ishigami, [2.0, 2.0, 2.0], 4096, 1)
    assert first[0] == pytest.approx(ISHIGAMI_FIRST, abs=MONTE_CARLO)
    assert total[0] == pytest.approx(ISHIGAMI_TOTAL, abs=MONTE_CARLO)
    assert (total[1] > 0.0).all()


def test_a_sum_has_no_interplay_and_ranges_weigh() -> None:
    """Of x + y with y over twice the range, y has four fifths of the variance."""
    first, total = indices_of(lambda points: points.sum(axis=1), [1.0, 2.0], 1024, 2)
    assert first[0] == pytest.approx([0.2, 0.8], abs=0.02)
    assert total[0] == pytest.approx([0.2, 0.8], abs=0.02)


def test_a_constant_has_indices_of_0_and_large_seeds_are_seeds() -> None:
    first, total = indices_of(lambda points: np.zeros(len(points)), [1.0, 1.0], 8, 2**62)
    assert not first.any()
    assert not total.any()


def test_the_same_seed_gives_the_same_indices() -> None:
    found = [indices_of(ishigami, [2.0] * 3, 64, seed)[1] for seed in (1, 1, 2)]
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


@pytest.mark.parametrize("samples", [0, -8, 4, 48, 131_072])
def test_samples_are_powers_of_2(samples: int) -> None:
    with pytest.raises(InputError, match=r"sobol_samples: found .* no power of 2"):
        check_sobol(samples, 300)


def test_too_few_patients_are_refused() -> None:
    with pytest.raises(InputError, match=r"sobol_patients: found 49\. Give 50 or more"):
        check_sobol(64, 49)


def test_without_salib_the_remedy_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(InputError, match=r"SALib is not installed.*debulk\[sensitivity\]"):
        check_sobol(64, 300)


def test_strengths_of_mechanisms(pool, model) -> None:
    """Without occult disease nothing matters as much; a mechanism that is inert has no index."""
    told = []
    found = sobol_of(
        pool, model, ("occult", "surge"), 8, 120, lambda done, wanted: told.append((done, wanted))
    )
    assert found.evaluations == 8 * 4
    assert told[-1] == (32, 32)
    assert found.indices[0].mechanism == "occult"
    assert found.indices[0].highest == 1.0
    assert found.indices[1].highest == 2.0
    content = found.to_dict()
    assert content["patients"] == 120
    assert content["indices"][0]["total_interval"][0] < content["indices"][0]["total"]
