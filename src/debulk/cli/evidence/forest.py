"""`debulk evidence forest`: a forest plot as one file."""

from __future__ import annotations

from typing import Annotated

import typer

from debulk.cli.evidence import options as shared
from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption


def forest(
    figure: opt.FigureArgument,
    table: opt.TableOption = None,
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
    prediction: opt.PredictionOption = opt.PredictionName.as_interval,
    level: opt.LevelOption = 0.95,
    favours: opt.FavoursOption = None,
    subgroup: opt.SubgroupOption = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="A row for the pool without each study.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw studies, the pooled effect and the prediction interval; by subgroup if asked."""
    options = locals()
    from debulk.cli.evidence.writing import figure_path, write_and_tell
    from debulk.evidence.answers.answering import answer
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.answers.selecting import Filters, chosen
    from debulk.reports.evidence.pool_page import (
        forest_picture,
        left_out_picture,
        pool_page,
        subgroup_picture,
    )

    if subgroup is not None and leave_one_out:
        raise typer.BadParameter("Give --subgroup or --leave-one-out, not both.")
    path = figure_path(figure)
    filters = Filters.among(options)
    asked = Asked(
        method=method.value,
        interval=interval.value,
        prediction=prediction.value,
        conf_level=level,
        subgroup=subgroup,
        leave_one_out=leave_one_out,
    )
    result = answer(chosen(filters), asked)
    draw = subgroup_picture if subgroup else left_out_picture if leave_one_out else forest_picture
    write_and_tell(path, draw(result), pool_page(result), result, as_json=as_json)
