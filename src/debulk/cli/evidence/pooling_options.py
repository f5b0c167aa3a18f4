"""Options that the commands on pooled evidence share, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from debulk.cli.evidence.options import OwnOption as OwnOption

TableArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="TABLE",
        help="Table of studies of your own (CSV), one row each. Default: the packaged findings "
        "that the options choose.",
        show_default=False,
    ),
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="TABLE",
        help="Table of studies of your own (CSV), one row each. Default: the packaged findings.",
        show_default=False,
    ),
]
FigureArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FIGURE",
        help="File to write: its name ends in .svg, .pdf, .png or .html (a page with the numbers "
        "and sources).",
    ),
]
OutcomeOption = Annotated[
    str | None, typer.Option(help="Outcome of packaged findings, as in 'overall survival'.")
]
QuantityOption = Annotated[
    str | None, typer.Option(help="Quantity as the table has it, as in '5y OS'.")
]
KeyOption = Annotated[
    list[str] | None,
    typer.Option(help="Key of a finding to take; may be repeated. See debulk evidence search."),
]
DesignOption = Annotated[
    list[str] | None, typer.Option(help="Design, as in randomised; may be repeated.")
]
DomainOption = Annotated[
    list[str] | None, typer.Option(help="Disease, as in mcrc or ovarian; may be repeated.")
]
OrganOption = Annotated[
    list[str] | None, typer.Option(help="Organ of the metastases, as in liver; may be repeated.")
]
ModalityOption = Annotated[
    list[str] | None, typer.Option(help="Treatment, as in resection; may be repeated.")
]
LineOption = Annotated[
    list[str] | None, typer.Option(help="Line of systemic therapy, as in first; may be repeated.")
]
StudyOption = Annotated[
    list[str] | None, typer.Option(help="Name of a study to take; may be repeated.")
]
MeasureOption = Annotated[
    str | None,
    typer.Option(help="What is pooled, as in 'hazard ratio' or proportion. Default: as found."),
]


class MethodName(StrEnum):
    """Methods that `--method` takes."""

    ee = "ee"
    dl = "dl"
    pm = "pm"
    reml = "reml"
    ml = "ml"
    he = "he"
    hs = "hs"
    sj = "sj"
    eb = "eb"


class IntervalName(StrEnum):
    """Intervals that `--interval` takes."""

    wald = "wald"
    hksj = "hksj"
    hksj_adhoc = "hksj-adhoc"


class PredictionName(StrEnum):
    """Prediction intervals that `--prediction` takes."""

    as_interval = "as-interval"
    t = "t"


MethodOption = Annotated[
    MethodName,
    typer.Option(
        help="Variance between studies: ee (none: one common effect), reml, dl (DerSimonian and "
        "Laird), pm (Paule and Mandel), ml, he, hs, sj, eb."
    ),
]
IntervalOption = Annotated[
    IntervalName,
    typer.Option(help="wald (normal), hksj (Hartung and Knapp), hksj-adhoc (never narrower)."),
]
PredictionOption = Annotated[
    PredictionName,
    typer.Option(
        help="Prediction interval: as-interval (with the quantile of --interval), or t (on k - 2 "
        "degrees of freedom)."
    ),
]
LevelOption = Annotated[float, typer.Option(help="Level of the intervals, between 0 and 1.")]
FavoursOption = Annotated[
    str | None,
    typer.Option(
        metavar="LEFT|RIGHT",
        help="Words left and right of no effect. Default for hazard ratios of packaged findings: "
        "experimental and control arm.",
        show_default=False,
    ),
]
SubgroupOption = Annotated[
    str | None,
    typer.Option("--subgroup", metavar="COLUMN", help="Pool within each value of a column, too."),
]
