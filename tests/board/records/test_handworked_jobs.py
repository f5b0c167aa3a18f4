"""Long runs: queued once, taken once, followed, cancelled, taken up again."""

from __future__ import annotations

import threading

import pytest
from tests.board.records.conftest import on

from debulk.board.records import LOCAL_MEMBER, Actor, NoSuchRecord
from debulk.board.records import jobs as jobs_module
from debulk.board.records.jobs import MOST_WAITING
from debulk.core.errors import InputError


@pytest.fixture
def job(records):
    return records.jobs.add("futures", {"draws": 2000}, by=LOCAL_MEMBER)


def test_a_run_goes_from_the_queue_to_its_result(records, job):
    taken = records.jobs.claim_next("worker")
    assert (taken.id, taken.state) == (job.id, "running")
    assert records.jobs.claim_next("another") is None
    assert records.jobs.heartbeat(job.id, 0.25, "drawing")
    assert (records.jobs.read(job.id).progress, records.jobs.read(job.id).message) == (
        0.25,
        "drawing",
    )
    assert records.jobs.finish(job.id, {"alive": [0.5]})
    done = records.jobs.read(job.id)
    assert (done.state, done.progress, done.result) == ("done", 1.0, {"alive": [0.5]})
    assert done.over


def test_the_same_run_is_found_and_not_made_twice(records, job):
    add = records.jobs.add
    assert add("futures", {"draws": 2000}, by=LOCAL_MEMBER).id == job.id
    assert add("futures", {"draws": 2001}, by=LOCAL_MEMBER).id != job.id
    assert add("futures", {"draws": 2000}, by=LOCAL_MEMBER, again=True).id != job.id


def test_a_run_of_another_version_of_the_program_is_not_the_latest(records, job, monkeypatch):
    assert records.jobs.latest("futures", parameters={"draws": 2000}).id == job.id
    monkeypatch.setattr(jobs_module, "__version__", "another")
    assert records.jobs.latest("futures", parameters={"draws": 2000}) is None
    again = records.jobs.add("futures", {"draws": 2000}, by=LOCAL_MEMBER)
    assert records.jobs.latest("futures").id == again.id != job.id


def test_nobody_fills_the_queue_for_the_others(records):
    for draws in range(MOST_WAITING):
        records.jobs.add("futures", {"draws": draws}, by=LOCAL_MEMBER)
    with pytest.raises(InputError, match=f"{MOST_WAITING} runs of yours wait"):
        records.jobs.add("futures", {"draws": -1}, by=LOCAL_MEMBER)
    # The same run is still found, and others still get their turn.
    assert records.jobs.add("futures", {"draws": 0}, by=LOCAL_MEMBER).state == "queued"
    assert records.jobs.add("futures", {"draws": -1}, by=Actor("ann", "board member"))
    records.jobs.claim_next("worker")
    assert records.jobs.add("futures", {"draws": -2}, by=LOCAL_MEMBER)


def test_a_run_on_a_case_names_the_version_it_is_about(records, case):
    first = records.jobs.add("futures", {}, by=LOCAL_MEMBER, case_id=case.case_id.lower())
    assert (first.case_id, first.case_version) == (case.case_id, 1)
    records.cases.save(case.case_id, case.content, based_on=1, by=LOCAL_MEMBER)
    second = records.jobs.add("futures", {}, by=LOCAL_MEMBER, case_id=case.case_id)
    assert second.case_version == 2
    latest = records.jobs.latest
    assert latest("futures", case_id=case.case_id).id == second.id
    assert latest("futures", case_id=case.case_id, case_version=1).id == first.id
    one = {"case_id": case.case_id, "case_version": 1}
    assert latest("futures", **one, parameters={}).id == first.id
    assert latest("futures", **one, parameters={"draws": 1}) is None
    assert latest("futures", parameters={}) is None
    assert records.jobs.latest("trial") is None


def test_a_failed_or_cancelled_run_can_be_started_again(records, job):
    records.jobs.claim_next("worker")
    assert records.jobs.fail(job.id, "out of memory")
    assert records.jobs.read(job.id).message == "out of memory"
    again = records.jobs.add("futures", {"draws": 2000}, by=LOCAL_MEMBER)
    assert again.id != job.id
    assert records.jobs.cancel(again.id, by=LOCAL_MEMBER).state == "cancelled"
    assert records.jobs.claim_next("worker") is None


def test_a_cancelled_run_is_told_to_stop_and_keeps_no_result(records, job):
    records.jobs.claim_next("worker")
    records.jobs.cancel(job.id, by=LOCAL_MEMBER)
    assert not records.jobs.heartbeat(job.id, 0.5)
    assert not records.jobs.finish(job.id, {"late": True})
    assert records.jobs.read(job.id).result is None
    assert records.jobs.cancel(job.id, by=LOCAL_MEMBER).state == "cancelled"


def test_interrupted_runs_are_queued_again(records, job, clock):
    records.jobs.claim_next("worker")
    clock.go_on(seconds=30)
    assert records.jobs.requeue_interrupted(silent_seconds=60) == 0
    assert records.jobs.requeue_interrupted() == 1
    assert records.jobs.claim_next("worker").id == job.id


def test_workers_never_take_the_same_run(records):
    for number in range(20):
        records.jobs.add("futures", {"seed": number}, by=LOCAL_MEMBER)
    taken = []

    def work(name):
        while (job := records.jobs.claim_next(name)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(taken) == len(set(taken)) == 20


def test_the_list_shows_no_results(records, job):
    (row,) = records.jobs.page(states=("queued",)).rows
    assert row["id"] == job.id
    assert "result" not in row
    with pytest.raises(NoSuchRecord, match="there is none under this address"):
        records.jobs.read("guessed")


@pytest.fixture
def over(records, clock):
    """A function that asks for a run, lets it end, and returns its identifier."""

    def ended(end=None, **asked):
        run = records.jobs.add("futures", {}, by=LOCAL_MEMBER, again=True, **asked)
        records.jobs.claim_next("worker")
        (end or (lambda each: records.jobs.finish(each, {"alive": [0.5]})))(run.id)
        clock.go_on(minutes=1)
        return run.id

    return ended


def test_handworked_runs_long_over_are_removed_but_for_those_that_a_case_needs(
    records, case, over, clock
):
    first, newest = over(case_id=case.case_id), over(case_id=case.case_id)
    failed = over(lambda each: records.jobs.fail(each, "no"), case_id=case.case_id)
    records.cases.save(case.case_id, case.content, based_on=1, by=LOCAL_MEMBER)
    decided = [over(case_id=case.case_id), over(case_id=case.case_id)]
    sign = {"chosen": "treat", "case_version": 2, "sitting": 1, "by": LOCAL_MEMBER}
    records.decisions.sign(case.case_id, on(case), **sign)
    laboratory = over()
    clock.go_on(days=jobs_module.KEPT_DAYS - 1)
    recent = over()
    waiting = records.jobs.add("futures", {"draws": 1}, by=LOCAL_MEMBER).id
    assert records.jobs.prune() == 0
    clock.go_on(days=1)
    assert records.jobs.prune() == 3
    left = {row["id"] for row in records.jobs.page().rows}
    assert left == {newest, *decided, recent, waiting}
    assert not left & {first, failed, laboratory}
    assert records.audit.page(action="old runs removed").rows[0]["detail"] == {"rows": 3}
    assert records.jobs.prune() == 0
