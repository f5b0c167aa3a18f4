"""Options that the commands on pooled evidence share, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

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
    str | None,
    typer.Option(metavar="WORD", help="What was found, as 'overall survival'."),
]
QuantityOption = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Quantity as the table of findings has it, as '5y OS'."),
]
KeyOption = Annotated[
    list[str] | None,
    typer.Option(help="Key of a finding to take; may be repeated. See debulk evidence search."),
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
LevelOption = Annotated[float, typer.Option(help="Level of the intervals: 0.95, not 95.")]
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


class BiasHow(StrEnum):
    """What `--bias-how` takes."""

    shift = "shift"
    down_weight = "down-weight"


class ScaleName(StrEnum):
    """Scales that `--scale` takes."""

    identity = "identity"
    logit = "logit"
    arcsine = "arcsine"
    double_arcsine = "double-arcsine"


class CorrectedName(StrEnum):
    """Which studies `--corrected` takes."""

    affected = "affected"
    all = "all"
    all_if_any = "all-if-any"
    none = "none"


BiasOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--bias",
        metavar="FILE",
        help="Table of biases (JSON) as debulk emulate laboratory --json makes it: pool again with "
        "the bias of each study taken into account; may be repeated.",
        show_default=False,
    ),
]
BiasRulesOption = Annotated[
    Path | None,
    typer.Option(
        "--bias-rules",
        metavar="FILE",
        help="Rules (YAML) that say which study has which bias, by how it is coded.",
        show_default=False,
    ),
]
BiasHowOption = Annotated[
    BiasHow,
    typer.Option(
        "--bias-how",
        help="shift (the mean bias comes off, its variance is added), or down-weight (both are "
        "added to the variance).",
    ),
]
ScaleOption = Annotated[
    ScaleName | None,
    typer.Option(help="Scale on which proportions are pooled. Default: logit.", show_default=False),
]
CorrectionOption = Annotated[
    float | None,
    typer.Option(
        help="Added to each cell of a study with an empty one, in a table of counts. Default: 0.5.",
        show_default=False,
    ),
]
CorrectedOption = Annotated[
    CorrectedName | None,
    typer.Option(
        help="Studies that get it: affected (with an empty cell), all, all-if-any, none.",
        show_default=False,
    ),
]
CurvesOption = Annotated[
    bool,
    typer.Option(
        "--survival",
        help="Percentages of the table were read off survival curves: not all were followed.",
    ),
]
