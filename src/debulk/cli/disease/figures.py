"""What `debulk disease continuum` and `fits` share: options, computing, printing, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import messages, progress_bar

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

    from debulk.reports.disease_pages import Table

DrawsOption = Annotated[
    int | None,
    typer.Option(
        help="Parameter sets of the posterior; 1 is the central set. Default: all, at most 100.",
        show_default=False,
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


def print_table(console: Console, table: Table, heads: tuple[str, ...]) -> None:
    """Print some columns of a page's table, as many as fit 80 letters, with its caption below."""
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=None, pad_edge=False)
    places = [table.heads.index(head) for head in heads]
    for place, head in zip(places, heads, strict=True):
        # Long names fold rather than lose their end; numbers stay whole.
        whole = place > 0
        justify: JustifyMethod = "right" if whole else "left"
        shown.add_column(head, justify=justify, overflow="fold", no_wrap=whole)
    for row in table.rows:
        # Text, since names that users give may hold what rich takes for markup.
        shown.add_row(*(Text(row[place]) for place in places))
    console.print(shown)
    console.print(f"{table.caption}.", markup=False, highlight=False)


def files_told(console: Console, out: Path | None, files: tuple[str, ...]) -> None:
    """Say which files lie where."""
    if out is not None:
        console.print(f"Files in {out}: {', '.join(files)}", soft_wrap=True, highlight=False)
