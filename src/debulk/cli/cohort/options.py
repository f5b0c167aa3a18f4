"""What the commands on a cohort share: where it lies, its format, its provenance."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.terminal import messages

if TYPE_CHECKING:
    from debulk.patients import Cohort


class FormatName(StrEnum):
    """What `--format` takes."""

    auto = "auto"
    debulk = "debulk"
    cbioportal = "cbioportal"
    cdisc = "cdisc"
    mcode = "mcode"
    omop = "omop"
    mapped = "mapped"


PathArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH",
        help="A cohort's folder (patients.csv, followup.csv ...), a cBioPortal study, CDISC data "
        "sets, FHIR bundles, OMOP tables, or a mapping file.",
        show_default=False,
    ),
]
ExampleOption = Annotated[
    bool, typer.Option("--example", help="Take the packaged cohort of invented patients.")
]
FormatOption = Annotated[
    FormatName, typer.Option("--format", help="The format; auto: told by the names of the files.")
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        help="A mapping file (debulk cohort map writes a draft); for omop, one of its concepts.",
        show_default=False,
    ),
]


def cohort_of(
    path: Path | None,
    *,
    example: bool = False,
    format: FormatName = FormatName.auto,
    mapping: Path | None = None,
) -> Cohort:
    """The cohort that a command is about.

    Raises
    ------
    typer.BadParameter
        If neither a path nor the example is given, or both are.
    InputError
        On what the format's reader refuses.
    """
    if example == (path is not None or mapping is not None):
        raise typer.BadParameter("give either a path or --example")
    if example:
        from debulk.patients import example_cohort

        messages().print("The example's patients are invented.", highlight=False)
        return example_cohort()
    from debulk.patients.readers.formats import read_any

    given = path if path is not None else mapping
    assert given is not None
    return read_any(given, format=format.value, mapping=mapping)


def cohort_with_record(path: Path, format: FormatName, mapping: Path | None) -> Cohort:
    """The cohort at a path; its record names the files, whatever the format."""
    from debulk.core.provenance import sha256_of
    from debulk.patients import ReadingRecord
    from debulk.patients.reading import cohort_files

    found = cohort_of(path, format=format, mapping=mapping)
    if found.record is not None:
        return found
    inputs = {each.name: sha256_of(each) for each in cohort_files(path).values()}
    record = ReadingRecord(f"folder {path.name}", "as the tables have it", inputs=inputs)
    return replace(found, record=record)


def provenance_of(cohort: Cohort, path: Path | None) -> dict[str, Any]:
    """Inputs by their digests, what was left out and what was decided.

    Parameters
    ----------
    cohort : Cohort
    path : Path or None
        Where it was read from; None for the packaged example.
    """
    from debulk import __version__
    from debulk.core.provenance import Provenance, sha256_of
    from debulk.patients.reading import cohort_files, example_folder

    record = cohort.record
    remarks = tuple(record.decisions) if record is not None else ()
    if path is None:
        with example_folder() as folder:
            inputs = {each.name: sha256_of(each) for each in cohort_files(folder).values()}
        remarks = ("the patients are invented",)
    elif is_own(path):
        inputs = {each.name: sha256_of(each) for each in cohort_files(path).values()}
    else:
        inputs = dict(record.inputs) if record is not None else {}
    exclusions = record.exclusions if record is not None else ()
    return Provenance(
        version=__version__, inputs=inputs, exclusions=exclusions, remarks=remarks
    ).to_dict()


def is_own(path: Path) -> bool:
    """Whether a path is a cohort's own folder."""
    return path.is_dir() and any(
        (path / f"followup{end}").is_file() for end in (".csv", ".parquet")
    )
