"""Run the laboratory: chunks side by side in processes, kept on disk, taken up again."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.emulation.laboratory.cells import Experiment
from debulk.emulation.laboratory.checking import CHECKS
from debulk.emulation.laboratory.measuring import Chunk, chunks_of, measure, truth_from
from debulk.emulation.laboratory.store import Arrays, RegistryStore
from debulk.emulation.laboratory.table import CellResult, LaboratoryTable, cell_result
from debulk.emulation.laboratory.worlds import world_of
from debulk.survival.options import check_kind, shown, whole_number

Progress = Callable[[int, int], None]
"""Called with the registries done and the registries wanted."""


def run_laboratory(
    experiment: Experiment,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    store: RegistryStore | None = None,
) -> LaboratoryTable:
    """Simulate registries of known truth and score every method on them.

    Parameters
    ----------
    experiment : Experiment
    workers : int, optional
        Processes; default: one a core. The bytes of the result do not depend on it.
    progress : callable, optional
        Called with the registries done and the registries wanted.
    store : RegistryStore, optional
        Where finished chunks are kept and looked for.

    Returns
    -------
    LaboratoryTable

    Raises
    ------
    InputError
        If a number is out of range, or the disease model cannot make a scenario.
    """
    check_kind(experiment, Experiment, "experiment")
    if progress is not None and not callable(progress):
        remedy = "Give a function of registries done and wanted, or leave it out"
        raise InputError("progress", f"{shown(progress)} cannot be called", remedy)
    if store is not None:
        check_kind(store, RegistryStore, "store")
    processes = _processes(workers)
    for cell in experiment.cells:
        world_of(cell)  # refuses what it cannot make before anything runs
    chunks = chunks_of(experiment)
    wanted, done = sum(cell.registries for cell in experiment.cells), 0
    found: dict[Chunk, Arrays] = {}
    for chunk, arrays in _computed(experiment, chunks, store, processes):
        found[chunk] = arrays
        done += chunk.registries
        if progress:
            progress(done, wanted)
    return LaboratoryTable(
        cells=tuple(
            _cell_result(experiment, place, found) for place in range(len(experiment.cells))
        ),
        experiment=experiment,
    )


def fingerprint(experiment: Experiment) -> str:
    """What chunks on disk depend on: the experiment, every number of its worlds, the checks."""
    from debulk import __version__

    worlds = [
        [each.value for each in world_of(cell).parameter_records()] for cell in experiment.cells
    ]
    return experiment.fingerprint([__version__, worlds, sorted(CHECKS)])


def _processes(workers: int | None) -> int:
    cores = os.cpu_count() or 1
    return cores if workers is None else min(whole_number(workers, "workers", 1, 2**31), cores)


def _computed(
    experiment: Experiment, chunks: list[Chunk], store: RegistryStore | None, processes: int
) -> Iterator[tuple[Chunk, Arrays]]:
    """Every chunk with its arrays: those kept first, then as they are finished."""
    left = []
    for chunk in chunks:
        kept = store.load(chunk.name(experiment)) if store else None
        if kept is None:
            left.append(chunk)
        else:
            yield chunk, kept
    work = _one_by_one if processes == 1 or len(left) < 2 else _side_by_side
    for chunk, arrays in work(experiment, left, min(processes, len(left))):
        if store:
            store.save(chunk.name(experiment), arrays)
        yield chunk, arrays


def _one_by_one(
    experiment: Experiment, chunks: list[Chunk], _: int
) -> Iterator[tuple[Chunk, Arrays]]:
    for chunk in chunks:
        yield chunk, measure(experiment, chunk)


def _side_by_side(
    experiment: Experiment, chunks: list[Chunk], processes: int
) -> Iterator[tuple[Chunk, Arrays]]:
    """In processes: most of an analysis is Python around short kernels, which threads would share.

    They are started afresh, as a copy of a process that has run threaded kernels can hang.
    """
    fresh = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_begin) as pool:
        with _deaf():
            waiting = {pool.submit(measure, experiment, chunk): chunk for chunk in chunks}
        try:
            while waiting:
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield waiting.pop(future), future.result()
        except BaseException:
            # Only this process writes, so that a chunk may be dropped halfway.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here never hear of an interruption, not even while they import."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin() -> None:
    """One thread a process, and no life after the one that started it."""
    use_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _cell_result(experiment: Experiment, place: int, found: dict[Chunk, Arrays]) -> CellResult:
    mine = sorted((each for each in found if each.cell == place), key=lambda each: each.first)
    truth = next(found[each] for each in mine if each.registries == 0)
    parts = [found[each] for each in mine if each.registries > 0]
    return cell_result(
        experiment.cells[place], truth_from(truth, experiment.tau_months), parts, experiment.seed
    )
