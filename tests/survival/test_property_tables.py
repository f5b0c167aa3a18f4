"""Arbitrary tables end in an answer or in one message, never in another exception."""

import contextlib
import csv
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
from hypothesis import given, settings

from debulk import InputError
from debulk.core.files import json_text
from debulk.survival.comparison import compare
from debulk.survival.tables import read_table

CELLS = st.one_of(
    st.sampled_from(["0", "1", "", "NA", "-3", "2.5", "7", "true", "a", "b", "inf", "1e400", '"']),
    st.text(max_size=5),
)
LIKELY = st.tuples(
    st.integers(0, 9).map(str), st.sampled_from(["0", "1"]), st.sampled_from(["a", "b", "c", ""])
)


def answer(path):
    with contextlib.suppress(InputError):
        table = read_table(path, time="t", event="e", group="g")
        result = compare(table).to_dict()
        assert json_text(result)
        assert result["n"] >= result["events"] >= 1


def read_text(content, name="t.csv"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        answer(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(LIKELY, st.tuples(CELLS, CELLS, CELLS)), max_size=8))
def test_cells(rows):
    text = io.StringIO()
    csv.writer(text).writerows([("t", "e", "g"), *rows])
    read_text(text.getvalue().encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None)
@given(st.lists(LIKELY, min_size=1, max_size=12))
def test_tables_that_are_nearly_right(rows):
    read_text("\n".join(["t,e,g", *(",".join(row) for row in rows)]).encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(["t.csv", "t.parquet"]))
def test_bytes(content, name):
    read_text(b"t,e,g\n" + content, name)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "t": st.one_of(st.none(), st.floats(), st.integers(0, 9).map(float)),
                "e": st.one_of(st.none(), st.booleans()),
                "g": st.one_of(st.none(), st.sampled_from([1, 2])),
            }
        ),
        max_size=8,
    )
)
def test_typed_columns(rows):
    schema = {"t": pl.Float64, "e": pl.Boolean, "g": pl.Int64}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        pl.DataFrame(rows, schema=schema).write_parquet(path)
        answer(path)
