"""Chunks of trials: computed side by side, kept on disk, taken up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from debulk.core.chunk_folder import ChunkFolder, read_arrays, save_arrays
from debulk.core.compiled import use_threads
from debulk.trials.recruitment.generator import FunnelCounts
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.running.settings import TRIALS_PER_CHUNK, TrialSettings

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
        If the folder cannot be written to, is in use, or holds chunks of a different run.
    """

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        self._held = ChunkFolder(folder, "chunks", fingerprint, fresh=fresh)
        self.folder = self._held.path

    def close(self) -> None:
        """Let another run use the folder."""
        self._held.close()

    def load(self, first_trial: int, trials: int) -> Chunk | None:
        """A finished chunk, or None where it is not there or not whole."""
        content = read_arrays(self._path(first_trial, trials))
        if content is None:
            return None
        try:
            if str(content["fingerprint"]) != self._held.fingerprint:
                return None
            return _chunk_from(content, first_trial, trials)
        except (KeyError, ValueError):
            return None

    def save(self, chunk: Chunk) -> None:
        """Keep a finished chunk."""
        content: dict[str, Any] = chunk.randomised.columns()
        content["fingerprint"] = np.array(self._held.fingerprint)
        content["funnel/reached"] = chunk.funnel.reached
        for group in ("not_met", "assumed_met"):
            for name, counts in getattr(chunk.funnel, group).items():
                content[f"funnel/{group}/{name}"] = counts
        save_arrays(self._path(chunk.first_trial, chunk.trials), content)

    def _path(self, first_trial: int, trials: int) -> Path:
        return self.folder / f"trials-{first_trial:06d}-{first_trial + trials - 1:06d}.npz"


def compute_chunks(
    settings: TrialSettings,
    trials: int,
    store: ChunkStore | None,
    progress: Progress | None,
    workers: int,
    cluster: str | None = None,
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
    cluster : str or None
        Address of a Dask cluster whose workers compute them instead.
    """
    parts = [
        (first, min(TRIALS_PER_CHUNK, trials - first))
        for first in range(0, trials, TRIALS_PER_CHUNK)
    ]
    if cluster is not None:
        from debulk.trials.running.cluster_chunks import chunks_on_cluster

        return chunks_on_cluster(cluster, settings, parts, store, progress)
    # With fewer chunks than workers, the kernels inside a chunk share the threads left over.
    inside = max(1, workers // len(parts))
    done: list[Chunk] = []
    with ThreadPoolExecutor(workers, initializer=use_threads, initargs=(inside,)) as pool:
        futures = [pool.submit(_kept_chunk, settings, *part, store) for part in parts]
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


def compute_chunk(settings: TrialSettings, first_trial: int, trials: int) -> Chunk:
    """Compute one chunk.

    Parameters
    ----------
    settings : TrialSettings
    first_trial, trials : int
        Which trials.
    """
    found = settings.generator.recruit(settings, first_trial, trials)
    return Chunk(first_trial, trials, found.randomised, found.funnel)


def _kept_chunk(
    settings: TrialSettings, first_trial: int, trials: int, store: ChunkStore | None
) -> Chunk:
    chunk = store.load(first_trial, trials) if store else None
    if chunk is None:
        chunk = compute_chunk(settings, first_trial, trials)
        if store:
            store.save(chunk)
    return chunk


def _chunk_from(content: Mapping[str, Any], first_trial: int, trials: int) -> Chunk:
    groups: dict[str, dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]] = {
        "not_met": {},
        "assumed_met": {},
    }
    for key in content:
        if key.startswith("funnel/") and key.count("/") == 2:
            _, group, name = key.split("/")
            groups[group][name] = content[key]
    randomised = Randomised.from_columns(dict(content))
    funnel = FunnelCounts(reached=content["funnel/reached"], **groups)
    return Chunk(first_trial, trials, randomised, funnel)
