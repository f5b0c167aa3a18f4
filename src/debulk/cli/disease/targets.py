"""`debulk disease targets`: published numbers beside what the disease model gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json, share_bar

if TYPE_CHECKING:
    from debulk.disease.model import DiseaseModel
    from debulk.disease.targets.evaluation import TargetEvaluation

RESULTS = "targets.json"
"""File that --out writes."""


def targets(
    patients: Annotated[
        int, typer.Option(help="Virtual patients in each cohort; at least 200.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the random streams, 0 or above.")] = 1,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Measure this target alone; may be repeated."),
    ] = None,
    posterior: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A posterior sample (.parquet), its .json beside it. Default: the packaged one.",
        ),
    ] = None,
    prior: Annotated[
        bool,
        typer.Option("--prior", help="Measure the medians of the priors, before any calibration."),
    ] = False,
    draws: Annotated[
        int, typer.Option(help="Most draws of the posterior, which share the patients.")
    ] = 20,
    file: Annotated[
        Path | None,
        typer.Option("--targets", metavar="FILE", help="Targets of your own, a .yaml file."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=f"Folder that {RESULTS} is written to."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the calibration targets in the disease model, each beside its published interval."""
    from debulk.core.files import json_text, output_folder, write_text
    from debulk.disease.targets.evaluation import evaluate_targets
    from debulk.disease.targets.table import load_targets

    table = load_targets(file)
    model = _model(posterior, prior)
    folder = None if out is None else output_folder(out)
    named = {"patients": "--patients", "seed": "--seed", "target": "--only", "draws": "--draws"}
    with naming_options(named), share_bar(messages(), "targets") as progress:
        found = evaluate_targets(
            model,
            seed=seed,
            patients=patients,
            only=only,
            targets=table,
            draws=draws,
            progress=progress,
        )
    if folder is not None:
        write_text(folder / RESULTS, json_text(found.to_dict()))
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)


def _model(posterior: Path | None, prior: bool) -> DiseaseModel:
    from debulk.core.errors import InputError
    from debulk.disease.model import load_model, prior_model
    from debulk.disease.posterior import read_posterior

    if prior and posterior is not None:
        remedy = "Leave one of the two out"
        raise InputError("--prior", "a posterior file is given as well", remedy)
    if prior:
        return prior_model()
    return load_model(None if posterior is None else read_posterior(posterior))


def _print(found: TargetEvaluation) -> None:
    from debulk.reports.target_tables import closing_words, target_tables

    console = answers()
    for table in target_tables(found.to_dict()):
        console.print(table)
    for line in closing_words(found.to_dict()):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
