"""Does a covariate at a visit depend on anything measured after it?"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.emulation.question.covariates import (
    CovariateSource,
    CovariateValues,
    values_at_visits,
)

VISITS = 8
MONTHS = st.integers(min_value=1, max_value=40).map(lambda quarter: quarter / 4.0)
PATIENT = st.tuples(
    st.integers(min_value=1, max_value=VISITS),
    st.one_of(st.none(), st.integers(min_value=0, max_value=9)),
    st.lists(st.tuples(MONTHS, st.integers(min_value=10, max_value=99)), max_size=5),
)


def covariate(patients: list[tuple[int, int | None, list[tuple[float, int]]]]) -> CovariateValues:
    fixed = np.array([np.nan if start is None else start for _, start, _ in patients], dtype=float)
    rows = [
        (place, month, value)
        for place, (_, _, measured) in enumerate(patients)
        for month, value in sorted(measured, key=lambda each: each[0])
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return CovariateValues(
        CovariateSource("x", "assessments"),
        fixed,
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=float),
        np.array(columns[2], dtype=float),
    )


def plain_twin(patients, visit_months: float) -> list[float]:
    """Visit by visit: look back for the last value at or before it."""
    found = []
    for visits, start, measured in patients:
        for visit in range(visits):
            known = np.nan if start is None else float(start)
            for month, value in sorted(measured, key=lambda each: each[0]):
                if month <= visit * visit_months:
                    known = float(value)
            found.append(known)
    return found


@settings(max_examples=60)
@given(st.lists(PATIENT, min_size=1, max_size=5), st.sampled_from([0.5, 1.0, 3.0]))
def test_the_last_value_at_or_before_each_visit(patients, visit_months) -> None:
    first = np.concatenate([[0], np.cumsum([visits for visits, _, _ in patients])])
    found = values_at_visits(covariate(patients), first, visit_months)
    np.testing.assert_array_equal(found, plain_twin(patients, visit_months))


@settings(max_examples=30)
@given(st.lists(PATIENT, min_size=1, max_size=4), st.integers(min_value=0, max_value=VISITS - 1))
def test_nothing_measured_later_changes_an_earlier_visit(patients, last) -> None:
    first = np.concatenate([[0], np.cumsum([visits for visits, _, _ in patients])])
    visit = np.concatenate([np.arange(visits) for visits, _, _ in patients])
    until = [(v, s, [each for each in m if each[0] <= last]) for v, s, m in patients]
    whole, cut = (values_at_visits(covariate(each), first, 1.0) for each in (patients, until))
    np.testing.assert_array_equal(whole[visit <= last], cut[visit <= last])
