"""What holds for lines of whatever agents."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.patients.readers.lines_of_agents import lines

AGENTS = st.sampled_from(["oxaliplatin", "irinotecan", "fluorouracil", "cetuximab"])
ROWS = st.lists(
    st.tuples(st.sampled_from("AB"), AGENTS, st.integers(0, 40), st.integers(0, 20)), min_size=1
)


@settings(max_examples=60)
@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_lines_cover_every_agent_never_overlap_and_ignore_the_order_of_rows(rows, order):
    def grouped(given_rows) -> pl.DataFrame:
        names = ["patient_id", "agent", "start_months", "run"]
        frame = pl.DataFrame(given_rows, schema=names, orient="row")
        months = pl.col("start_months", "run").cast(pl.Float64)
        end = (pl.col("start_months") + pl.col("run")).alias("end_months")
        return lines(frame.with_columns(months).with_columns(end))

    found = grouped(rows)
    shuffled = list(rows)
    order.shuffle(shuffled)
    assert grouped(shuffled).equals(found)
    assert (found["start_months"] <= found["end_months"]).all()
    for who, agent, start, _ in rows:
        holding = found.filter(
            (pl.col("patient_id") == who)
            & (pl.col("start_months") <= start)
            & (pl.col("end_months") >= start)
        )
        assert any(agent in name.split(" + ") for name in holding["name"])
    before = found["end_months"].shift()
    same = found["patient_id"] == found["patient_id"].shift()
    assert not (same & (before > found["start_months"])).any()
