"""The server's hold on its worker: started with the first run, woken, stopped, replaced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
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
    """

    def __init__(self, records: Records, database: str | None, *, enabled: bool = True) -> None:
        self._records = records
        self._database = database
        self._enabled = enabled
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
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
            pipe = self._process.stdin
            assert pipe is not None
            try:
                pipe.write("\n")
                pipe.flush()
            except OSError:
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
            process.wait()

    def _start(self) -> subprocess.Popen[str]:
        environment = dict(os.environ)
        if self._database is not None:
            environment[VARIABLE] = self._database
        # One core stays free for the pages.
        spare = max(1, (os.cpu_count() or 1) - 1)
        environment.setdefault("NUMBA_NUM_THREADS", str(spare))
        process = subprocess.Popen(
            [sys.executable, "-m", "debulk.web.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            # Ctrl-C in the terminal is the server's to answer.
            start_new_session=True,
        )
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        return process

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Hear which run the worker is in; when it ends, see whether it should have."""
        pipe: IO[str] | None = process.stdout
        assert pipe is not None
        for line in pipe:
            self._running = line.strip()
        process.wait()
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
