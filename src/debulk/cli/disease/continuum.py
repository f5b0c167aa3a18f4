"""`debulk disease continuum`: cure and occult metastases over the extent of disease."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from debulk.cli.disease.printing import files_told, print_table
from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json, progress_bar

DrawsOption = Annotated[
    int | None,
    typer.Option(
        help="Parameter sets of the posterior. Default: all, at most 100.", show_default=False
    ),
]
PatientsOption = Annotated[
    int, typer.Option(help="People with bowel cancer lived through in each draw.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of the random streams.")]
OutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the figure (SVG, PDF, PNG), a page (HTML) and the numbers (JSON). "
        "Default: no files.",
    ),
]


def continuum(
    draws: DrawsOption = None,
    patients: PatientsOption = 4000,
    seed: SeedOption = 1,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Chance of cure and of occult metastases, from stage I to extensive disease."""
    from debulk.disease.continuum import compute_continuum

    result = computed(compute_continuum, draws=draws, patients=patients, seed=seed, out=out)
    files: tuple[str, ...] = ()
    if out is not None:
        from debulk.reports.continuum_figure import write_continuum_figure
        from debulk.reports.disease_pages import continuum_page

        files = write_continuum_figure(result, out)
        files += write_page(continuum_page(result), result, out, "continuum")
    if as_json:
        print_json({**result, "files": list(files)})
        return
    from debulk.reports.disease_pages import continuum_sentence, continuum_table

    console = answers()
    console.print(continuum_sentence(result), highlight=False)
    console.print()
    print_table(console, continuum_table(result), ("Extent", "Patients", "Cured", "Occult"))
    files_told(console, out, files)


def computed(
    compute: Any, *, draws: int | None, patients: int, seed: int, out: Path | None
) -> dict[str, Any]:
    """The result as JSON has it; the folder is checked before anything is computed.

    Parameters
    ----------
    compute : callable
        `debulk.disease.continuum.compute_continuum` or its like.
    draws, patients, seed, out
        As the options.
    """
    if out is not None:
        from debulk.core.files import output_folder

        output_folder(out)
    from debulk.disease import model as models
    from debulk.disease.continuum import check_sizes, drawn_model

    with naming_options({"draws": "--draws", "patients": "--patients", "seed": "--seed"}):
        model = drawn_model(models.load_model(), draws)
        check_sizes(patients, model.draws, seed)
        with progress_bar(messages(), "draws", model.draws) as progress:
            found = compute(
                model, draws=model.draws, patients=patients, seed=seed, progress=progress
            )
    return found.to_dict()  # type: ignore[no-any-return]


def write_page(page: Any, result: dict[str, Any], out: Path, name: str) -> tuple[str, str]:
    """Write NAME.html and NAME.json beside NAME.svg; returns their names."""
    from debulk.core.files import json_text, write_text
    from debulk.reports.disease_pages import write_disease_page

    write_disease_page(out / f"{name}.html", page, result, (out / f"{name}.svg").read_bytes())
    write_text(out / f"{name}.json", json_text(result))
    return f"{name}.html", f"{name}.json"
