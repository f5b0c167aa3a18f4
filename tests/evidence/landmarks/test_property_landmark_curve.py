"""What holds for every table of landmarks."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from debulk.evidence.landmarks.curve import LandmarkCurve, landmark_curve
from debulk.evidence.landmarks.pseudo_patients import pseudo_patients

ROUNDING = 1e-9


@st.composite
def some_curves(draw: st.DrawFn) -> LandmarkCurve:
    lengths = draw(st.lists(st.floats(0.1, 60), min_size=1, max_size=6))
    shares = draw(st.lists(st.floats(0.0, 1.0), min_size=len(lengths), max_size=len(lengths)))
    tail = draw(st.sampled_from(["none", "last hazard"]))
    survival = np.cumprod(np.where(np.array(shares) < 1e-6, 0.0, shares))
    return landmark_curve(np.cumsum(lengths), survival, tail=tail, patients=50)


@given(curve=some_curves(), share=st.floats(0.01, 0.99))
def test_property_quantile_and_survival_undo_each_other(curve: LandmarkCurve, share: float) -> None:
    time = curve.quantile(share)
    if time is None:
        assert curve.tail == "none" or curve.hazards[-1] == 0.0
        assert curve.survival[-1] > 1.0 - share
    elif np.isfinite(time):
        assert abs(curve.at(time)[0] - (1.0 - share)) < ROUNDING


@given(curve=some_curves())
def test_property_curve_passes_through_its_landmarks_and_falls(curve: LandmarkCurve) -> None:
    np.testing.assert_allclose(curve.at(curve.times), curve.survival, atol=ROUNDING)
    heights = curve.at(np.linspace(0.0, curve.times[-1], 50))
    assert heights[0] == 1.0
    assert np.all(np.diff(heights) <= ROUNDING)
    json.dumps(curve.to_dict(), allow_nan=False)


@given(curve=some_curves())
def test_property_pseudo_patients_die_before_the_last_landmark(curve: LandmarkCurve) -> None:
    patients = pseudo_patients(curve)
    assert patients.height == 50
    assert patients["time"].max() <= curve.times[-1] + ROUNDING  # type: ignore[operator]
    assert abs(patients["event"].sum() - 50 * (1.0 - curve.survival[-1])) <= 0.5 + ROUNDING
