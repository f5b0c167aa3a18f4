"""Endpoints that are sums: what they must be where every month is worth the same."""

from __future__ import annotations

import dataclasses

import pytest

from debulk.protocols import load_protocol
from debulk.protocols.plans import Utilities
from debulk.protocols.spec import Endpoint
from debulk.trials import run_trial

NAMES = ("os", "pfs", "quality_adjusted", "q_twist", "complications")
ROUNDING = 1e-9


def endpoints(worth: Utilities):
    """Measures by name, of three small trials."""
    base = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "2500"})
    named = tuple(Endpoint(name, "", name == "os") for name in NAMES)  # type: ignore[arg-type]
    protocol = dataclasses.replace(base, utilities=worth, endpoints=named)
    run = run_trial(protocol, trials=3, seed=1)
    return run, {each.name: each for result in run.endpoints for each in result.measures}


def test_where_every_month_counts_in_full_all_are_restricted_mean_survival() -> None:
    run, found = endpoints(Utilities(1.0, 1.0, 1.0, 1.0))
    for name in ("quality_adjusted", "Q-TWiST"):
        for arm, survival in found["os"].arms.items():
            for part in ("mean", "truth"):
                assert found[name].arms[arm][part] == pytest.approx(survival[part], abs=ROUNDING)
    gain = found["os"].difference["truth"]
    assert run.truth.rmst_difference_months == pytest.approx(gain, abs=ROUNDING)


def test_worth_below_1_shortens_and_parts_add_up() -> None:
    _, found = endpoints(Utilities(0.7, 0.9, 0.5, 0.4))
    for arm, survival in found["os"].arms.items():
        assert 0.4 * survival["truth"] < found["quality_adjusted"].arms[arm]["truth"]
        assert found["quality_adjusted"].arms[arm]["truth"] < 0.9 * survival["truth"]
        parts = sum(found[name].arms[arm]["truth"] for name in ("TOX", "TWiST", "REL"))
        assert parts == pytest.approx(survival["truth"], abs=ROUNDING)
        progression_free = found["TOX"].arms[arm]["truth"] + found["TWiST"].arms[arm]["truth"]
        assert progression_free == pytest.approx(found["pfs"].arms[arm]["truth"], abs=ROUNDING)
        for part in ("mean", "truth"):
            grades = ("below_grade_3", "grade_3_or_4", "grade_5")
            had = sum(found[name].arms[arm][part] for name in grades)
            assert had == pytest.approx(found["treated_locally"].arms[arm][part], abs=ROUNDING)
