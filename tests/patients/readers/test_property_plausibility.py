"""Whatever the times are, the policy makes a cohort that can be, and makes it once and for all."""

import contextlib

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.plausibility import cohort_of

months = st.one_of(st.none(), st.integers(-80, 120).map(lambda tenths: tenths / 10))
names = st.sampled_from(["a", "b", "c"])


def with_end(row):
    """The end as so many months after the start: what ends before it starts is refused."""
    start, lasts = row["start_months"], row["end_months"]
    return {**row, "end_months": None if None in (start, lasts) else start + lasts}


treatments = st.lists(
    st.fixed_dictionaries(
        {
            "patient_id": names,
            "kind": st.sampled_from(["systemic", "local"]),
            "name": st.sampled_from(["x", "y"]),
            "start_months": months,
            "end_months": st.one_of(st.none(), st.integers(0, 60).map(lambda tenths: tenths / 10)),
        }
    ).map(with_end),
    max_size=6,
)
assessments = st.lists(
    st.fixed_dictionaries(
        {
            "patient_id": names,
            "time_months": months,
            "response": st.sampled_from([None, "PR", "PD"]),
            "cea_ug_l": st.sampled_from([None, 1.0, 2.0]),
        }
    ),
    max_size=6,
)
followup = st.lists(
    st.fixed_dictionaries(
        {
            "patient_id": names,
            "last_months": months,
            "dead": st.booleans(),
            "progression_months": months,
        }
    ),
    max_size=3,
    unique_by=lambda row: row["patient_id"],
)
SCHEMAS = {
    "treatments": {"patient_id": pl.String, "kind": pl.String, "name": pl.String,
                   "start_months": pl.Float64, "end_months": pl.Float64},
    "assessments": {"patient_id": pl.String, "time_months": pl.Float64, "response": pl.String,
                    "cea_ug_l": pl.Float64},
    "followup": {"patient_id": pl.String, "last_months": pl.Float64, "dead": pl.Boolean,
                 "progression_months": pl.Float64},
}  # fmt: skip


def cohort(tables):
    return cohort_of(tables, Notes(), source="test", time_zero="diagnosis")


@settings(max_examples=60)
@given(treatments=treatments, assessments=assessments, followup=followup)
def test_the_policy_leaves_nothing_that_cannot_be(treatments, assessments, followup):
    given_rows = {"treatments": treatments, "assessments": assessments, "followup": followup}
    tables = {"patients": pl.DataFrame({"patient_id": ["a", "b", "c"]})}
    for name, rows in given_rows.items():
        tables[name] = pl.DataFrame(rows, schema=SCHEMAS[name])
    with contextlib.suppress(InputError):  # all three excluded
        found = cohort(tables)
        death = found.followup.filter(dead=True).select("patient_id", death="last_months")
        for name, time in (("treatments", "start_months"), ("assessments", "time_months")):
            late = (
                getattr(found, name)
                .join(death, on="patient_id")
                .filter(pl.col(time) > pl.col("death"))
            )
            assert late.height == 0
        again = cohort({name: frame for name, frame in found.tables.items() if frame.height})
        for name, frame in found.tables.items():
            assert again.tables[name].equals(frame), name
        assert again.record.exclusions == ()
        assert again.record.decisions == ()
