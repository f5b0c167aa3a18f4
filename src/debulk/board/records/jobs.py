"""Long runs: put into a queue, taken by a worker, followed, cancelled, taken up again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, update

from debulk import __version__
from debulk.board.records.actors import PROGRAM, Actor
from debulk.board.records.audit import note
from debulk.board.records.case_rows import case_row, version_of
from debulk.board.records.database import Database
from debulk.board.records.identifiers import new_token
from debulk.board.records.pages import Page, page_of
from debulk.board.records.refusals import clean_json, clean_text, missing, refusal
from debulk.board.records.tables import DECISIONS, JOBS, json_line

STATES = ("queued", "running", "done", "failed", "cancelled")

MOST_WAITING = 50
"""Runs of one person that may wait at one time."""

KEPT_DAYS = 30
"""A run that is over is kept so long, or for good where a case needs it; see `Jobs.prune`."""

_OVER = ("done", "failed", "cancelled")
_WORTH_SHARING = ("queued", "running", "done")
_LONGEST_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class Job:
    """A long run.

    Attributes
    ----------
    id : str
        Random; who knows it may follow the run.
    kind : str
    parameters : dict
        What is to be computed. Never a patient's values: a case's run names the case.
    case_id, case_version : str and int, or None
    owner : str
        Name of the account.
    state : str
        Out of `STATES`.
    progress : float
        Share done, 0 to 1.
    message : str
        What is being done, or why it failed.
    result : dict or None
    created_at, started_at, heartbeat_at, finished_at : str or None
    """

    id: str
    kind: str
    parameters: dict[str, Any]
    case_id: str | None
    case_version: int | None
    owner: str
    state: str
    progress: float
    message: str
    result: dict[str, Any] | None
    created_at: str
    started_at: str | None
    heartbeat_at: str | None
    finished_at: str | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in _OVER

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class Jobs:
    """The queue of long runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        by: Actor,
        case_id: str | None = None,
        case_version: int | None = None,
        again: bool = False,
    ) -> Job:
        """Queue a run; the same run of the same version of the program is found, not made twice.

        Parameters
        ----------
        kind : str
        parameters : mapping
            Never a patient's values.
        by : Actor
        case_id, case_version : optional
            The case whose stored content is computed on; the version is by default the newest.
        again : bool
            Make a new run even if there is one that is queued, running or done.

        Raises
        ------
        InputError
            If `MOST_WAITING` runs of this person wait already: the others' turn never came.
        """
        kind = clean_text(kind, "kind", most=80, needed=True)
        parameters = clean_json(dict(parameters), "parameters")
        with self._database.writing() as connection:
            if case_id is not None:
                row = case_row(connection, case_id)
                case_id = str(row["id"])
                case_version = version_of(connection, case_id, case_version).version
            digest = _digest(kind, parameters, case_id, case_version)
            same = (JOBS.c.digest == digest, JOBS.c.state.in_(_WORTH_SHARING))
            if not again and (found := _newest(connection, *same)):
                return found
            _check_waiting(connection, by)
            job = Job(
                id=new_token(),
                kind=kind,
                parameters=dict(parameters),
                case_id=case_id,
                case_version=case_version,
                owner=by.name,
                state="queued",
                progress=0.0,
                message="",
                result=None,
                created_at=self._database.now(),
                started_at=None,
                heartbeat_at=None,
                finished_at=None,
            )
            connection.execute(JOBS.insert().values(**asdict(job), digest=digest))
            note(connection, job.created_at, by, "run queued", case_id, kind=kind)
            return job

    def read(self, job_id: str) -> Job:
        """A run.

        Raises
        ------
        NoSuchRecord
            If there is none.
        """
        with self._database.reading() as connection:
            return _read(connection, job_id)

    def latest(
        self,
        kind: str,
        *,
        case_id: str | None = None,
        case_version: int | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Job | None:
        """The newest run of a kind that was not cancelled.

        What another version of the program ran is not found: its result may have another shape.

        Parameters
        ----------
        kind : str
        case_id, case_version : optional
            Only on this case, or on this version of it.
        parameters : mapping, optional
            Only with these: asked for as `add` would, of a case by default on its newest version.
        """
        with self._database.reading() as connection:
            if parameters is not None:
                if case_id is not None and case_version is None:
                    case_version = case_row(connection, case_id)["version"]
                wanted = clean_json(dict(parameters), "parameters")
                digest = _digest(kind, wanted, case_id, case_version)
                return _newest(connection, JOBS.c.digest == digest, JOBS.c.state != "cancelled")
            told = (JOBS.c.parameters, JOBS.c.case_id, JOBS.c.case_version, JOBS.c.digest)
            rows = select(JOBS.c.id, *told)
            rows = rows.where(JOBS.c.kind == kind, JOBS.c.state != "cancelled")
            for column, value in ((JOBS.c.case_id, case_id), (JOBS.c.case_version, case_version)):
                if value is not None:
                    rows = rows.where(column == value)
            for job_id, *run, digest in connection.execute(rows.order_by(JOBS.c.created_at.desc())):
                if digest == _digest(kind, *run):
                    return _read(connection, job_id)
        return None

    def page(
        self,
        *,
        states: tuple[str, ...] = (),
        page: int = 1,
        size: int = 50,
    ) -> Page:
        """A page of runs, newest first, without parameters and results."""
        shown = [each for each in _SHOWN if each.name not in ("parameters", "result")]
        rows = select(*shown).order_by(JOBS.c.created_at.desc(), JOBS.c.id)
        if states:
            rows = rows.where(JOBS.c.state.in_(states))
        with self._database.reading() as connection:
            return page_of(connection, rows, page=page, size=size)

    def claim_next(self, worker: str) -> Job | None:
        """Take the oldest queued run; None where none waits. No two workers take the same."""
        rows = select(JOBS.c.id).where(JOBS.c.state == "queued")
        with self._database.reading() as connection:
            # Asked without a lock first: an idle worker asks often and must hold up nobody.
            if connection.execute(rows.limit(1)).first() is None:
                return None
        with self._database.writing() as connection:
            job_id = connection.execute(rows.order_by(JOBS.c.created_at).limit(1)).scalar()
            if job_id is None:
                return None
            now = self._database.now()
            _change(
                connection, job_id, state="running", worker=worker, started_at=now, heartbeat_at=now
            )
            return _read(connection, job_id)

    def heartbeat(self, job_id: str, progress: float, message: str = "") -> bool:
        """Tell how far a run is; False where it was cancelled and should stop."""
        share = min(max(float(progress), 0.0), 1.0) if progress == progress else 0.0
        message = clean_text(message, "message", most=_LONGEST_MESSAGE)
        with self._database.writing() as connection:
            now = self._database.now()
            return _change(
                connection,
                job_id,
                only="running",
                progress=share,
                message=message,
                heartbeat_at=now,
            )

    def finish(self, job_id: str, result: Mapping[str, Any]) -> bool:
        """Store the result; False where the run was cancelled meanwhile."""
        result = clean_json(dict(result), "result")
        done = {"state": "done", "progress": 1.0, "message": "", "result": result}
        return self._end(job_id, done)

    def fail(self, job_id: str, message: str) -> bool:
        """Store why a run failed; False where it was cancelled meanwhile."""
        return self._end(job_id, {"state": "failed", "message": message[:_LONGEST_MESSAGE]})

    def cancel(self, job_id: str, *, by: Actor) -> Job:
        """Cancel a run that waits or runs; one that is over stays as it is."""
        with self._database.writing() as connection:
            job = _read(connection, job_id)
            if not job.over:
                now = self._database.now()
                _change(connection, job_id, state="cancelled", finished_at=now)
                note(connection, now, by, "run cancelled", job.case_id, kind=job.kind)
            return _read(connection, job_id)

    def requeue_interrupted(self, silent_seconds: float = 0.0) -> int:
        """Queue again what was running when its worker ended; returns how many.

        Parameters
        ----------
        silent_seconds : float
            Only runs not heard of for so long: 0 when the only server starts, more where several
            share a database.
        """
        before = self._database.now(-silent_seconds)
        mine = (JOBS.c.state == "running", JOBS.c.heartbeat_at <= before)
        with self._database.reading() as connection:
            # Asked without a lock first, as in `claim_next`.
            if connection.execute(select(JOBS.c.id).where(*mine).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            again = {"state": "queued", "worker": None, "progress": 0.0, "message": ""}
            return connection.execute(update(JOBS).where(*mine).values(again)).rowcount

    def prune(self) -> int:
        """Remove runs that were over `KEPT_DAYS` ago and that no case needs; returns how many.

        A case needs the last result of each of its versions, and every run of a version that a
        decision rests on.
        """
        old = _removable(self._database.now(-KEPT_DAYS * 24 * 60 * 60))
        with self._database.reading() as connection:
            # Asked without a lock first, as in `claim_next`.
            if connection.execute(select(JOBS.c.id).where(*old).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            ids = connection.execute(select(JOBS.c.id).where(*old)).scalars().all()
            connection.execute(delete(JOBS).where(JOBS.c.id.in_(ids)))
            note(connection, self._database.now(), PROGRAM, "old runs removed", rows=len(ids))
            return len(ids)

    def _end(self, job_id: str, values: dict[str, Any]) -> bool:
        with self._database.writing() as connection:
            now = self._database.now()
            return _change(connection, job_id, only="running", finished_at=now, **values)


_SHOWN = [each for each in JOBS.c if each.name not in ("digest", "worker")]


def _job(row: Any) -> Job:
    return Job(**row._mapping)


def _read(connection: Connection, job_id: str) -> Job:
    # An identifier is plain ASCII; what is not may be more than a database can compare.
    known = str(job_id) if str(job_id).isascii() and str(job_id).isprintable() else ""
    row = connection.execute(select(*_SHOWN).where(JOBS.c.id == known)).first()
    if row is None:
        raise missing("records.refusals.no_job")
    return _job(row)


def _removable(before: str) -> tuple[ColumnElement[bool], ...]:
    newer = JOBS.alias("newer")
    same = [newer.c[name] == JOBS.c[name] for name in ("kind", "case_id", "case_version")]
    outdone = exists().where(*same, newer.c.state == "done", newer.c.created_at > JOBS.c.created_at)
    decided = exists().where(
        DECISIONS.c.case_id == JOBS.c.case_id, DECISIONS.c.case_version == JOBS.c.case_version
    )
    needless = or_(JOBS.c.case_id.is_(None), JOBS.c.state != "done", outdone)
    return JOBS.c.state.in_(_OVER), JOBS.c.finished_at < before, ~decided, needless


def _newest(connection: Connection, *wanted: ColumnElement[bool]) -> Job | None:
    rows = select(*_SHOWN).where(*wanted).order_by(JOBS.c.created_at.desc()).limit(1)
    row = connection.execute(rows).first()
    return None if row is None else _job(row)


def _check_waiting(connection: Connection, by: Actor) -> None:
    mine = (JOBS.c.owner == by.name, JOBS.c.state == "queued")
    waiting = connection.execute(select(func.count()).select_from(JOBS).where(*mine)).scalar_one()
    if waiting >= MOST_WAITING:
        raise refusal("records.refusals.many_waiting", found=waiting)


def _change(connection: Connection, job_id: str, *, only: str = "", **values: Any) -> bool:
    change = update(JOBS).where(JOBS.c.id == job_id)
    if only:
        change = change.where(JOBS.c.state == only)
    return connection.execute(change.values(values)).rowcount == 1


def _digest(
    kind: str, parameters: Mapping[str, Any], case_id: str | None, case_version: int | None
) -> str:
    run = [kind, parameters, case_id, case_version, __version__]
    return hashlib.sha256(json_line(run).encode()).hexdigest()
