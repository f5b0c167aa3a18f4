"""Arbitrary tables and texts end in a valid result or an InputError; reading loses nothing."""

import contextlib
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from debulk.core import InputError
from debulk.core.anatomy import ORGANS
from debulk.patients import FEATURES, TABLES, Cohort, parse_rule, read_cohort

quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
CHEAP = [name for name, each in FEATURES.items() if each.group != "treatable"]

WORDS = (
    "lesions first_line sex extent_k2 'male' 3 0.5 and or not in is null true ( ) = < >= <> "
    "+ - * / , between abs coalesce sum over select case"
)

cell = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 600),
    st.integers(),
    st.floats(),
    st.sampled_from(["a", "b", "liver", "CR", "complete", "NA", "1", "L1;L2", ""]),
    st.text(max_size=6),
    st.lists(st.text(max_size=2), max_size=2),
)


@st.composite
def any_tables(draw):
    tables = {}
    for name, columns in TABLES.items():
        if name != "patients" and draw(st.booleans()):
            continue
        chosen = draw(st.lists(st.sampled_from([*columns, "own"]), max_size=6, unique=True))
        if draw(st.booleans()):
            chosen = [*(each for each in columns if columns[each].required), *chosen]
        rows = st.fixed_dictionaries({each: cell for each in dict.fromkeys(chosen)})
        tables[name] = draw(st.lists(rows, max_size=4))
    return tables


@quick
@given(any_tables())
def test_arbitrary_tables_make_a_cohort_or_an_input_error(tables):
    try:
        cohort = Cohort.from_tables(tables)
    except InputError:
        return
    assert cohort.features(only=CHEAP).height == len(cohort)


@quick
@given(patients=st.binary(max_size=80), followup=st.text(max_size=80))
def test_arbitrary_bytes_make_a_cohort_or_an_input_error(patients, followup):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "patients.csv").write_bytes(b"patient_id,age_years\n" + patients)
        (folder / "followup.csv").write_text(followup, encoding="utf-8", errors="replace")
        with contextlib.suppress(InputError):
            assert len(read_cohort(folder)) > 0


@quick
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join),
    )
)
def test_arbitrary_text_is_a_rule_or_an_input_error(text):
    try:
        rule = parse_rule(text)
    except InputError:
        return
    table = pl.DataFrame(
        {
            "lesions": pl.Series([3, None, 0], dtype=pl.Int32),
            "first_line": [True, None, False],
            "sex": pl.Series(["male", None, "female"], dtype=pl.Enum(["female", "male"])),
            "extent_k2": pl.Series(["stage_1", None, None], dtype=FEATURES["extent_k2"].dtype),
        }
    )
    answer = table.select(answer=rule.expression)
    assert answer.schema == {"answer": pl.Boolean}
    assert answer.height == table.height


@st.composite
def cohorts(draw):
    count = draw(st.integers(1, 4))
    months = st.floats(0, 90, allow_nan=False)
    maybe = lambda values: st.one_of(st.none(), values)  # noqa: E731
    patients, lesions, treatments, followup = [], [], [], []
    for number in range(count):
        who = {"patient_id": f"p{number}"}
        patients.append(
            {
                **who,
                "t_stage": draw(maybe(st.integers(0, 4))),
                "n_positive": draw(maybe(st.integers(0, 3))),
                "centre": draw(maybe(st.sampled_from(["north", 'a "quoted", name', "two\nlines"]))),
                "lesion_list_complete": draw(maybe(st.booleans())),
                "board_months": draw(maybe(months)),
            }
        )
        ids = [f"L{each}" for each in range(draw(st.integers(0, 6)))]
        lesions += [
            {
                **who,
                "lesion_id": each,
                "organ": draw(st.sampled_from(ORGANS)),
                "site": draw(maybe(st.sampled_from(["right S6", "left S2", "para_aortic"]))),
                "diameter_mm": draw(maybe(st.floats(1, 100))),
                "detected_months": draw(maybe(months)),
                "disappeared": draw(maybe(st.booleans())),
            }
            for each in ids
        ]
        if draw(st.booleans()):
            treatments.append(
                {
                    **who,
                    "kind": "local",
                    "lesion_ids": draw(st.lists(st.sampled_from(ids), unique=True)) if ids else [],
                    "end_months": draw(maybe(months)),
                    "completeness": "complete",
                }
            )
        if draw(st.booleans()):
            treatments.append(
                {**who, "kind": "systemic", "line": 1, "start_months": draw(maybe(months))}
            )
        followup.append({**who, "last_months": draw(months), "dead": draw(st.booleans())})
    return {
        "patients": patients,
        "lesions": lesions or pl.DataFrame({"patient_id": [], "lesion_id": [], "organ": []}),
        "treatments": treatments or pl.DataFrame({"patient_id": [], "kind": []}),
        "followup": followup,
    }


@quick
@given(cohorts())
def test_what_was_written_is_read_again(tables):
    cohort = Cohort.from_tables(tables)
    with tempfile.TemporaryDirectory() as name:
        cohort.write(Path(name) / "cohort")
        again = read_cohort(Path(name) / "cohort")
    for name, table in cohort.tables.items():
        assert_frame_equal(again.tables[name], table)


@quick
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tables, random):
    mixed = {}
    for name, rows in tables.items():
        mixed[name] = rows
        if isinstance(rows, list):
            mixed[name] = random.sample(rows, len(rows))
    first = Cohort.from_tables(tables).features(only=CHEAP).sort("patient_id")
    second = Cohort.from_tables(mixed).features(only=CHEAP).sort("patient_id")
    assert_frame_equal(first, second)


@quick
@given(cohorts())
def test_extents_obey_their_definition(tables):
    cohort = Cohort.from_tables(tables)
    for moment in ("now", "entry"):
        found = cohort.features(moment=moment, only=CHEAP)
        for row in found.iter_rows(named=True):
            if row["extent_k4"] == "multi_organ":
                assert row["extent_k2"] == "multi_organ"
            if row["lesions"] and row["extent_k2"] == "multi_organ":
                assert row["organs_involved"] >= 2
                assert row["extrahepatic_lesions"] >= 2
            if row["lesions"]:
                assert row["extent_k2"] not in ("stage_1", "stage_2", "stage_3")
            if row["lesions_removed"] or row["lesions_disappeared"]:
                assert row["extent_k2"] not in ("stage_1", "stage_2", "stage_3")
