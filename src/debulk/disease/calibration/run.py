"""A whole calibration: every structure, the draws, the check under a fresh seed, the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from debulk import __version__
from debulk.core.errors import InputError, nearest
from debulk.core.files import json_text, write_text
from debulk.disease.calibration.checkpoint import EvaluationStore
from debulk.disease.calibration.evaluating import Evaluator, Wave, seed_of
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import Problem
from debulk.disease.calibration.report import identifiability, markdown
from debulk.disease.calibration.settings import CalibrationSettings
from debulk.disease.calibration.structure_fit import StructureFit, fit_structure
from debulk.disease.posterior import Posterior

ALGORITHM = 2
"""Version of the algorithm: folders of another one are not resumed."""


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    posterior : Posterior
        Equally weighted draws, with their provenance.
    identifiability : dict
        Which parameters the targets inform, and which stay at their prior.
    folder : Path
        Where both lie.
    """

    posterior: Posterior
    identifiability: dict[str, Any]
    folder: Path


def calibrate(
    problem: Problem,
    out: str | Path,
    *,
    settings: CalibrationSettings | None = None,
    structures: Sequence[str] | None = None,
    members_at_once: int = 1,
    progress: Callable[[int, int], None] | None = None,
    fresh: bool = False,
) -> Calibration:
    """Draw an approximate posterior of a problem's parameters.

    Parameters
    ----------
    problem : Problem
        Simulator, priors and targets.
    out : str or Path
        Folder for evaluations and results. A calibration that was interrupted, or killed, resumes
        there and gives the same bytes as one that was not.
    settings : CalibrationSettings, optional
        Sizes, seed and what is assumed about errors.
    structures : sequence of str, optional
        Structures of the model, each calibrated apart; default: all of the problem.
    members_at_once : int
        Members that run side by side, each on one thread; 1 runs one after another, each on all
        threads. No result depends on it.
    progress : callable, optional
        Called with the evaluations done and the evaluations wanted.
    fresh : bool
        Remove what the folder holds from an earlier calibration.

    Raises
    ------
    InputError
        If a structure is not known, the folder is in use or holds another calibration, or more
        than half of the members of a wave fail.

    Notes
    -----
    The result is an approximation: a synthetic likelihood with independent Student-t errors stands
    for the data, and draws come from an emulator, reweighted by runs of the simulator itself.
    """
    settings = settings or CalibrationSettings()
    chosen = known_structures(problem, structures)
    if isinstance(members_at_once, bool) or not 1 <= members_at_once <= 1024:
        found = f"{members_at_once!r} is out of range"
        raise InputError("members_at_once", found, "Give 1 to 1024")
    described = describe(problem, settings, chosen)
    store = EvaluationStore(Path(out), described, fresh=fresh)
    # Sums of linear algebra depend on its threads, and a sample must not.
    with closing(store), threadpool_limits(1, user_api="blas"):
        evaluator = Evaluator(
            problem,
            store,
            seed=settings.seed,
            members_at_once=members_at_once,
            progress=progress,
            total=settings.evaluations * len(chosen),
        )
        fits = [fit_structure(evaluator, structure, settings) for structure in chosen]
        counts = _counts(fits, settings)
        draws = [fit.draws(count, settings.seed) for fit, count in zip(fits, counts, strict=True)]
        checks = [
            _check(evaluator, fit.structure, unit, settings)
            for fit, unit in zip(fits, draws, strict=True)
        ]
        report = identifiability(problem, fits, draws, checks)
    posterior = _posterior(problem, fits, draws, described, report, settings)
    _write(store.folder, posterior, report)
    return Calibration(posterior, report, store.folder)


def describe(
    problem: Problem, settings: CalibrationSettings, structures: Sequence[str]
) -> dict[str, Any]:
    """What the result of a calibration depends on, ready for JSON.

    Parameters
    ----------
    problem : Problem
        What is calibrated.
    settings : CalibrationSettings
        Sizes, seed and assumptions.
    structures : sequence of str
        Structures in their order.
    """
    return {
        "algorithm": ALGORITHM,
        "debulk": __version__,
        "problem": problem.fingerprint,
        "identity": dict(problem.identity),
        "patients": problem.patients,
        "structures": list(structures),
        **settings.to_dict(),
    }


