"""What must hold for any simulation: same bits whatever the threads, and results that agree."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.trials.simulation import simulating
from debulk.trials.simulation.cutoffs import month_of_event
from debulk.trials.simulation.flat_design import cell_sizes, product
from debulk.trials.simulation.ordering import sort
from debulk.trials.simulation.patients import NEVER
from debulk.trials.simulation.simulating import simulate
from debulk.trials.simulation.tally import quantile
from debulk.trials.survival_designs.trial_design import TrialDesign

Plan = Callable[..., TrialDesign]


def test_threads_change_no_bit(plan: Plan) -> None:
    design = plan(events=(150.0, 300.0), efficacy=(2.9, 1.97), futility=(0.0, None))
    one = simulate(design, trials=3_000, workers=1)
    many = simulate(design, trials=3_000, workers=None)
    assert json.dumps(one.to_dict()) == json.dumps(many.to_dict())
    assert one.trial_table(trials=700).equals(many.trial_table(trials=700))


def test_size_of_a_chunk_changes_no_bit(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulate(plan(), trials=2_001)
    monkeypatch.setattr(simulating, "NUMBERS", 100)
    parts = simulate(plan(), trials=2_001)
    assert json.dumps(whole.to_dict()) == json.dumps(parts.to_dict())


def test_trials_are_the_same_in_a_longer_run_and_from_any_first(plan: Plan) -> None:
    short = simulate(plan(), trials=50).trial_table(trials=50)
    long = simulate(plan(), trials=500)
    assert long.trial_table(trials=50).equals(short)
    assert long.trial_table(first=20, trials=30).equals(short.slice(20))
    other = simulate(plan(), trials=50, seed=2).trial_table(trials=50)
    assert not other["z_1"].equals(short["z_1"])


def test_summary_is_that_of_the_table(plan: Plan) -> None:
    design = plan(events=(150.0, 300.0), efficacy=(2.5, 2.0), futility=(0.0, None))
    found = simulate(design, trials=1_000)
    table = found.trial_table(trials=1_000)
    assert found.power == pytest.approx((table["outcome"] == "efficacy").mean())
    assert found.events == pytest.approx(table["events"].mean())
    assert found.patients == pytest.approx(table["patients"].mean())
    months = found.duration_months
    assert months["mean"] == pytest.approx(table["months"].mean())
    step = design.duration_months / 5_000
    for name, share in (("median", 0.5), ("lower", 0.025), ("upper", 0.975)):
        assert months[name] == pytest.approx(np.quantile(table["months"], share), abs=step)
        ratio = np.quantile(np.log(table["hazard_ratio"].to_numpy()), share)
        assert found.hazard_ratio is not None
        assert math.log(found.hazard_ratio[name]) == pytest.approx(ratio, abs=1e-4)
    errors = found.monte_carlo_error
    assert errors["events"] == pytest.approx(table["events"].std() / math.sqrt(1_000))
    assert errors["power"] == pytest.approx(math.sqrt(found.power * (1 - found.power) / 1_000))
    assert found.look_table["held"].to_list() == pytest.approx([1.0, (table["look"] == 2).mean()])


def test_estimate_off_gives_the_same_test_and_no_ratio(plan: Plan) -> None:
    off = simulate(plan(), trials=300, estimate=False)
    on = simulate(plan(), trials=300, estimate=True)
    assert off.hazard_ratio is None
    assert off.trial_table(trials=9)["hazard_ratio"].is_null().all()
    assert off.trial_table(trials=9)["z_1"].equals(on.trial_table(trials=9)["z_1"])


def test_result_is_plain_json(plan: Plan) -> None:
    found = simulate(plan(), trials=1).to_dict()
    text = json.dumps(found, allow_nan=False)
    assert found["provenance"]["seed"] == 1
    assert '"never_reached"' in text


@given(
    st.lists(st.floats(0.0, 500.0, width=32), min_size=1, max_size=60),
    st.integers(1, 60),
    st.floats(0.0, 1e6, width=32),
    st.floats(0.0099999997764825821, 1e4, width=32),
)
def test_month_of_event_is_that_of_a_sort(
    months: list[float], wanted: int, guess: float, rate: float
) -> None:
    bits = np.array(months, np.float32).view(np.uint32)
    one = np.zeros(1, np.float32)
    found = month_of_event(
        bits, wanted, np.float32(guess), np.float32(rate), one, one.view(np.uint32)
    )
    ordered = np.sort(np.array(months, np.float32))
    assert found == (ordered[wanted - 1] if wanted <= ordered.size else NEVER)


@settings(max_examples=30)
@given(st.integers(1, 600), st.integers(1, 32), st.integers(0, 2**31))
def test_sort_sorts(size: int, bits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys = rng.integers(0, 2**bits, size, dtype=np.uint32)
    wanted = np.sort(keys)
    sort(keys, np.empty_like(keys), np.empty(256, np.int32), np.empty(256, np.int32))
    assert (keys == wanted).all()


def test_sort_of_many_keys_takes_another_pass() -> None:
    keys = np.random.default_rng(1).integers(0, 2**32, 50_000, dtype=np.uint32)
    wanted = np.sort(keys)
    sort(keys, np.empty_like(keys), np.empty(256, np.int32), np.empty(256, np.int32))
    assert (keys == wanted).all()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=50), st.floats(0.0, 1.0))
def test_quantile_is_numpys_of_the_middles(values: list[int], share: float) -> None:
    bins = np.bincount(values, minlength=41)
    wanted = np.quantile(np.array(values) + 0.5, share)
    assert quantile(bins, share) == pytest.approx(wanted, abs=1e-9)


@given(
    st.integers(2, 3_000),
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]),
)
def test_cells_hold_every_patient(patients: int, parts: list[int], allocation: float) -> None:
    shares = [each / sum(parts) for each in parts]
    sizes = cell_sizes(patients, shares, allocation)
    assert sizes.sum() == patients
    assert (sizes >= 0).all()
    strata = sizes.reshape(-1, 2).sum(1)
    assert np.abs(strata - np.array(shares) * patients).max() < 1.0 + 1e-9
    wanted = patients * allocation / (1.0 + allocation)
    assert abs(sizes[1::2].sum() - wanted) < 1.0 + 1e-9 or min(strata) < 2


@given(
    st.lists(st.tuples(st.floats(0.5, 50.0), st.floats(0.1, 3.0)), max_size=4),
    st.lists(st.tuples(st.floats(0.5, 50.0), st.floats(0.1, 3.0)), max_size=4),
    st.floats(0.0, 60.0),
)
def test_product_of_step_functions(
    left: list[tuple[float, float]], right: list[tuple[float, float]], month: float
) -> None:
    one = ((0.0, 0.3), *sorted(dict(left).items()))
    other = ((0.0, 2.0), *sorted(dict(right).items()))
    found = product(one, other)

    def at(pieces: tuple[tuple[float, float], ...]) -> float:
        return [value for start, value in pieces if start <= month][-1]

    assert at(found) == at(one) * at(other)
