"""Long runs: asked for once, followed, cancelled, taken up again after the server ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import delete, update
from tests.web.jobs.conftest import PATIENCE_SECONDS

from debulk.board.records import LOCAL_MEMBER
from debulk.board.records.jobs import KEPT_DAYS
from debulk.board.records.tables import JOBS
from debulk.core.errors import InputError
from debulk.web.jobs import queue, worker, workshop
from debulk.web.jobs.routes import _STREAMED
from debulk.web.jobs.workshop import Workshop
from debulk.web.security.sign_ins import BACKGROUND_HEADER

Over = Callable[[str], queue.Job]


def test_run_gives_its_result_and_is_found_by_whoever_asks_again(
    working: FastAPI, asking: Request, over: Over
) -> None:
    job = queue.submit(asking, "steps", {"steps": 3})
    assert job.state in ("queued", "running")
    done = over(job.id)
    assert (done.state, done.share, done.result) == ("done", 1.0, {"steps": 3})
    assert queue.submit(asking, "steps", {"steps": 3}).id == job.id
    found = queue.latest(asking, "steps", {"steps": 3})
    assert found is not None
    assert found.id == job.id
    other = queue.submit(asking, "steps", {"steps": 4})
    again = queue.submit(asking, "steps", {"steps": 3}, again=True)
    assert len({job.id, other.id, again.id}) == 3


def test_cancelled_run_stops_and_the_next_one_runs(
    working: FastAPI, asking: Request, over: Over, until: Callable[..., Any], tmp_path: Path
) -> None:
    job = queue.submit(asking, "steps", {"steps": 2, "gate": str(tmp_path / "gate")})
    until(lambda: queue.job_of(asking, job.id).message)
    assert queue.cancel(asking, job.id).state == "cancelled"
    assert over(queue.submit(asking, "steps", {"steps": 1}).id).result == {"steps": 1}
    assert queue.job_of(asking, job.id).state == "cancelled"
    assert queue.latest(asking, "steps", {"steps": 2, "gate": str(tmp_path / "gate")}) is None


def test_hostile_run_that_does_not_listen_is_ended_with_its_process(
    working: FastAPI, asking: Request, over: Over, until: Callable[..., Any], tmp_path: Path
) -> None:
    began = tmp_path / "began"
    job = queue.submit(asking, "stubborn", {"began": str(began)})
    until(began.exists)
    queue.cancel(asking, job.id)
    assert over(queue.submit(asking, "steps", {"steps": 1}).id).state == "done"


def test_hostile_run_that_takes_its_process_down_is_tried_twice(
    working: FastAPI, asking: Request, over: Over
) -> None:
    failed = over(queue.submit(asking, "dies", {}).id)
    assert failed.state == "failed"
    assert "ended twice" in failed.message
    assert over(queue.submit(asking, "steps", {"steps": 1}).id).state == "done"


def test_defect_of_a_run_tells_a_reference_and_nothing_of_the_patient(
    working: FastAPI, asking: Request, over: Over, capfd: pytest.CaptureFixture[str]
) -> None:
    failed = over(queue.submit(asking, "wrong", {}).id)
    assert failed.state == "failed"
    assert "Reference" in failed.message
    assert "rectum" not in failed.message
    noise = "".join(capfd.readouterr())
    assert failed.message.split("Reference ")[1].split(".")[0] in noise
    # What the run itself prints is its own; the error's text is not told.
    assert noise.count("rectum") == 1


def test_run_that_was_interrupted_is_taken_up_by_the_next_server(
    working: FastAPI, asking: Request, over: Over, until: Callable[..., Any], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job = queue.submit(asking, "steps", {"steps": 2, "gate": str(gate)})
    until(lambda: queue.job_of(asking, job.id).message)
    ended: Workshop = working.state.workshop
    ended.close()
    assert queue.job_of(asking, job.id).state == "running"
    gate.touch()
    place = working.state.settings.database
    working.state.workshop = Workshop(working.state.records, place, command=ended._command)
    working.state.workshop.open()
    try:
        assert over(job.id).result == {"steps": 2}
    finally:
        working.state.workshop.close()


def test_worker_ends_with_its_server(
    working: FastAPI, asking: Request, until: Callable[..., Any], tmp_path: Path
) -> None:
    job = queue.submit(asking, "steps", {"steps": 2, "gate": str(tmp_path / "gate")})
    until(lambda: queue.job_of(asking, job.id).message)
    process = working.state.workshop._process
    process.stdin.close()
    assert process.wait(PATIENCE_SECONDS) == 0


def test_unknown_kind_is_refused(app: FastAPI, asking: Request) -> None:
    with pytest.raises(InputError, match="no kind 'sums'"):
        queue.submit(asking, "sums", {})


def test_handworked_time_left(app: FastAPI, asking: Request, made_up_kinds: None) -> None:
    records = app.state.records
    records.jobs.add("steps", {"steps": 1}, by=LOCAL_MEMBER)
    claimed = records.jobs.claim_next("test")
    began = datetime.fromisoformat(claimed.started_at)
    assert queue.job_from(claimed, began).seconds_left is None
    records.jobs.heartbeat(claimed.id, 0.25, "step 1 of 4")
    later = datetime.fromtimestamp(began.timestamp() + 10.0, UTC)
    job = queue.job_from(records.jobs.read(claimed.id), later)
    # A quarter took 10 seconds, so the rest takes 30.
    assert job.seconds_left == pytest.approx(30.0, abs=0.1)
    assert job.told == "Being computed: 25 % done. About 30 seconds left."


def test_page_of_a_run_says_where_it_stands(
    app: FastAPI, client: Any, asking: Request, made_up_kinds: None
) -> None:
    job = queue.submit(asking, "steps", {"steps": 1})
    twin = client.get(f"{job.address}.json")
    assert twin.status_code == 202
    assert (twin.json()["job"]["state"], twin.json()["job"]["result"]) == ("queued", None)
    # What the stream tells, a tab without one finds in the twin.
    assert set(_STREAMED) <= set(twin.json()["job"])
    page = client.get(job.address)
    assert page.status_code == 200
    assert "Waits to be computed." in page.text
    taken = client.post(job.address)
    assert (taken.status_code, taken.headers["location"]) == (303, job.address)
    after = client.get(job.address)
    assert "The run was cancelled." in after.text
    # Said once.
    assert "The run was cancelled." not in client.get(job.address).text
    assert client.get("/jobs.json").json()["rows"][0]["told"] == "Cancelled."
    assert client.get("/jobs/none").status_code == 404


def test_run_of_a_case_is_for_who_may_read_cases(
    app: FastAPI, signed_in: Callable[..., Any], made_up_kinds: None, asking: Request
) -> None:
    case = app.state.records.cases.create({"tables": {}}, by=LOCAL_MEMBER)
    job = queue.submit(asking, "steps", {"steps": 1}, case.case_id)
    assert (job.case_id, job.case_version) == (case.case_id, 1)
    administrator, viewer = signed_in("administrator"), signed_in("viewer")
    for address in (f"{job.address}.json", f"/jobs/events?id={job.id}"):
        assert administrator.get(address).status_code == 403
    assert viewer.get(f"{job.address}.json").status_code == 202
    assert viewer.post(job.address).status_code == 403
    claimed = app.state.records.jobs.claim_next("test")
    app.state.records.jobs.finish(claimed.id, {"steps": 1})
    entries = len(app.state.records.audit)
    # What was computed stands on the case's own pages, which open it and log who reads it.
    for headers in ({}, {BACKGROUND_HEADER: "1"}):
        told = viewer.get(f"{job.address}.json", headers=headers).json()["job"]
        assert (told["state"], "result" in told) == ("done", False)
    assert len(app.state.records.audit) == entries


def test_why_the_run_of_a_case_failed_is_for_who_may_read_cases(
    app: FastAPI, signed_in: Callable[..., Any], made_up_kinds: None, asking: Request
) -> None:
    case = app.state.records.cases.create({"tables": {}}, by=LOCAL_MEMBER)
    queue.submit(asking, "steps", {"steps": 1}, case.case_id)
    jobs = app.state.records.jobs
    jobs.fail(jobs.claim_next("test").id, "age_years: found ninety")
    told = {role: signed_in(role).get("/jobs.json").text for role in ("administrator", "viewer")}
    assert "ninety" not in told["administrator"]
    assert "found ninety" in told["viewer"]


def test_result_of_a_run_without_a_case_is_on_its_page(
    app: FastAPI, client: Any, asking: Request, made_up_kinds: None
) -> None:
    job = queue.submit(asking, "steps", {"steps": 1})
    app.state.records.jobs.finish(app.state.records.jobs.claim_next("test").id, {"steps": 1})
    assert client.get(f"{job.address}.json").json()["job"]["result"] == {"steps": 1}
    poll = client.get(f"{job.address}.json", headers={BACKGROUND_HEADER: "1"}).json()
    assert "result" not in poll["job"]


def test_stream_tells_each_change_and_ends(
    app: FastAPI, client: Any, asking: Request, made_up_kinds: None
) -> None:
    records = app.state.records
    jobs = [queue.submit(asking, "steps", {"steps": count}) for count in (1, 2)]
    for job in jobs:
        claimed = records.jobs.claim_next("test")
        assert claimed.id == job.id
        records.jobs.finish(job.id, {"steps": 1})
    answer = client.get("/jobs/events", params={"id": [job.id for job in jobs]})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [each for each in answer.text.split("\n\n") if each.startswith("event: job")]
    values = [json.loads(each.split("data: ")[1]) for each in events]
    assert [(each["id"], each["state"]) for each in values] == [(job.id, "done") for job in jobs]
    assert "result" not in values[0]
    assert answer.text.endswith("event: end\ndata: {}\n\n")
    assert app.state.streams == 0
    assert client.get("/jobs/events?id=none").status_code == 404
    app.state.streams = app.state.settings.limits.streams
    full = client.get(f"/jobs/events?id={jobs[0].id}")
    assert (full.status_code, full.headers["retry-after"]) == (429, "3")


def test_stream_ends_where_its_run_was_removed(
    app: FastAPI, client: Any, asking: Request, made_up_kinds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.submit(asking, "steps", {"steps": 1})
    read, asked = app.state.records.jobs.read, []

    def removed_after_the_first_look(job_id: str) -> Any:
        asked.append(job_id)
        if len(asked) > 2:
            remove(app)
        return read(job_id)

    monkeypatch.setattr(app.state.records.jobs, "read", removed_after_the_first_look)
    answer = client.get("/jobs/events", params={"id": job.id})
    assert answer.text.count("event: job") == 1
    assert answer.text.endswith("event: end\ndata: {}\n\n")
    assert app.state.streams == 0


def remove(app: FastAPI) -> None:
    with app.state.records._database.writing() as connection:
        connection.execute(delete(JOBS))


def test_worker_removes_old_runs_while_none_waits(
    working: FastAPI, asking: Request, over: Over, until: Callable[..., Any]
) -> None:
    jobs = working.state.records.jobs
    old = jobs.add("steps", {"steps": 1}, by=LOCAL_MEMBER)
    jobs.finish(jobs.claim_next("test").id, {"steps": 1})
    with working.state.records._database.writing() as connection:
        connection.execute(update(JOBS).values(finished_at="2026-01-05T09:00:00.000000Z"))
    new = over(queue.submit(asking, "steps", {"steps": 2}).id)
    until(lambda: [row["id"] for row in jobs.page().rows] == [new.id])
    assert old.id != new.id


def test_handworked_times_of_a_worker_are_those_that_the_reference_names() -> None:
    assert (worker.PULSE_SECONDS, worker.SILENT_SECONDS) == (1.0, 10.0)
    assert (workshop.GRACE_SECONDS, workshop._MOST_DEATHS) == (5.0, 2)
    assert (KEPT_DAYS, worker._REMOVES_SECONDS) == (30, 86_400)
