"""What holds for every curve: numbers at risk and totals are met, and a full figure comes back."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.reconstruction import twin

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.evidence.reconstruction.one_arm import reconstruct_arm
from debulk.evidence.reconstruction.replicates import reconstruction_replicates
from debulk.evidence.reconstruction.two_arms import reconstruction_uncertainty

arms = st.builds(
    twin.made_up,
    st.integers(5, 120),
    st.integers(0, 10_000),
    hazard=st.sampled_from([0.01, 0.05, 0.2]),
)


@given(arms, st.integers(5, 80), st.floats(0.0, 0.02), st.booleans(), st.integers(1, 15))
def test_numbers_at_risk_and_totals_are_met_whatever_the_noise(arm, clicks, error, total, step):
    ticks = np.arange(0.0, arm.time.max(), float(step))
    curve = arm.read(clicks, error, np.random.default_rng(clicks))
    events = int(arm.event.sum()) if total else None
    table = arm.at_risk(ticks)
    try:
        made = reconstruct_arm(curve, table, events=events)
    except InputError as refused:
        # Noise can bring a click down to 0 while someone is at risk, or make a total impossible.
        expected = ("curve is 0", "put the curve off")
        if any(each in refused.found for each in expected):
            return
        raise
    assert made.n == arm.n
    assert made.accuracy.at_risk == 0
    assert (made.time >= 0).all()
    assert made.time.max() <= max(curve["time"][-1], ticks[-1])
    if total:
        assert made.events == arm.event.sum()
    drawn = reconstruction_replicates(made, replicates=3, seed=clicks)
    counts = (drawn.time[:, None, :] >= ticks[None, :, None]).sum(axis=2)
    assert (counts == table["at_risk"]).all()
    if total:
        assert (drawn.event.sum(axis=1) == arm.event.sum()).all()


@given(arms)
def test_a_full_figure_without_noise_gives_its_curve_back(arm):
    # Every step clicked, a number at risk at every change, the total: all that a figure can tell.
    ticks = np.unique(np.append(0.0, np.nextafter(arm.time, np.inf)))
    at = arm.event_times()
    curve = {"time": at, "survival": arm.survival(at)}
    made = reconstruct_arm(curve, arm.at_risk(ticks), events=int(arm.event.sum()))
    assert made.accuracy.greatest <= 1.0 / arm.n + 1e-9


@given(arms)
def test_the_order_of_rows_is_of_no_matter(arm):
    curve = arm.read(40, 0.005, np.random.default_rng(1))
    order = np.random.default_rng(2).permutation(40)
    mixed = {name: values[order] for name, values in curve.items()}
    one, other = (reconstruct_arm(each, patients=arm.n) for each in (curve, mixed))
    assert (one.time == other.time).all()
    assert (one.event == other.event).all()


def test_the_same_bytes_whatever_the_threads():
    made = reconstruct_arm(twin.made_up(200, 3).read(100), patients=200)
    found = []
    try:
        for threads in (1, 2):
            use_threads(threads)
            drawn = reconstruction_replicates(made, replicates=50, seed=7)
            found.append((drawn.time.tobytes(), drawn.event.tobytes()))
    finally:
        use_threads(None)
    assert found[0] == found[1]
    assert reconstruction_replicates(made, replicates=50, seed=8).time.tobytes() != found[0][0]


def test_results_are_plain_json():
    one = reconstruct_arm(twin.made_up(60, 1).read(30), patients=60)
    other = reconstruct_arm(twin.made_up(60, 2, hazard=0.01).read(30), patients=60)
    told = one.to_dict()
    assert told["n"] == 60
    assert len(told["time"]) == 60
    both = reconstruction_uncertainty(one, other, replicates=20).to_dict()
    assert both["median_experimental"]["estimate"] is None  # not reached
    assert both["hazard_ratio"]["sampling_se"] == pytest.approx(
        np.sqrt(both["hazard_ratio"]["total_se"] ** 2
                - both["hazard_ratio"]["reconstruction_sd"] ** 2 * (1 + 1 / 20))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        (lambda t, s: (t, s), lambda t, n: (t, n)),
        (lambda t, s: np.column_stack([t, s]), lambda t, n: np.column_stack([t, n])),
        (lambda t, s: list(zip(t, s, strict=True)), lambda t, n: list(zip(t, n, strict=True))),
        (lambda t, s: {"T": t, "S": s}, lambda t, n: {"trisk": t, "nrisk": n}),
        (
            lambda t, s: pl.DataFrame({"time": t, "survival": s}),
            lambda t, n: pl.DataFrame({"time": t, "n_risk": n}),
        ),
    ],
)
def test_every_kind_of_table_holds_the_same_curve(columns, table):
    arm, ticks = twin.made_up(80, 3), np.arange(0.0, 36.0, 12.0)
    curve, at_risk = arm.read(60), arm.at_risk(ticks)
    wanted = reconstruct_arm(curve, at_risk)
    made = reconstruct_arm(
        columns(curve["time"], curve["survival"]), table(at_risk["time"], at_risk["at_risk"])
    )
    assert made.patients.equals(wanted.patients)
