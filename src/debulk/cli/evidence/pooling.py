"""`debulk evidence pool`: effects of studies pooled, with what the number is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.evidence import options as shared
from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption, answers, figures_possible, print_json

if TYPE_CHECKING:
    from debulk.evidence.answers.asked import Asked


def pool(
    table: opt.TableArgument = None,
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
    scale: opt.ScaleOption = None,
    correction: opt.CorrectionOption = None,
    corrected: opt.CorrectedOption = None,
    survival: opt.CurvesOption = False,
    method: opt.MethodOption = opt.MethodName.reml,
    interval: opt.IntervalOption = opt.IntervalName.hksj,
    prediction: opt.PredictionOption = opt.PredictionName.as_interval,
    level: opt.LevelOption = 0.95,
    moderator: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="Column of a meta-regression, as in year; may be repeated."
        ),
    ] = None,
    subgroup: opt.SubgroupOption = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Pool again without each study in turn.")
    ] = False,
    cumulative_by: Annotated[
        str | None,
        typer.Option(
            "--cumulative-by", metavar="COLUMN", help="Add studies one by one in this order."
        ),
    ] = None,
    small_study: Annotated[
        bool,
        typer.Option(
            "--small-study",
            help="Test whether small studies lie to one side (Egger, rank correlation, trim and "
            "fill).",
        ),
    ] = False,
    bayes: Annotated[
        bool,
        typer.Option("--bayes", help="Bayesian random effects beside the others."),
    ] = False,
    tau_scale: Annotated[
        float,
        typer.Option(
            help="Scale of the half-normal prior of tau, for --bayes; 0.5 is an assumption."
        ),
    ] = 0.5,
    bias: opt.BiasOption = None,
    bias_rules: opt.BiasRulesOption = None,
    bias_how: opt.BiasHowOption = opt.BiasHow.shift,
    favours: opt.FavoursOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the figures (SVG, PDF, PNG), a page (HTML) and the numbers (JSON).",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the forest plot alone (with --bias, before and after): .svg, .pdf, .png or "
            ".html.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Pool effects of studies: packaged findings chosen by options, or a table of your own.

    Shows each study, the pooled effect, how far studies differ, where a new study is expected,
    and which populations are mixed. Numbers are on the natural scale; --json has those of the
    scale of pooling, too.
    """
    options = locals()
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.answers.bias_adjusting import asked_bias
    from debulk.evidence.answers.selecting import Filters

    filters = Filters.among(options)
    asked = Asked(
        method=method.value,
        interval=interval.value,
        prediction=prediction.value,
        conf_level=level,
        moderators=tuple(moderator or ()),
        subgroup=subgroup,
        cumulative_by=cumulative_by,
        leave_one_out=leave_one_out,
        small_study=small_study,
        bayes=bayes,
        tau_scale=tau_scale,
        bias=asked_bias(bias, bias_rules, bias_how.value),
    )
    _run(filters, asked, out, figure, as_json)


def _run(filters: Any, asked: Asked, out: Path | None, figure: Path | None, as_json: bool) -> None:
    """Check where files go, pool, write, print."""
    from debulk.cli.evidence.printing import print_pool
    from debulk.cli.evidence.writing import figure_path
    from debulk.core.files import output_folder
    from debulk.evidence.answers.answering import answer
    from debulk.evidence.answers.selecting import chosen

    folder = None if out is None else output_folder(out)
    path = None if figure is None else figure_path(figure)
    result = answer(chosen(filters), asked)
    files = _written(result, folder, path)
    if as_json:
        print_json({**result, "files": files})
        return
    console = answers()
    print_pool(console, result)
    for name in files:
        console.print(f"Written: {name}", soft_wrap=True, markup=False, highlight=False)


def _written(result: dict[str, Any], folder: Path | None, path: Path | None) -> list[str]:
    if folder is None and path is None:
        return []
    from debulk.core.files import json_text, write_text
    from debulk.reports.evidence.page import write_evidence, write_figure
    from debulk.reports.evidence.pool_page import (
        bias_picture,
        forest_picture,
        pool_page,
        pool_pictures,
    )

    files: list[str] = []
    if path is not None:
        draw = bias_picture if result["bias_adjusted"] else forest_picture
        write_figure(path, draw(result), pool_page(result))
        files.append(str(path))
    if folder is not None:
        pictures = pool_pictures(result) if figures_possible() else []
        names = write_evidence(folder, pictures, pool_page(result), "pool")
        write_text(folder / "pool.json", json_text({**result, "files": [*names, "pool.json"]}))
        _remove_former(folder, {*names, "pool.json"})
        files += [str(folder / name) for name in (*names, "pool.json")]
    return files


def _remove_former(folder: Path, written: set[str]) -> None:
    """Remove what a former run wrote and this one did not, so that a folder tells one story."""
    from debulk.core.files import writing_errors
    from debulk.reports.evidence.pool_page import PICTURES
    from debulk.reports.figures.pictures import FORMATS

    for name in (f"{picture}.{kind}" for picture in PICTURES for kind in FORMATS):
        if name not in written:
            with writing_errors(folder / name):
                (folder / name).unlink(missing_ok=True)
