"""Options that the evidence commands share, and how complaints name them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


@contextlib.contextmanager
def naming_filters() -> Iterator[None]:
    """Let complaints about a filter name the option it came from."""
    try:
        yield
    except InputError as error:
        _, _, column = error.where.partition(", filter ")
        if not column:
            raise
        option = "--risk" if column in _risks() else f"--{column}"
        raise InputError(option, error.found, error.remedy) from None


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


def check_names(filters: Mapping[str, Sequence[str]], own: Sequence[Path] | None) -> None:
    """Refuse the name of a study or a quantity that nothing has: such words have no fixed list.

    Raises
    ------
    InputError
        That names the option, with the nearest names there are.
    """
    from debulk.core.errors import nearest
    from debulk.evidence.tables import findings, studies

    asked = [name for name in ("study", "quantity") if filters.get(name)]
    for name in asked:
        table = studies(own=own or ()) if name == "study" else findings(own=own or ())
        known = set(table[name])
        for word in filters[name]:
            if word not in known:
                raise InputError(f"--{name}", f"{word!r}", nearest(word, known))


def risk_filters(given: Sequence[str] | None) -> dict[str, list[str]]:
    """Filters from ``--risk BIAS=LEVEL``.

    Raises
    ------
    InputError
        If one is not of that form or names no bias.
    """
    from debulk.core.errors import nearest

    filters: dict[str, list[str]] = {}
    for each in given or ():
        bias, equals, level = each.partition("=")
        name = bias.strip().replace("-", "_").replace(" ", "_")
        if not equals:
            raise InputError("--risk", f"{each!r}", "Write BIAS=LEVEL, as in immortal_time=high")
        if name not in _risks():
            raise InputError("--risk", f"there is no bias {bias!r}", nearest(name, _risks()))
        filters.setdefault(name, []).append(level.strip())
    return filters


def provenance(own: Sequence[Path] | None) -> dict[str, Any]:
    """Version, the user's files, and whose judgement the codes are."""
    from debulk import __version__
    from debulk.core.provenance import Provenance
    from debulk.evidence.tables import CODED_BY

    inputs = hashes_of(own or ())
    return Provenance(version=__version__, inputs=inputs, remarks=(CODED_BY,)).to_dict()


def hashes_of(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files by name; a second one of the same name gets a number."""
    from debulk.core.provenance import sha256_of
    from debulk.evidence.keys import Keys

    names = Keys()
    return {names.claim(path.name): sha256_of(path) for path in paths}


def _risks() -> tuple[str, ...]:
    from debulk.evidence.schema import RISKS

    return RISKS
