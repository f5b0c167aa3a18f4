"""Any table with any options ends in an answer that is JSON, or in one message."""

import contextlib

import hypothesis.strategies as st
import polars as pl
from hypothesis import given, settings

from debulk import InputError
from debulk.core.files import json_text
from debulk.survival.comparison import compare
from debulk.survival.comparison.adjustment import read_adjustment
from debulk.survival.comparison.choices import read_test
from debulk.survival.tables import FollowUpTable

TESTS = ["logrank", "peto", "gehan", "tarone-ware", "fh:0,1", "modest:3", "early-zero:2"]
TESTS += ["max-combo", "rmst:2", "milestone:2", "median", "gray"]

ROW = st.fixed_dictionaries(
    {
        "time": st.integers(1, 6).map(float),
        "cause": st.integers(0, 2),
        "group": st.sampled_from(["a", "b", "b", "c"]),
        "entry": st.sampled_from([0.0, 0.0, 0.5]),
        "weights": st.sampled_from([0.5, 1.0, 2.0]),
        "stratum": st.sampled_from(["x", "y"]),
        "age": st.one_of(st.none(), st.integers(0, 3).map(float)),
    }
)
OPTIONS = st.fixed_dictionaries(
    {
        "competing": st.booleans(),
        "grouped": st.booleans(),
        "entry": st.booleans(),
        "weights": st.booleans(),
        "strata": st.booleans(),
        "adjust": st.booleans(),
        "firth": st.booleans(),
        "landmark": st.sampled_from([None, 1.0, 2.5]),
        "test": st.sampled_from([None, *TESTS]),
    }
)


def table_of(rows, options):
    frame = pl.DataFrame(rows, schema_overrides={"age": pl.Float64})
    return FollowUpTable(
        name="t",
        sha256="",
        time=frame["time"],
        event=frame["cause"] > 0,
        group=frame["group"] if options["grouped"] else None,
        columns={"time": "time", "event": "cause", "group": "group"},
        entry=frame["entry"] if options["entry"] else None,
        weights=frame["weights"] if options["weights"] else None,
        cause=frame["cause"] if options["competing"] else None,
        strata={"stratum": frame["stratum"]} if options["strata"] else {},
        covariates={"age": frame["age"]} if options["adjust"] else {},
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=14), OPTIONS)
def test_any_table_with_any_options(rows, options):
    tests = [] if options["test"] is None else [read_test(options["test"])]
    with contextlib.suppress(InputError):
        found = compare(
            table_of(rows, options),
            tests=tests,
            landmark=options["landmark"],
            adjustment=read_adjustment("age") if options["adjust"] else None,
            firth=options["firth"] and options["adjust"],
        ).to_dict()
        assert json_text(found)
        assert found["n"] >= found["events"] >= 1
        assert len(found["tests"]) == len(tests) + (options["weights"] and options["grouped"])
