"""Chunks of trials: computed side by side, kept on disk, taken up again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.core.files import json_text, output_folder, write_text, write_with
from debulk.trials.recruitment.generator import FunnelCounts
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.running.settings import TRIALS_PER_CHUNK, TrialSettings

if TYPE_CHECKING:
    from numpy.lib.npyio import NpzFile

Progress = Callable[[int, int], None]
"""Called with the trials done and the trials wanted."""


@dataclass(frozen=True)
class Chunk:
    """Some consecutive trials: their randomised patients and their funnels."""

    first_trial: int
    trials: int
    randomised: Randomised
    funnel: FunnelCounts


class ChunkStore:
    """A folder in which finished chunks are kept, so that a run can be interrupted.

    Parameters
    ----------
    folder : Path
        The output folder of the run.
    fingerprint : str
        What the chunks depend on; a folder that holds another run's chunks is refused.
    fresh : bool
        Remove what the folder holds from an earlier run.

    Raises
    ------
    InputError
        If the folder cannot be written to or holds chunks of a different run.
    """

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        self.folder = output_folder(output_folder(folder) / "chunks")
        mark = self.folder / "settings.json"
        if fresh:
            for old in self.folder.iterdir():
                old.unlink()
        if mark.exists() and _fingerprint_in(mark) != fingerprint:
            raise InputError(
                str(folder),
                "holds a run with other settings",
                "Choose another folder with --out, or start over with --fresh",
            )
        if not mark.exists():
            write_text(mark, json_text({"fingerprint": fingerprint}))

    def load(self, first_trial: int, trials: int) -> Chunk | None:
        """A finished chunk, or None where it is not there or not whole."""
        path = self._path(first_trial, trials)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                return _chunk_from(content, first_trial, trials)
        except (FileNotFoundError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def save(self, chunk: Chunk) -> None:
        """Keep a finished chunk."""
        content: dict[str, Any] = chunk.randomised.columns()
        content["funnel/reached"] = chunk.funnel.reached
        for group in ("not_met", "assumed_met"):
            for name, counts in getattr(chunk.funnel, group).items():
                content[f"funnel/{group}/{name}"] = counts

        def write(aside: Path) -> None:
            with aside.open("wb") as file:
                np.savez(file, **content)

        write_with(self._path(chunk.first_trial, chunk.trials), write)

    def _path(self, first_trial: int, trials: int) -> Path:
        return self.folder / f"trials-{first_trial:06d}-{first_trial + trials - 1:06d}.npz"


def compute_chunks(
    settings: TrialSettings,
    trials: int,
    store: ChunkStore | None,
    progress: Progress | None,
    workers: int,
) -> list[Chunk]:
    """Compute the chunks of a run, or take them from the store; in order, whatever the workers.

    Parameters
    ----------
    settings : TrialSettings
    trials : int
        How many trials.
    store : ChunkStore or None
        Where finished chunks are looked for and kept.
    progress : callable or None
        Called with the trials done and the trials wanted.
    workers : int
        Chunks computed at the same time, each on a thread of its own.
    """
    starts = range(0, trials, TRIALS_PER_CHUNK)
    # With fewer chunks than workers, the kernels inside a chunk share the threads left over.
    inside = max(1, workers // len(starts))
    done: list[Chunk] = []
    with ThreadPoolExecutor(workers, initializer=use_threads, initargs=(inside,)) as pool:
        futures = [
            pool.submit(_chunk, settings, first, min(TRIALS_PER_CHUNK, trials - first), store)
            for first in starts
        ]
        try:
            for future in futures:
                done.append(future.result())
                if progress:
                    progress(sum(each.trials for each in done), trials)
        except BaseException:
            # What has not begun is dropped; what has begun ends and is kept.
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return done


def _chunk(settings: TrialSettings, first: int, count: int, store: ChunkStore | None) -> Chunk:
    chunk = store.load(first, count) if store else None
    if chunk is None:
        found = settings.generator.recruit(settings, first, count)
        chunk = Chunk(first, count, found.randomised, found.funnel)
        if store:
            store.save(chunk)
    return chunk


def _fingerprint_in(mark: Path) -> str:
    try:
        return str(json.loads(mark.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _chunk_from(content: NpzFile, first_trial: int, trials: int) -> Chunk:
    groups: dict[str, dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]] = {
        "not_met": {},
        "assumed_met": {},
    }
    for key in content.files:
        if key.startswith("funnel/") and key.count("/") == 2:
            _, group, name = key.split("/")
            groups[group][name] = content[key]
    randomised = Randomised.from_columns({name: content[name] for name in content.files})
    funnel = FunnelCounts(reached=content["funnel/reached"], **groups)
    return Chunk(first_trial, trials, randomised, funnel)
