"""`debulk trial run`: from options to a folder with report, results and trials."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.cli.plain_refusals import naming_options, tell_what_is_kept
from debulk.cli.terminal import progress_bar
from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.disease import DiseaseModel
    from debulk.trials import ProtocolCharacteristics, TrialSettings
    from debulk.trials.recruitment.generator import PatientGenerator

FILES = {
    "report": "report.html",
    "results": "results.json",
    "run": "run.json",
    "trials": "trials.parquet",
}
"""What a run writes into its folder."""


@dataclass(frozen=True)
class Request:
    """The options of one `debulk trial run`."""

    protocol: str
    trials: int
    seed: int
    workers: int | None
    cluster: str | None
    out: Path | None
    fresh: bool
    null: bool
    switched_on: tuple[str, ...]
    switched_off: tuple[str, ...]
    changes: tuple[str, ...]
    patients: Path | None = None
    strengths: tuple[str, ...] = ()
    draws: int | None = None


def run_and_write(request: Request, console: Console) -> tuple[dict[str, Any], dict[str, Path]]:
    """Run the trials and write every file; returns the results and where they are.

    Raises
    ------
    InputError
        If an option is wrong or the folder cannot be written to.
    """
    from debulk.core.compiled import use_threads
    from debulk.core.files import exists
    from debulk.trials import ChunkStore, run_trial

    settings = _settings(request)
    if request.trials < 1:
        raise InputError("--trials", f"found {request.trials}", "Give 1 or more")
    use_threads(request.workers)
    if request.cluster is not None:
        from debulk.trials.running.cluster import check_cluster

        check_cluster(request.cluster)
    folder = request.out or Path("runs") / f"{settings.protocol.name}-{settings.fingerprint[:8]}"
    existed = exists(folder)
    store = ChunkStore(folder, settings.fingerprint, fresh=request.fresh)
    started = time.monotonic()
    try:
        with (
            naming_options({name: f"--{name}" for name in ("trials", "seed", "workers")}),
            progress_bar(console, "simulating trials", request.trials) as progress,
        ):
            characteristics = run_trial(
                settings.protocol,
                model=settings.model,
                modalities=settings.modalities,
                regimens=settings.cards_of_regimens,
                trials=request.trials,
                seed=request.seed,
                workers=request.workers,
                progress=progress,
                store=store,
                cluster=request.cluster,
            )
    except (KeyboardInterrupt, InputError) as stop:
        kept = _keep_finished(folder, store.folder, existed)
        tell_what_is_kept(console, stop, folder, one="trial", kept=kept)
        raise
    seconds = time.monotonic() - started
    return _write(folder, characteristics, settings, request, seconds)


def _settings(request: Request) -> TrialSettings:
    from debulk.cli.changes import read_changes
    from debulk.protocols import load_protocol
    from debulk.trials import trial_settings

    changes = read_changes(list(request.changes))
    protocol = load_protocol(request.protocol, changes=changes.protocol)
    modalities, regimens = changes.cards()
    planned = protocol.applicability.level == "none" or request.patients is not None
    switched = request.switched_on + request.switched_off + request.strengths
    if planned and (changes.disease or switched or request.draws is not None):
        origin = "its plan" if request.patients is None else request.patients
        raise InputError(
            f"protocol {protocol.name}",
            f"its patients are drawn from {origin}, which has no disease to change",
            "Leave out disease.*, --with, --without, --strength and --draws",
        )
    return trial_settings(
        protocol,
        model=_without_disease(request) if planned else _disease(request, changes.disease),
        modalities=modalities,
        regimens=regimens,
        seed=request.seed,
    )


def _without_disease(request: Request) -> PatientGenerator:
    from debulk.trials.generators.reading import load_generator
    from debulk.trials.recruitment.planned import PatientsFromPlan

    patients = PatientsFromPlan() if request.patients is None else load_generator(request.patients)
    return patients.null_world() if request.null else patients


def _disease(request: Request, changes: dict[str, float]) -> DiseaseModel:
    from debulk.cli.disease_options import with_draws, with_strengths
    from debulk.disease import MECHANISMS, load_model

    model = with_draws(load_model().with_parameters(changes), request.draws)
    if request.null:
        if request.switched_on or request.switched_off or request.strengths:
            raise InputError(
                "--null",
                "leaves no mechanism to switch",
                "Leave out --with, --without and --strength",
            )
        return model.null_world()
    for option, names in (("--with", request.switched_on), ("--without", request.switched_off)):
        for name in names:
            if name not in (*MECHANISMS, "all"):
                remedy = nearest(name, [*MECHANISMS, "all"])
                raise InputError(option, f"there is no mechanism {name!r}", remedy)
    model = model.without(*request.switched_off).with_mechanisms(*request.switched_on)
    return with_strengths(model, request.strengths, request.switched_off + request.switched_on)


def _keep_finished(folder: Path, chunks: Path, existed: bool) -> bool:
    """Whether finished trials are kept; if there are none, nothing is left behind."""
    if any(chunks.glob("trials-*.npz")):
        return True
    shutil.rmtree(chunks if existed else folder, ignore_errors=True)
    return False


def _write(
    folder: Path,
    characteristics: ProtocolCharacteristics,
    settings: TrialSettings,
    request: Request,
    seconds: float,
) -> tuple[dict[str, Any], dict[str, Path]]:
    from debulk.core.files import json_text, write_text, write_with
    from debulk.reports import write_trial_report

    result = {**characteristics.to_dict(), "files": dict(FILES)}
    written = {name: folder / file for name, file in FILES.items()}
    run = _run_record(settings, request, seconds)
    write_with(written["trials"], characteristics.trial_table.write_parquet)
    write_text(written["results"], json_text(result))
    write_text(written["run"], json_text(run))
    write_trial_report(written["report"], result, run)
    return result, written


def _run_record(settings: TrialSettings, request: Request, seconds: float) -> dict[str, Any]:
    """What differs from run to run: time, place, machine; kept apart from the results."""
    import numba
    import numpy as np
    import polars as pl

    return {
        "command": ["debulk", *sys.argv[1:]],
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "folder": str((request.out or Path.cwd()).resolve()),
        "fingerprint": settings.fingerprint,
        "workers": numba.get_num_threads(),
        "cluster": request.cluster,
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
            "polars": pl.__version__,
        },
    }
