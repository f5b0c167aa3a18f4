"""`debulk cohort map`: a draft of a mapping file from the headers of somebody's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from debulk.cli.terminal import JsonOption, messages, print_json
from debulk.core.errors import InputError


def map_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Tables: CSV, Parquet or Excel."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The mapping file to write.")
    ] = Path("mapping.yaml"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a mapping file that is there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a draft mapping file: guesses from the headers, each marked; what matched nothing."""
    from debulk.core.files import exists, write_text
    from debulk.patients.readers.mapping_draft import draft_mapping

    if exists(out) and not overwrite:
        raise InputError(str(out), "is there already", "Choose another --out, or --overwrite")
    text = draft_mapping(files, beside=out.absolute().parent)
    write_text(out, text)
    guesses, open_places = text.count("# guess"), text.count('"?"')
    if as_json:
        print_json({"mapping": out.name, "guesses": guesses, "to_fill_in": open_places - 1})
        return
    console = messages()
    console.print(
        f"Written to {out}: {guesses} guesses to check, {open_places - 1} places to fill in. "
        f"Then: debulk cohort read {out}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
