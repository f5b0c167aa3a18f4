"""The server's hold on its worker: started with the first run, woken, stopped, replaced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from typing import IO

from debulk.board.records import Records
from debulk.board.records.location import VARIABLE
from debulk.core.strings import text

GRACE_SECONDS = 5.0
"""A cancelled run that does not stop by itself is ended with its process after this time."""

_MOST_DEATHS = 2
"""A run under which the worker died so often is not tried again."""


class Workshop:
    """One worker process, kept while the server runs.

    Parameters
    ----------
    records : Records
    database : str or None
        Where the records are, as the settings say; a URL may hold a password, so the worker finds
        it in its environment and not in its command line.
    enabled : bool
        False where another server on the same records works.
    command : sequence of str
        What runs the worker.
    """

    def __init__(
        self,
        records: Records,
        database: str | None,
        *,
        enabled: bool = True,
        command: Sequence[str] = (sys.executable, "-m", "debulk.web.jobs.worker"),
    ) -> None:
        self._command = command
        self._records = records
        self._database = database
        self._enabled = enabled
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._watcher: threading.Thread | None = None
        self._running = ""
        self._deaths: Counter[str] = Counter()
        self._closed = False

    def open(self) -> None:
        """Take up what was interrupted when the last server ended."""
        if self._records.jobs.page(states=("queued", "running"), size=1).total:
            self.wake()

    def wake(self) -> None:
        """See to it that a worker looks into the queue."""
        with self._lock:
            if not self._enabled or self._closed:
                return
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
            try:
                _pipe(self._process.stdin).write("\n")
                _pipe(self._process.stdin).flush()
            except (OSError, ValueError):
                # It ended at this moment; who watches it sees that and starts another.
                return

    def stop(self, job_id: str) -> None:
        """End a cancelled run with its process if it does not stop by itself."""
        timer = threading.Timer(GRACE_SECONDS, self._end_if_running, (job_id,))
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the worker; the run it is in is taken up by the next server."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.kill()
        if self._watcher is not None:
            self._watcher.join()

    def _start(self) -> subprocess.Popen[str]:
        environment = dict(os.environ)
        if self._database is not None:
            environment[VARIABLE] = self._database
        # One core stays free for the pages.
        spare = max(1, (os.cpu_count() or 1) - 1)
        environment.setdefault("NUMBA_NUM_THREADS", str(spare))
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            # Ctrl-C in the terminal is the server's to answer.
            start_new_session=True,
        )
        self._watcher = threading.Thread(target=self._watch, args=(process,), daemon=True)
        self._watcher.start()
        return process

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Hear which run the worker is in; when it ends, see whether it should have."""
        with process:
            for line in _pipe(process.stdout):
                self._running = line.strip()
        job_id, self._running = self._running, ""
        if self._closed or not job_id:
            return
        self._deaths[job_id] += 1
        if self._deaths[job_id] >= _MOST_DEATHS:
            self._records.jobs.fail(job_id, text("jobs.worker_died"))
        self.wake()

    def _end_if_running(self, job_id: str) -> None:
        with self._lock:
            process = self._process
            if self._running == job_id and process is not None:
                process.kill()


def _pipe(end: IO[str] | None) -> IO[str]:
    """An end of a pipe that was asked for when the process was started."""
    assert end is not None
    return end
