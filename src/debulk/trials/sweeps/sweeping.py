"""Compute every point of a grid of assumptions, a chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.protocols import protocol_text
from debulk.protocols.reading import protocol_from_text
from debulk.survival.options import check_word, whole_number
from debulk.trials.sweeps import design_points, protocol_points
from debulk.trials.sweeps.grid import Grid, cell_text, read_grid
from debulk.trials.sweeps.rows import parquet_of
from debulk.trials.sweeps.spec import Kind, SweepSpec
from debulk.trials.sweeps.store import PointStore, is_whole
from debulk.trials.sweeps.sweep_result import Sweep

_MOST_TRIALS = 10**9
_USUAL_TRIALS = 100


def sweep(
    grid: Mapping[str, Any],
    *,
    out: str | Path,
    kind: Kind = "design",
    fixed: Mapping[str, Any] | None = None,
    trials: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    fresh: bool = False,
) -> Sweep:
    """Compute a design, or run a protocol, at every point of a grid of assumptions.

    Parameters
    ----------
    grid : mapping of str to list
        Values by assumption; every combination is a point. For designs: arguments of
        `survival_design`, ``boundaries.NAME`` for those of `group_sequential`, and, with `trials`,
        ``true_hazard_ratio`` for what the patients really have. For protocols: ``protocol``,
        ``world`` (hoped-for, null), ``with`` and ``without`` (mechanisms, all, none), and any field
        that ``--set`` changes.
    out : str or Path
        Folder for the rows. A sweep that was interrupted, or killed, resumes there.
    kind : {"design", "protocol"}
        What is computed.
    fixed : mapping of str to anything, optional
        Assumptions that are the same at all points.
    trials : int, optional
        Simulated at each point. Default: none for designs, 100 for protocols.
    seed : int
        Of the simulations, 0 to 2**63 - 1; all points share it, so that their differences are
        not those of chance.
    workers : int, optional
        Threads of the simulations; default: all there are. No result depends on it.
    cluster : str, optional
        Address of a Dask cluster that computes the chunks; as in `run_trial`.
    progress : callable, optional
        Called with the points done and the points wanted.
    fresh : bool
        Remove what the folder holds from an earlier sweep.

    Returns
    -------
    Sweep
        Its `scan` reads the rows lazily. Impossible points have the reason in the column
        ``error``, and no outcomes.

    Raises
    ------
    InputError
        If the grid is none, names what is no assumption, or the folder is in use or holds another
        sweep.

    Notes
    -----
    Points are numbered by the grid, the last axis moving first. Some consecutive points are a
    chunk, whoever computes it: 100 designs by formulas, 10 simulated, one protocol. Memory holds
    one chunk.
    """
    spec = sweep_spec(grid, kind=kind, fixed=fixed, trials=trials, seed=seed)
    if workers is not None:
        workers = whole_number(workers, "workers", 1, 2**31)
    folder = Path(out)
    store = PointStore(folder, spec.fingerprint, fresh=fresh)
    try:
        _compute(spec, store, workers, cluster, progress)
    finally:
        store.close()
    return Sweep(spec, folder)


def read_sweep(grid: Mapping[str, Any], *, out: str | Path, **options: Any) -> Sweep:
    """The rows of a sweep that was finished before; nothing is computed.

    Parameters
    ----------
    grid : mapping of str to list
        As given to `sweep`.
    out : str or Path
        Its folder.
    **options
        kind, fixed, trials and seed, as given to `sweep`.

    Raises
    ------
    InputError
        If the folder does not hold all of that sweep.
    """
    found = Sweep(sweep_spec(grid, **options), Path(out))
    missing = sum(not is_whole(file, found.spec.fingerprint) for file in found.files)
    if missing:
        raise InputError(
            str(out),
            f"{missing} of {len(found.files)} chunks of this sweep are not there",
            "Run the sweep to its end with the same folder",
        )
    return found


def sweep_spec(
    grid: Mapping[str, Any],
    *,
    kind: Kind = "design",
    fixed: Mapping[str, Any] | None = None,
    trials: int | None = None,
    seed: int = 1,
) -> SweepSpec:
    """Check a sweep without computing anything.

    Parameters
    ----------
    grid, kind, fixed, trials, seed
        As in `sweep`.

    Raises
    ------
    InputError
        If something does not hold together.
    """
    check_word(kind, Kind, "kind")
    axes, same = read_grid(grid), _fixed(fixed)
    least = 1 if kind == "protocol" else 0
    usual = _USUAL_TRIALS if kind == "protocol" else 0
    count = usual if trials is None else whole_number(trials, "trials", least, _MOST_TRIALS)
    number = whole_number(seed, "seed", 0, 2**63 - 1)
    both = set(axes.names) & set(same)
    if both:
        raise InputError("sweep", f"{min(both)} is in grid and in fixed", "Leave it out of one")
    names = (*axes.names, *same)
    texts: dict[str, tuple[str, str]] = {}
    if kind == "protocol":
        values = {**_axis_values(axes), **{name: (value,) for name, value in same.items()}}
        protocol_points.check_names(names, values)
        for each in values[protocol_points.PROTOCOL]:
            texts[each] = protocol_text(each)
            protocol_from_text(*texts[each])
    else:
        design_points.check_names(names, count)
    return SweepSpec(kind, axes, same, count, number, texts)


def _compute(
    spec: SweepSpec,
    store: PointStore,
    workers: int | None,
    cluster: str | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    parts = [spec.part(first) for first in spec.chunks]
    missing = [part for part in parts if not store.has(*part)]
    done = spec.grid.size - sum(points for _, points in missing)

    def keep(part: tuple[int, int], content: bytes) -> None:
        nonlocal done
        store.save(*part, content)
        done += part[1]
        if progress:
            progress(done, spec.grid.size)

    if progress:
        progress(done, spec.grid.size)
    if cluster is None:
        for part in missing:
            keep(part, parquet_of(spec, *part, workers))
        return
    from debulk.trials.running.cluster import compute_on_cluster
    from debulk.trials.running.parcel import pack

    compute_on_cluster(cluster, parquet_of, pack(spec), missing, keep)


def _fixed(fixed: Mapping[str, Any] | None) -> dict[str, Any]:
    if fixed is None:
        return {}
    if not isinstance(fixed, Mapping) or not all(isinstance(name, str) for name in fixed):
        raise InputError("fixed", f"{fixed!r} is no mapping", "Give values by assumption")
    for value in fixed.values():
        cell_text(value)
    return dict(fixed)


def _axis_values(grid: Grid) -> dict[str, tuple[Any, ...]]:
    return dict(zip(grid.names, grid.values, strict=True))
