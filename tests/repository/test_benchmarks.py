"""The records that benchmarks of the pages fill are those the program takes."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")


def test_the_readers_cases_are_decided_open_and_computed(tmp_path: Path) -> None:
    from benchmarks.web_site import Size, fill

    from debulk.board.records import LOCAL_MEMBER, open_records
    from debulk.web.board.decided_cases import cohort_of_decisions

    place = tmp_path / "records.sqlite"
    size = Size(cases=2, read=2, decisions_each=2, sign_ins=1)
    filled = fill(place, size)
    decided, open_one = filled.read
    with open_records(place) as records:
        assert [each.sitting for each in records.decisions.of_case(decided)] == [2, 1]
        assert len(cohort_of_decisions(records.decisions.registry(by=LOCAL_MEMBER))) == 1
        assert records.decisions.of_case(open_one) == []
        assert records.votes.tally(open_one)["futures_opened_at"] is not None
        job = records.jobs.latest("board.futures", case_id=open_one)
        assert job is not None
        assert job.result is not None
        assert records.sign_ins.find(filled.tokens[0]) is not None
