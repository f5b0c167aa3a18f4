"""What holds for every set of studies."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from debulk.evidence.landmarks.pooling import pooled_survival
from debulk.evidence.landmarks.studies import SurvivalStudy, study_from_landmarks

ROUNDING = 1e-9

SHARES = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.05, 0.99))


@st.composite
def some_studies(draw: st.DrawFn) -> list[SurvivalStudy]:
    count = draw(st.integers(1, 5))
    studies = []
    for position in range(count):
        landmarks = draw(st.integers(1, 4))
        shares = draw(st.lists(SHARES, min_size=landmarks, max_size=landmarks))
        patients = draw(st.integers(1, 2000))
        times = [12.0 * (j + 1) for j in range(landmarks)]
        name = f"study {position}"
        studies.append(study_from_landmarks(name, times, np.cumprod(shares), patients=patients))
    return studies


@given(
    studies=some_studies(),
    transform=st.sampled_from(["arcsine", "log-log"]),
    between=st.sampled_from(["independent", "correlated"]),
)
def test_property_curves_fall_within_their_limits(
    studies: list[SurvivalStudy], transform: str, between: str
) -> None:
    pooled = pooled_survival(studies, times=[12.0], transform=transform, between=between)  # type: ignore[arg-type]
    for curve in (pooled, pooled_survival(studies, times=[6.0, 12.0])):
        assert np.all((curve.survival >= 0) & (curve.survival <= 1))
        assert np.all(np.diff(curve.survival) <= ROUNDING)
        assert np.all(curve.lower <= curve.survival + ROUNDING)
        assert np.all(curve.upper >= curve.survival - ROUNDING)
        json.dumps(curve.to_dict(), allow_nan=False)


@given(studies=some_studies())
def test_property_order_of_studies_does_not_matter(studies: list[SurvivalStudy]) -> None:
    forth = pooled_survival(studies, times=[12.0])
    back = pooled_survival(studies[::-1], times=[12.0])
    np.testing.assert_allclose(forth.survival, back.survival, rtol=ROUNDING)
    np.testing.assert_allclose(forth.std_error, back.std_error, rtol=1e-6, atol=ROUNDING)
