"""The background worker: a process of its own, so that no run makes a page wait.

It takes one run after another from the records. Beside the run a pulse tells, each second, how far
it is, and hears whether it was cancelled. A run whose pulse stopped, because its process or machine
did, is queued again by the next worker. The server's end of the pipe is what it lives by: when the
server ends, however that happens, the worker does too.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

from debulk.board.records import PROGRAM, Records, open_records
from debulk.board.records.jobs import Job
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.errors import logged_defect
from debulk.web.jobs.kinds import Cancelled, make_ready, run_kind

PULSE_SECONDS = 1.0
SILENT_SECONDS = 10.0
"""A running run without a pulse for so long has lost its worker."""

_LOOKS_SECONDS = 2.0
_REMOVES_SECONDS = 24 * 60 * 60.0
_NICENESS = 10
_TRIES, _PAUSE_SECONDS = 5, 2.0


class Pulse:
    """Tells how far a run is while it runs, and hears whether it was cancelled."""

    def __init__(self, records: Records, job: Job) -> None:
        self._records = records
        self._job = job
        self._share, self._message = 0.0, ""
        self._cancelled = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, share: float, message: str = "") -> None:
        """Called by the run.

        Raises
        ------
        Cancelled
            If somebody asked for it to stop.
        """
        self._share, self._message = share, message
        if self._cancelled:
            raise Cancelled

    def _beat(self) -> None:
        while not self._over.wait(PULSE_SECONDS):
            try:
                alive = self._records.jobs.heartbeat(self._job.id, self._share, self._message)
            except InputError:
                # A database that is busy for once is asked again at the next beat.
                continue
            if not alive:
                self._cancelled = True
                return


def work(records: Records, wake: threading.Event, tell: TextIO, *, name: str) -> None:
    """Take runs for good; while none waits, remove what is long over and get ready.

    Parameters
    ----------
    records : Records
    wake : Event
        Set where a run may wait.
    tell : text stream
        Gets a line with the identifier of each run that is begun, an empty one when it is over.
    name : str
        Of this worker.
    """
    ready, removed_at = False, float("-inf")
    while True:
        records.jobs.requeue_interrupted(SILENT_SECONDS)
        job = records.jobs.claim_next(name)
        if job is None and time.monotonic() - removed_at > _REMOVES_SECONDS:
            removed_at = time.monotonic()
            records.jobs.prune()
            records.sign_ins.forget_old()
            continue
        if job is None and not ready:
            ready = True
            _get_ready()
            continue
        if job is None:
            wake.wait(_LOOKS_SECONDS)
            wake.clear()
            continue
        print(job.id, file=tell, flush=True)
        run(records, job)
        print("", file=tell, flush=True)


def _get_ready() -> None:
    try:
        make_ready()
    except Exception as error:
        # Nothing is hidden: the run that needs what failed says so again.
        logged_defect(error)


def run(records: Records, job: Job) -> None:
    """Run one job and store its result, or why there is none."""
    try:
        with Pulse(records, job) as pulse:
            result = run_kind(job.kind, _parameters(records, job), pulse.progress)
    except Cancelled:
        return
    except InputError as error:
        _stored(partial(records.jobs.fail, job.id, str(error)))
    except Exception as error:
        said = text("jobs.defect", reference=logged_defect(error))
        _stored(partial(records.jobs.fail, job.id, said))
    else:
        _stored(partial(records.jobs.finish, job.id, result))


def _stored(store: Callable[[], object]) -> None:
    """Store what came of a run; a database that is busy with others is asked again."""
    for _ in range(_TRIES - 1):
        try:
            store()
        except InputError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    store()


def _parameters(records: Records, job: Job) -> dict[str, Any]:
    """What the run's function gets; a case's run finds the stored content of the case in it."""
    if job.case_id is None:
        return job.parameters
    stored = records.cases.read(job.case_id, job.case_version, by=PROGRAM, part=job.kind)
    return job.parameters | {"case": stored.content}


def main() -> None:
    """Work until the server ends."""
    logging.basicConfig(level=logging.WARNING)
    if hasattr(os, "nice"):
        # Pages come first.
        os.nice(_NICENESS)
    # What a run prints must not be taken for what the worker tells the server.
    tell, sys.stdout = sys.stdout, sys.stderr
    wake = threading.Event()
    threading.Thread(target=_listen, args=(wake,), daemon=True).start()
    with open_records(migrate=False) as records:
        work(records, wake, tell, name=f"{os.getpid()}")


def _listen(wake: threading.Event) -> None:
    for _ in sys.stdin:
        wake.set()
    os._exit(0)


if __name__ == "__main__":
    main()