def known_structures(problem: Problem, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The structures to calibrate; all of the problem if none is named.

    Raises
    ------
    InputError
        If one is not known or stands there twice, or there is none.
    """
    chosen = tuple(problem.structures if wanted is None else wanted)
    for number, name in enumerate(chosen):
        if name not in problem.structures:
            found = f"{name!r} is not known"
            raise InputError("structure", found, nearest(name, problem.structures))
        if name in chosen[:number]:
            raise InputError("structure", f"{name!r} stands there twice", "Give each once")
    if not chosen:
        raise InputError("structure", "there is none", "Give at least one")
    return chosen


def _counts(fits: list[StructureFit], settings: CalibrationSettings) -> list[int]:
    """Draws of each structure: equal numbers, or in proportion to the evidence, none lost."""
    if not settings.weigh_structures:
        return [settings.draws] * len(fits)
    share = softmax([fit.log_evidence for fit in fits]) * settings.draws * len(fits)
    counts = np.floor(share).astype(int)
    order = np.argsort(-(share - counts), kind="stable")
    counts[order[: settings.draws * len(fits) - counts.sum()]] += 1
    return [int(each) for each in counts]


def _check(
    evaluator: Evaluator, structure: str, unit: FloatArray, settings: CalibrationSettings
) -> Wave | None:
    """The first draws run again under a seed that no wave has seen."""
    count = min(settings.checked, len(unit))
    return evaluator.wave(structure, "check", unit[:count]) if count else None


def _posterior(
    problem: Problem,
    fits: list[StructureFit],
    draws: list[FloatArray],
    described: dict[str, Any],
    report: dict[str, Any],
    settings: CalibrationSettings,
) -> Posterior:
    """All draws in random order, a structure after the other in turn as far as they go."""
    generator = np.random.default_rng(seed_of(settings.seed, "order"))
    turn = np.concatenate([np.arange(len(each)) for each in draws])
    names = np.concatenate([np.full(len(unit), number) for number, unit in enumerate(draws)])
    order = np.lexsort((generator.random(turn.size), turn))
    values = problem.priors.from_unit(np.concatenate(draws)[order])
    return Posterior(
        values=MappingProxyType(
            {name: values[:, column].copy() for column, name in enumerate(problem.priors.names)}
        ),
        structures=tuple(fits[number].structure for number in names[order]),
        provenance={
            "settings": described,
            "targets": [_target_row(each) for each in problem.targets],
            "structures": [fit.summary for fit in fits],
            "evidence_weights": softmax([fit.log_evidence for fit in fits]),
            "structures_weighed": settings.weigh_structures,
            "inside": [each["inside_share"] for each in report["structures"]],
            "assumptions": list(ASSUMPTIONS),
        },
    )


ASSUMPTIONS = (
    "errors of different targets are independent, but for points of one curve, which together "
    "count as one of them",
    "errors are Student-t, so that a target out of a structure's reach pulls with bounded force",
    "the discrepancy of each group of targets is a judgement",
    "draws are members of the later true waves, weighted by their synthetic posterior over the "
    "emulated one to the power that is given; below 1 they lean on the emulator",
    "structures have equal numbers of draws unless they were weighed; nothing says that one of "
    "them is true",
)
"""What stands behind every posterior, written into its provenance."""


def _target_row(target: Any) -> dict[str, Any]:
    return {name: getattr(target, name) for name in type(target).__slots__}


def _write(folder: Path, posterior: Posterior, report: dict[str, Any]) -> None:
    write_text(folder / "identifiability.json", json_text(report))
    write_text(folder / "identifiability.md", markdown(report))
    posterior.write(folder / "posterior.parquet")
