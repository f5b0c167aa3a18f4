"""Run the simulator at the members of a wave, from the folder where it was run before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.disease.calibration.checkpoint import Evaluation, EvaluationStore, evaluation_key
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import Problem


@dataclass(frozen=True)
class Wave:
    """Members of a wave and what came of them.

    Attributes
    ----------
    name : str
        Of the wave.
    seed : int
        Of the simulations: the same for all its members.
    unit : float64[members, parameters]
        Standard normal coordinates.
    misfit : float64[members, targets]
        Simulated less published, in standard errors; NaN where not defined.
    variance : float64[members, targets]
        Monte Carlo variance in the same unit.
    failures : int
        Members of which the simulator gave nothing.
    undefined : dict of str to int
        Members without a statistic, by target; targets that all members define are left out.
    complaint : str
        The first complaint of the simulator; empty where there was none.
    """

    name: str
    seed: int
    unit: FloatArray
    misfit: FloatArray
    variance: FloatArray
    failures: int
    undefined: dict[str, int]
    complaint: str


def seed_of(seed: int, *names: str) -> int:
    """Seed of a part of the calibration, from 0 to 2**63 - 1.

    Parameters
    ----------
    seed : int
        Of the calibration.
    *names : str
        What it is for.
    """
    digest = hashlib.sha256("|".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


class Evaluator:
    """Evaluates waves of one problem.

    Parameters
    ----------
    problem : Problem
        What is simulated.
    store : EvaluationStore
        Where evaluations are looked for and kept.
    seed : int
        Of the calibration.
    members_at_once : int
        Members that run side by side, each on one thread. With 1 they run one after another, and
        each uses the threads there are. No result depends on it.
    progress : callable, optional
        Called with the evaluations done and the evaluations wanted.
    total : int
        The evaluations wanted.
    """

    def __init__(
        self,
        problem: Problem,
        store: EvaluationStore,
        *,
        seed: int,
        members_at_once: int = 1,
        progress: Callable[[int, int], None] | None = None,
        total: int = 0,
    ) -> None:
        self.problem = problem
        self._store = store
        self._seed = seed
        self._at_once = members_at_once
        self._progress = progress
        self._total = total
        self._done = 0
        self._fingerprint = problem.fingerprint

    def wave(self, structure: str, name: str, unit: FloatArray) -> Wave:
        """Evaluate the members of a wave under the wave's own seed.

        Parameters
        ----------
        structure, name : str
            Of the model, and of the wave.
        unit : float64[members, parameters]
            Standard normal coordinates.
        """
        seed = seed_of(self._seed, "wave", name)
        values = self.problem.priors.from_unit(unit)
        keys = [evaluation_key(self._fingerprint, structure, name, seed, row) for row in values]
        missing = list(
            dict.fromkeys(row for row, key in enumerate(keys) if self._store.get(key) is None)
        )
        self._told(len(keys) - len(missing))
        for row, found in zip(missing, self._run(structure, seed, values[missing]), strict=True):
            self._store.keep(keys[row], structure, name, row, values[row], found)
            self._told(1)
        known = [each for each in map(self._store.get, keys) if each is not None]
        return self._collect(name, seed, unit, known)

    def _told(self, more: int) -> None:
        self._done += more
        if self._progress:
            self._progress(self._done, self._total)

    def _run(self, structure: str, seed: int, values: FloatArray) -> Iterator[Evaluation]:
        """Evaluations in the order of the members, whoever ends first."""

        def one(row: FloatArray) -> Evaluation:
            return _evaluate(self.problem, row, structure, seed)

        if self._at_once <= 1 or len(values) <= 1:
            yield from map(one, values)
            return
        # The first alone: it compiles what is not compiled yet.
        yield one(values[0])
        if not _threads_may_meet():
            yield from map(one, values[1:])
            return
        with ThreadPoolExecutor(self._at_once, initializer=use_threads, initargs=(1,)) as pool:
            yield from pool.map(one, values[1:])

    def _collect(self, name: str, seed: int, unit: FloatArray, found: list[Evaluation]) -> Wave:
        error = np.sqrt(self.problem.variance)
        pairs = [self.problem.on_scale(each.statistics, each.variance) for each in found]
        misfit = (np.array([each for each, _ in pairs]) - self.problem.observed) / error
        variance = np.array([each for _, each in pairs]) / error**2
        lacking = np.count_nonzero(~np.isfinite(misfit), axis=0)
        names = self.problem.target_names
        return Wave(
            name=name,
            seed=seed,
            unit=unit,
            misfit=misfit,
            variance=variance,
            failures=int(np.count_nonzero(~np.isfinite(misfit).any(axis=1))),
            undefined={
                each: int(count) for each, count in zip(names, lacking, strict=True) if count
            },
            complaint=next((each.failure for each in found if each.failure), ""),
        )


def _evaluate(problem: Problem, values: FloatArray, structure: str, seed: int) -> Evaluation:
    """One evaluation; a complaint about the parameter set, or an arithmetic one, is a failure."""
    targets = len(problem.targets)
    try:
        statistics, variance = problem.simulate(values, structure, seed)
    except (InputError, ArithmeticError) as error:
        nothing = np.full(targets, np.nan)
        return Evaluation(nothing, nothing, str(error) or type(error).__name__)
    found = Evaluation(
        np.asarray(statistics, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    )
    if found.statistics.shape != (targets,) or found.variance.shape != (targets,):
        raise ValueError(f"the simulator gives {found.statistics.shape}, not ({targets},)")
    return found


def _threads_may_meet() -> bool:
    """Whether parallel kernels may be called from several threads at once."""
    import numba

    try:
        return bool(numba.threading_layer() != "workqueue")  # type: ignore[attr-defined]
    except ValueError:  # no parallel kernel has run
        return True
