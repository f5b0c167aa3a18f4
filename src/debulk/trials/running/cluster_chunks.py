"""The chunks of a run of trials, from a cluster."""

from __future__ import annotations

from collections.abc import Sequence

from debulk.trials.running.chunks import Chunk, ChunkStore, Progress, compute_chunk
from debulk.trials.running.cluster import Part, compute_on_cluster
from debulk.trials.running.parcel import pack
from debulk.trials.running.settings import TrialSettings


def chunks_on_cluster(
    address: str,
    settings: TrialSettings,
    parts: Sequence[Part],
    store: ChunkStore | None,
    progress: Progress | None,
) -> list[Chunk]:
    """Chunks from the store or a cluster, in order.

    Parameters
    ----------
    address : str
        Of the scheduler.
    settings : TrialSettings
    parts : sequence of (first trial, trials)
    store : ChunkStore or None
        Where finished chunks are looked for and kept.
    progress : callable or None
        Called with the trials done and the trials wanted.

    Raises
    ------
    InputError
        See `debulk.trials.running.cluster.compute_on_cluster`.
    """
    done: dict[Part, Chunk] = {}
    wanted = sum(trials for _, trials in parts)
    for part in parts:
        chunk = store.load(*part) if store else None
        if chunk is not None:
            done[part] = chunk

    def keep(part: Part, chunk: Chunk) -> None:
        if store:
            store.save(chunk)
        done[part] = chunk
        if progress:
            progress(sum(each.trials for each in done.values()), wanted)

    missing = [part for part in parts if part not in done]
    if missing:
        compute_on_cluster(address, compute_chunk, pack(settings), missing, keep)
    return [done[part] for part in parts]
