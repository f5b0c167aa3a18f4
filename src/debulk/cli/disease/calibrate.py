"""`debulk disease calibrate`: from priors and targets to a sample of parameter sets."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options, tell_what_is_kept
from debulk.cli.terminal import JsonOption, answers, messages, print_json, progress_bar
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from debulk.disease.calibration import Calibration, CalibrationSettings, Problem

_QUICK_STRUCTURES = ("reference",)
_QUICK_PATIENTS = 300


def calibrate(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for evaluations and results; the same command resumes there. "
            "Default: a folder under runs/.",
        ),
    ] = None,
    targets: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .yaml file of targets like the packaged one. Rows of evidence kept for "
            "validation are refused.",
        ),
    ] = None,
    structure: Annotated[
        list[str] | None,
        typer.Option(
            "--structure",
            metavar="NAME",
            help="Structure of the model, calibrated apart; may be repeated. Default: all.",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Small sizes and the reference structure alone, for a try of some minutes; the "
            "answer is rough. Sizes that are given hold.",
        ),
    ] = False,
    members: Annotated[
        int | None, typer.Option(help="Parameter sets of a wave. Default: 80; quick 50.")
    ] = None,
    waves: Annotated[
        int | None, typer.Option(help="Waves of the ensemble smoother. Default: 2; quick 1.")
    ] = None,
    refinements: Annotated[
        int | None,
        typer.Option(help="Waves at draws of the emulated posterior. Default: 5; quick 3."),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="Draws of each structure. Default: 100; quick 30.")
    ] = None,
    checked: Annotated[
        int | None,
        typer.Option(
            help="Draws of each structure run again under a fresh seed. Default: 20; quick 10."
        ),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option(
            help="Virtual patients in each cohort, for one parameter set. Default: 600; quick 300."
        ),
    ] = None,
    tails: Annotated[
        float | None,
        typer.Option(
            metavar="DEGREES",
            help="Degrees of freedom of the targets' Student-t errors; inf for normal ones. "
            "Default: 5.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random. Default: 1.")] = None,
    weigh_structures: Annotated[
        bool,
        typer.Option(
            "--weigh-structures",
            help="Give structures draws in proportion to their synthetic evidence instead of equal "
            "numbers.",
        ),
    ] = False,
    at_once: Annotated[
        int,
        typer.Option(
            help="Parameter sets run side by side, each on one thread; 1 runs one after another, "
            "each on all threads. No result depends on it."
        ),
    ] = 1,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of resuming in the folder.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Calibrate the disease model on its targets: a sample of parameter sets, with its origin."""
    from debulk.core.compiled import use_threads
    from debulk.core.files import exists
    from debulk.disease.calibration import calibrate as compute
    from debulk.disease.calibration import disease_problem as disease
    from debulk.disease.calibration.run import describe, known_structures

    sizes = {
        "members": members,
        "waves": waves,
        "refinements": refinements,
        "draws": draws,
        "checked": checked,
        "seed": seed,
        "tail_degrees": tails,
        "weigh_structures": weigh_structures or None,
    }
    names = {name: f"--{name.replace('_', '-')}" for name in sizes}
    names |= {"tail_degrees": "--tails", "structure": "--structure", "workers": "--workers"}
    names |= {"members_at_once": "--at-once", "patients": "--patients"}
    with naming_options(names):
        settings = _settings(quick, sizes)
        use_threads(workers)
        usual = _QUICK_PATIENTS if quick else disease.PATIENTS
        problem = disease.disease_problem(
            targets=targets, patients=usual if patients is None else patients
        )
        wanted = structure or (list(_QUICK_STRUCTURES) if quick else None)
        chosen = known_structures(problem, wanted)
    content = repr(describe(problem, settings, chosen))
    mark = hashlib.sha256(content.encode()).hexdigest()[:8]
    folder = out or Path("runs") / f"calibration-{mark}"
    existed = exists(folder)
    console = messages()
    total = settings.evaluations * len(chosen)
    try:
        with naming_options(names), progress_bar(console, "parameter sets", total) as progress:
            found = compute(
                problem,
                folder,
                settings=settings,
                structures=chosen,
                members_at_once=at_once,
                progress=progress,
                fresh=fresh,
            )
    except (KeyboardInterrupt, InputError) as stop:
        kept = _keep_finished(folder, existed)
        tell_what_is_kept(console, stop, folder, one="parameter set", kept=kept)
        raise
    _print(problem, found, as_json)


def _settings(quick: bool, sizes: dict[str, Any]) -> CalibrationSettings:
    from dataclasses import replace

    from debulk.disease.calibration import CalibrationSettings

    start = CalibrationSettings().quick() if quick else CalibrationSettings()
    return replace(start, **{name: value for name, value in sizes.items() if value is not None})


def _print(problem: Problem, found: Calibration, as_json: bool) -> None:
    about = found.posterior.provenance
    files = {name: str(found.folder / name) for name in _files()}
    if as_json:
        print_json(
            {
                "posterior": {"draws": len(found.posterior), "sha256": found.posterior.sha256},
                "structures": about["structures"],
                "evidence_weights": about["evidence_weights"],
                "identifiability": found.identifiability,
                "files": files,
                "provenance": {name: about[name] for name in ("settings", "targets")}
                | {"assumptions": about["assumptions"]},
            }
        )
        return
    console = answers()
    console.print(_table(problem, found))
    console.print()
    for each in about["structures"]:
        if each["weights_power"] < 1.0:
            console.print(
                f"{each['structure']}: weights were tempered to the power "
                f"{each['weights_power']:.2f}; the draws lean on the emulator.",
                soft_wrap=True,
            )
    console.print(f"{len(found.posterior):,} draws; an approximate posterior, see the docs.")
    for name, path in files.items():
        console.print(f"{name}  {path}", soft_wrap=True, markup=False)


def _table(problem: Problem, found: Calibration) -> Table:
    from rich.table import Table

    heads = ("structure", "draws", "effective", "failures", "at prior", "targets within 2 se")
    table = Table(*heads, box=None, pad_edge=False)
    structures = found.posterior.structures
    for about, report in zip(
        found.posterior.provenance["structures"],
        found.identifiability["structures"],
        strict=True,
    ):
        still = sum(each["at_prior"] for each in report["parameters"])
        share = report["inside_share"]
        table.add_row(
            about["structure"],
            str(structures.count(about["structure"])),
            f"{about['effective_draws']:.0f}",
            str(sum(wave["failures"] for wave in about["waves"])),
            f"{still} of {len(problem.priors)}",
            "" if share is None else f"{share:.0%} of {len(problem.targets)}",
        )
    return table


def _files() -> tuple[str, ...]:
    from debulk.disease.calibration.checkpoint import RESULTS

    return RESULTS


def _keep_finished(folder: Path, existed: bool) -> bool:
    """Whether finished parameter sets are kept; if there are none, nothing is left behind."""
    from debulk.core.files import exists
    from debulk.disease.calibration.checkpoint import EVALUATIONS, LOCK, SETTINGS

    evaluations = folder / EVALUATIONS
    if exists(evaluations) and evaluations.stat().st_size:
        return True
    if not existed:
        shutil.rmtree(folder, ignore_errors=True)
    elif not exists(evaluations) and (folder / SETTINGS).exists():
        for name in (SETTINGS, LOCK):
            (folder / name).unlink(missing_ok=True)
    return False
