"""`debulk evidence funnel`: a funnel plot as one file."""

from __future__ import annotations

from dataclasses import replace

from debulk.cli.evidence import options as shared
from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption, messages
from debulk.core.errors import InputError


def funnel(
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
    level: opt.LevelOption = 0.95,
    as_json: JsonOption = False,
) -> None:
    """Draw effects against standard errors, with what trim and fill would add."""
    options = locals()
    from debulk.cli.evidence.writing import figure_path, write_and_tell
    from debulk.evidence.answers.answering import answer
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.answers.selecting import Filters, chosen
    from debulk.reports.evidence.pool_page import funnel_picture, pool_page

    path = figure_path(figure)
    filters = Filters.among(options)
    asked = Asked(method=method.value, interval=interval.value, conf_level=level, small_study=True)
    effects = chosen(filters)
    try:
        result = answer(effects, asked)
    except InputError as error:
        if error.where != "--small-study":
            raise
        # The picture stands without the test, so it is drawn and the lack is said aloud.
        messages().print(f"No test of asymmetry: {error.found}.", highlight=False, markup=False)
        result = answer(effects, replace(asked, small_study=False))
    write_and_tell(path, funnel_picture(result), pool_page(result), result, as_json=as_json)
