"""`debulk survival`: survival curves, tests and contrasts for any table, or a packaged example."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from debulk.core.results import Estimate
    from debulk.survival.comparison import Comparison
    from debulk.survival.curves import SurvivalCurve


class Unit(enum.StrEnum):
    """What the times are in."""

    days = "days"
    months = "months"
    years = "years"


class Interval(enum.StrEnum):
    """Scale on which a curve's limits are made."""

    log_log = "log-log"
    log = "log"
    plain = "plain"


def survival(
    file: Annotated[
        Path | None,
        typer.Argument(help="A .csv or .parquet file with one row a subject.", show_default=False),
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="Column with the time to event or censoring.")
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", help="Column with the event: 1 happened, 0 censored.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Column with the groups to compare.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Group the others are compared with.")
    ] = None,
    tau: Annotated[
        float | None,
        typer.Option("--tau", help="Horizon of the restricted mean survival time."),
    ] = None,
    unit: Annotated[
        Unit | None, typer.Option("--unit", help="What the times are in; nothing is converted.")
    ] = None,
    conf_type: Annotated[
        Interval, typer.Option("--conf-type", help="Scale of the curves' 95 % limits.")
    ] = Interval.log_log,
    example: Annotated[
        str | None,
        typer.Option("--example", help="A packaged data set instead of a file: colon."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the figure, the tables and the JSON."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Kaplan-Meier curves, log-rank test, hazard ratio and restricted means for any table."""
    _check_usage(file, time, event, by, reference, tau, unit, example)
    from debulk.survival.comparison import compare
    from debulk.survival.tables import example_table, read_table

    if example is not None:
        table, unit = example_table(example), Unit.days
    else:
        assert file is not None
        assert time is not None
        assert event is not None
        table = read_table(file, time=time, event=event, group=by)
    comparison = compare(
        table,
        reference=reference,
        tau=tau,
        time_unit="as in the file" if unit is None else unit.value,
        conf_type=conf_type.value,
    )
    files = () if out is None else _write(comparison, out)
    _say_notices(comparison)
    if as_json:
        print_json({**comparison.to_dict(), "files": list(files)})
        return
    _print_answer(comparison, answers())
    if out is None:
        messages().print("Figure, tables and JSON: add --out FOLDER.")
    else:
        messages().print(f"Written to {out}: {', '.join(files)}", highlight=False, markup=False)


def _check_usage(
    file: Path | None,
    time: str | None,
    event: str | None,
    by: str | None,
    reference: str | None,
    tau: float | None,
    unit: Unit | None,
    example: str | None,
) -> None:
    if example is not None:
        for name, value in (("FILE", file), ("--time", time), ("--event", event), ("--by", by)):
            if value is not None:
                raise typer.BadParameter(f"{name} and --example exclude each other")
        if unit not in (None, Unit.days):
            raise typer.BadParameter("the example's times are in days, and nothing is converted")
        return
    if file is None:
        raise typer.BadParameter("give a FILE, or --example colon")
    if time is None or event is None:
        raise typer.BadParameter("name the columns: --time COLUMN --event COLUMN")
    if by is None and (reference is not None or tau is not None):
        raise typer.BadParameter("--reference and --tau compare groups: add --by COLUMN")


def _say_notices(comparison: Comparison) -> None:
    console = messages()
    for remark in comparison.provenance.remarks:
        console.print(remark, highlight=False, markup=False)
    groups = comparison.groups
    if groups is not None and groups.chosen_by == "sorted order":
        text = f"Reference {groups.reference!r}: first in sorted order; --reference names another."
        console.print(text, highlight=False, markup=False)
    for exclusion in comparison.provenance.exclusions:
        console.print(f"Left out: {exclusion.count:g} rows, because {exclusion.reason}.")


def _print_answer(comparison: Comparison, console: Console) -> None:
    unit = comparison.time_unit
    console.print(_group_table(comparison.curves, unit))
    console.print(_at_risk_table(comparison))
    test = comparison.logrank
    if test is None or comparison.groups is None:
        return
    z = "" if test.z is None else f", z {test.z:.3f}"
    console.print(
        f"Log-rank: chi-square {test.statistic:.3f}, df {test.df}{z}, p {_p(test.p)}",
        highlight=False,
    )
    against = f"against {comparison.groups.reference}"
    ratios, differences = comparison.hazard_ratios, comparison.rmst_differences
    console.print(_contrast_table(f"Hazard ratio {against} (Cox)", ratios, _ratio))
    title = f"Difference in restricted mean survival time to {comparison.tau:g} {against}"
    console.print(_contrast_table(title, differences, _time))
    for ratio in comparison.hazard_ratios.values():
        if math.isnan(ratio.estimate):
            console.print(ratio.note, highlight=False, markup=False)


def _group_table(curves: dict[str, SurvivalCurve], unit: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    shown = f"time unit {unit}" if unit == "as in the file" else unit
    table = Table(title=f"Survival ({shown})", title_justify="left")
    table.add_column("Group")
    for name in ("Subjects", "Events", "Median", "95 % interval"):
        table.add_column(name, justify="right")
    for label, curve in curves.items():
        median = curve.quantile(0.5)
        interval = f"{_time(median.lower)} to {_time(median.upper)}"
        table.add_row(
            escape(label), str(curve.n), str(curve.n_events), _time(median.estimate), interval
        )
    return table


def _at_risk_table(comparison: Comparison) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Number at risk", title_justify="left")
    table.add_column("Time")
    for time in comparison.times_at_risk:
        table.add_column(f"{time:g}", justify="right")
    for label, counts in comparison.at_risk.items():
        table.add_row(escape(label), *(str(count) for count in counts))
    return table


def _contrast_table(
    title: str, estimates: dict[str, Estimate], shown: Callable[[float], str]
) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    table.add_column("Group")
    for name in ("Estimate", "95 % interval", "p"):
        table.add_column(name, justify="right")
    for label, each in estimates.items():
        interval = f"{shown(each.lower)} to {shown(each.upper)}"
        table.add_row(escape(label), shown(each.estimate), interval, _p(each.p))
    return table


def _time(value: float) -> str:
    if math.isnan(value):
        return "not reached"
    return f"{value:.1f}" if abs(value) < 1e5 else f"{value:.5g}"


def _ratio(value: float) -> str:
    return "no estimate" if math.isnan(value) else f"{value:.3f}"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def _write(comparison: Comparison, out: Path) -> tuple[str, ...]:
    from debulk.core.errors import InputError
    from debulk.core.files import json_text, output_folder, write_text
    from debulk.reports.survival_figure import write_figures

    folder = output_folder(out)
    write_text(folder / "groups.csv", _csv(_group_rows(comparison)))
    write_text(folder / "curves.csv", _csv(_curve_rows(comparison)))
    files: tuple[str, ...] = ("groups.csv", "curves.csv", "survival.json")
    try:
        files += write_figures(comparison, folder)
    except InputError as error:
        if error.where != "figure":
            raise
        # The numbers stand without the picture, so they are written and the lack is said aloud.
        messages().print(f"No figure: {error}", highlight=False, markup=False)
    write_text(folder / "survival.json", json_text({**comparison.to_dict(), "files": list(files)}))
    return files


def _group_rows(comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    for label, curve in comparison.curves.items():
        median = curve.quantile(0.5)
        row: dict[str, Any] = {"group": label, "subjects": curve.n, "events": curve.n_events}
        row |= {
            "median": median.estimate,
            "median_lower": median.lower,
            "median_upper": median.upper,
        }
        row |= _contrast("hazard_ratio", comparison.hazard_ratios.get(label))
        row |= _contrast("rmst_difference", comparison.rmst_differences.get(label))
        rows.append({**row, "tau": comparison.tau})
    return rows


def _contrast(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    parts = ("estimate", "lower", "upper", "p")
    values = [None if estimate is None else getattr(estimate, part) for part in parts]
    names = (name, f"{name}_lower", f"{name}_upper", f"{name}_p")
    return dict(zip(names, values, strict=True))


def _curve_rows(comparison: Comparison) -> list[dict[str, Any]]:
    names = ("time", "survival", "std_error", "lower", "upper", "at_risk", "events")
    rows = []
    for label, curve in comparison.curves.items():
        columns = [getattr(curve, name).tolist() for name in names]
        for values in zip(*columns, strict=True):
            rows.append({"group": label, **dict(zip(names, values, strict=True))})
    return rows


def _csv(rows: list[dict[str, Any]]) -> str:
    """Text of a table; not defined is an empty field."""
    import polars as pl

    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(pl.selectors.float().fill_nan(None)).write_csv()
