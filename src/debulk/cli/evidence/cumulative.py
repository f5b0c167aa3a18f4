"""`debulk evidence cumulative`: what was pooled as studies came in, as one file."""

from __future__ import annotations

from typing import Annotated

import typer

from debulk.cli.evidence import options as shared
from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption


def cumulative(
    figure: opt.FigureArgument,
    table: opt.TableOption = None,
    by: Annotated[
        str, typer.Option("--by", metavar="COLUMN", help="Order in which studies are added.")
    ] = "year",
    outcome: opt.OutcomeOption = None,
    quantity: opt.QuantityOption = None,
    key: opt.KeyOption = None,
    design: shared.DesignOption = None,
    domain: shared.DomainOption = None,
    organ: shared.OrganOption = None,
    modality: shared.ModalityOption = None,
    line: shared.LineOption = None,
    extent: shared.ExtentOption = None,
    comparison: shared.ComparisonOption = None,
    role: shared.RoleOption = None,
    risk: shared.RiskOption = None,
    study: shared.StudyOption = None,
    without: shared.WithoutOption = None,
    measure: opt.MeasureOption = None,
    own: shared.OwnOption = None,
    method: opt.MethodOption = opt.MethodName.reml,
    interval: opt.IntervalOption = opt.IntervalName.hksj,
    level: opt.LevelOption = 0.95,
    favours: opt.FavoursOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the pooled effect after the first study, the first two, and so on."""
    options = locals()
    from debulk.cli.evidence.writing import figure_path, write_and_tell
    from debulk.cli.plain_refusals import naming_options
    from debulk.evidence.answers.answering import answer
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.answers.selecting import Filters, chosen
    from debulk.reports.evidence.pool_page import cumulative_picture, pool_page

    path = figure_path(figure)
    filters = Filters.among(options)
    asked = Asked(method=method.value, interval=interval.value, conf_level=level, cumulative_by=by)
    with naming_options({"--cumulative-by": "--by"}):
        result = answer(chosen(filters), asked)
    write_and_tell(path, cumulative_picture(result), pool_page(result), result, as_json=as_json)
