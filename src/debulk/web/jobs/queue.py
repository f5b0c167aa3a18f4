"""Long runs as pages see them: asked for, found again, followed, cancelled.

The same run is never made twice: whoever asks again with the same parameters, after a reload or the
browser's Back, gets the run that is queued, running or done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from debulk.board.records.jobs import Job as StoredJob
from debulk.core.errors import InputError, nearest
from debulk.core.strings import text
from debulk.web.errors import NotThere, Refused
from debulk.web.jobs.kinds import KINDS
from debulk.web.jobs.words import told
from debulk.web.pages import BOARD_READERS
from debulk.web.visitor import visitor_of

_TELLING_SHARE = 0.05
"""Before this share is done, the time left is anybody's guess."""

_MAY_CANCEL = ("board member", "administrator")
"""Who may cancel what another asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """A long run.

    Attributes
    ----------
    id : str
        Random.
    kind : str
        Out of `KINDS`.
    state : str
        ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    share : float
        Done so far, 0 to 1.
    message : str
        What is being computed, or why it failed.
    seconds_left : float or None
        Until it is done, if it goes on as it went; None where that cannot be told yet.
    result : dict or None
        What it computed.
    case_id, case_version : str and int, or None
        The case it is about.
    owner : str
        Who asked for it.
    created_at, started_at, finished_at : str or None
        In UTC.
    """

    id: str
    kind: str
    state: str
    share: float
    message: str
    seconds_left: float | None
    result: dict[str, Any] | None
    case_id: str | None
    case_version: int | None
    owner: str
    created_at: str
    started_at: str | None
    finished_at: str | None

    @property
    def address(self) -> str:
        """Of its page."""
        return f"/jobs/{self.id}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in ("queued", "running")

    @property
    def told(self) -> str:
        """State, share done and time left, in words."""
        return told(self.state, self.share, self.seconds_left)

    def to_dict(self, *, with_result: bool = False) -> dict[str, Any]:
        """Plain values with the address and the words; the result only where it is asked for."""
        values = asdict(self)
        values |= {"address": self.address, "is_over": self.is_over, "told": self.told}
        if not with_result:
            del values["result"]
        return values


def submit(
    request: Request,
    kind: str,
    parameters: Mapping[str, Any],
    case: str | None = None,
    *,
    case_version: int | None = None,
    again: bool = False,
) -> Job:
    """Ask for a run, and wake the worker.

    Parameters
    ----------
    request : Request
    kind : str
        Out of `KINDS`.
    parameters : mapping
        Plain values; never a patient's. They and the version of the program say which run it is.
    case : str, optional
        Identifier of the case the run is about. Its function then finds the stored content under
        ``parameters["case"]``.
    case_version : int, optional
        By default the newest.
    again : bool
        Whether to run again what was already run.

    Raises
    ------
    InputError
        If the kind is unknown.
    NoSuchRecord
        If there is no such case.
    """
    if kind not in KINDS:
        raise InputError("job", f"no kind {kind!r}", nearest(kind, KINDS))
    stored = request.app.state.records.jobs.add(
        kind,
        parameters,
        by=visitor_of(request).acting(),
        case_id=case,
        case_version=case_version,
        again=again,
    )
    if stored.state in ("queued", "running"):
        request.app.state.workshop.wake()
    return job_from(stored)


def job_of(request: Request, job_id: str, kind: str | None = None) -> Job:
    """A run that the visitor may see, where told of one kind.

    Raises
    ------
    NoSuchRecord
        If there is none.
    NotThere
        If it is of another kind.
    Refused
        If it is a case's and the visitor may read no cases, or another's.
    """
    job = job_from(request.app.state.records.jobs.read(job_id))
    if not may_see(request, job):
        raise Refused(BOARD_READERS)
    if kind not in (None, job.kind):
        raise NotThere(text("jobs.another_kind.what"), text("jobs.another_kind.remedy"))
    return job


def latest(
    request: Request,
    kind: str,
    parameters: Mapping[str, Any] | None = None,
    case: str | None = None,
    *,
    case_version: int | None = None,
) -> Job | None:
    """The newest run of a kind with these parameters, or on this case, that was not cancelled."""
    jobs = request.app.state.records.jobs
    stored = jobs.latest(kind, case_id=case, case_version=case_version, parameters=parameters)
    return None if stored is None else job_from(stored)


def cancel(request: Request, job_id: str) -> Job:
    """Cancel a run that waits or runs; one that is over stays as it is.

    Raises
    ------
    NoSuchRecord, Refused
        As `job_of`; and if it is another's and the visitor only reads.
    """
    job, visitor = job_of(request, job_id), visitor_of(request)
    if job.owner != visitor.name and not visitor.may(*_MAY_CANCEL):
        raise Refused(_MAY_CANCEL)
    stored = request.app.state.records.jobs.cancel(job.id, by=visitor.acting())
    request.app.state.workshop.stop(job.id)
    return job_from(stored)


def may_see(request: Request, job: Job) -> bool:
    """Whether the visitor may follow a run and read its result."""
    return job.case_id is None or visitor_of(request).may(*BOARD_READERS)


def job_from(stored: StoredJob, now: datetime | None = None) -> Job:
    """A run as pages see it."""
    return Job(
        id=stored.id,
        kind=stored.kind,
        state=stored.state,
        share=stored.progress,
        message=stored.message,
        seconds_left=_seconds_left(stored, now or datetime.now(UTC)),
        result=stored.result,
        case_id=stored.case_id,
        case_version=stored.case_version,
        owner=stored.owner,
        created_at=stored.created_at,
        started_at=stored.started_at,
        finished_at=stored.finished_at,
    )


def _seconds_left(stored: StoredJob, now: datetime) -> float | None:
    if stored.state != "running" or not stored.started_at or stored.progress < _TELLING_SHARE:
        return None
    ran = (now - datetime.fromisoformat(stored.started_at)).total_seconds()
    return round(max(0.0, ran * (1.0 - stored.progress) / stored.progress), 1)
