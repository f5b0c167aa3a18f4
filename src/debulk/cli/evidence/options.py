"""Options that the evidence commands share, and how complaints name them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.evidence.answers.names import (
    check_names,
    hashes_of,
    risk_filters,
)
from debulk.evidence.answers.names import naming_filters as naming_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

DesignOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="Design, as randomised or registry; may be repeated."),
]
DomainOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="Disease, as mcrc or ovarian; may be repeated."),
]
OrganOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD",
        help="Organ where the treatment acts, as liver or 'several organs'; may be repeated.",
    ),
]
ModalityOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="Treatment, as resection or ablation; may be repeated."),
]
LineOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD", help="Line of systemic therapy, as first or adjuvant; may be repeated."
    ),
]
ExtentOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD", help="Extent of disease, as liver_only or multi_organ; may be repeated."
    ),
]
ComparisonOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD",
        help="What the arms of randomised studies differ in, as 'local against none' or 'local "
        "against local', or any; may be repeated. Pools of ratios take local and primary against "
        "none by default.",
        show_default=False,
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="STUDY", help="Study to leave out; may be repeated."),
]
StudyOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Name of a study, as CLOCC; may be repeated."),
]
OutcomesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="WORD",
        help="What was found, as 'overall survival'; of studies, those with such a finding; may be "
        "repeated.",
    ),
]
QuantitiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--quantity",
        metavar="TEXT",
        help="Quantity as the table of findings has it, as '5y OS'; may be repeated.",
    ),
]
RoleOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="What it may be used for, as validation; may be repeated."),
]
TableFilter = Annotated[
    list[str] | None,
    typer.Option(
        "--table", metavar="WORD", help="Table, as trials, series or own; may be repeated."
    ),
]
RiskOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BIAS=LEVEL",
        help="Risk of bias, as immortal_time=high, selection_on_response=low or "
        "confounding_by_extent=unclear; may be repeated.",
    ),
]
OwnOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        metavar="FILE",
        help="Studies of your own, a .yaml file, beside the packaged ones; may be repeated.",
    ),
]


def chosen(**given: Sequence[str] | None) -> dict[str, list[str]]:
    """The filters that were given."""
    return {name: list(words) for name, words in given.items() if words}


def checked_filters(
    own: Sequence[Path] | None, risk: Sequence[str] | None, **given: Sequence[str] | None
) -> dict[str, list[str]]:
    """The filters that were given, their names of studies and quantities known.

    Raises
    ------
    InputError
        As `check_names`.
    """
    filters = chosen(**given) | risk_filters(risk)
    check_names(filters, own)
    return filters


def provenance(own: Sequence[Path] | None) -> dict[str, Any]:
    """Version, the user's files, and whose judgement the codes are."""
    from debulk import __version__
    from debulk.core.provenance import Provenance
    from debulk.evidence.tables import CODED_BY

    inputs = hashes_of(own or ())
    return Provenance(version=__version__, inputs=inputs, remarks=(CODED_BY,)).to_dict()
