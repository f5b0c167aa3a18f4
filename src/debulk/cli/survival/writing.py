"""The answer in files: figures, tables as CSV, and the JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.cli.terminal import messages

if TYPE_CHECKING:
    import polars as pl

    from debulk.core.results import Estimate
    from debulk.survival.comparison import Comparison
    from debulk.survival.comparison.adjusted import AdjustedModel

_CURVE = ("time", "survival", "std_error", "lower", "upper", "at_risk", "events")
_INCIDENCE = ("time", "incidence", "std_error", "lower", "upper", "at_risk", "events")


def write_answer(comparison: Comparison, out: Path) -> tuple[str, ...]:
    """Write everything into a folder, each file whole or not at all.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    from debulk.core.errors import InputError
    from debulk.core.files import json_text, output_folder, write_text
    from debulk.reports import write_survival_report
    from debulk.reports.survival_figure import write_figures

    folder = output_folder(out)
    tables = _tables(comparison)
    for name, frame in tables.items():
        write_text(folder / name, _csv(frame))
    files: tuple[str, ...] = ("report.html", *tables, "survival.json")
    try:
        files += write_figures(comparison, folder)
    except InputError as error:
        if error.where != "figure":
            raise
        # The numbers stand without the picture, so they are written and the lack is said aloud.
        messages().print(f"No figure: {error}", highlight=False, markup=False)
    result = {**comparison.to_dict(), "files": list(files)}
    write_survival_report(folder / "report.html", result, folder)
    write_text(folder / "survival.json", json_text(result))
    return files


def _tables(comparison: Comparison) -> dict[str, pl.DataFrame]:
    import polars as pl

    def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
        return pl.DataFrame(rows, infer_schema_length=None)

    tables = {"groups.csv": frame(_group_rows(comparison))}
    if comparison.competing is None:
        tables["curves.csv"] = _curves(comparison)
    else:
        tables["incidence.csv"] = _incidences(comparison)
    tests = _test_rows(comparison)
    if tests:
        tables["tests.csv"] = frame(tests)
    model = comparison.adjusted
    if model is not None:
        tables["adjusted.csv"] = frame(_model_rows(model))
        tables["proportionality.csv"] = frame(model.proportionality)
    return tables


def _group_rows(comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    competing = comparison.competing
    for label, curve in comparison.outlines.items():
        half, lower, upper = comparison.time_to_half(label)
        row: dict[str, Any] = {"group": label, "subjects": curve.n, "events": curve.n_events}
        if competing is not None:
            for cause in competing.causes:
                row[f"events_cause_{cause}"] = competing.curves[label][cause].n_events
        row |= {"median": half, "median_lower": lower, "median_upper": upper}
        row |= _contrast("hazard_ratio", comparison.hazard_ratios.get(label))
        if competing is not None:
            ratio = competing.subdistribution.get(label)
            row |= _contrast("subdistribution_hazard_ratio", ratio)
        row |= _contrast("rmst_difference", comparison.rmst_differences.get(label))
        rows.append({**row, "tau": comparison.tau})
    return rows


def _contrast(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    parts = ("estimate", "lower", "upper", "p")
    values = [None if estimate is None else getattr(estimate, part) for part in parts]
    names = (name, f"{name}_lower", f"{name}_upper", f"{name}_p")
    return dict(zip(names, values, strict=True))


def _curves(comparison: Comparison) -> pl.DataFrame:
    import polars as pl

    frames = [
        _columns({"group": label}, curve, _CURVE) for label, curve in comparison.curves.items()
    ]
    return pl.concat(frames)


def _incidences(comparison: Comparison) -> pl.DataFrame:
    import polars as pl

    assert comparison.competing is not None
    causes = comparison.competing.causes
    frames = [
        _columns({"group": label, "cause": cause}, curves[cause], _INCIDENCE)
        for label, curves in comparison.competing.curves.items()
        for cause in causes
    ]
    return pl.concat(frames)


def _columns(constants: dict[str, Any], curve: Any, names: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    frame = pl.DataFrame({name: getattr(curve, name) for name in names})
    frame = frame.with_columns(pl.col("at_risk", "events").cast(pl.Float64))
    literals = [pl.lit(value).alias(name) for name, value in constants.items()]
    return frame.select(*literals, pl.all())


def _test_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Every test of the groups: the standard one, that of incidences, and those asked for."""
    rows = []
    competing = comparison.competing
    standard = [comparison.logrank, comparison.weighted_test]
    if competing is not None:
        standard.append(competing.gray)
    named: list[tuple[str | None, str, Any]] = [
        (None, each.test, each) for each in standard if each is not None
    ]
    named += [(t.choice.text, t.name, t.result) for t in comparison.tests if t.result is not None]
    for asked, name, result in named:
        row: dict[str, Any] = {"asked": asked, "test": name, "group": None}
        row |= {part: getattr(result, part) for part in ("statistic", "df", "z")}
        rows.append({**row, "estimate": None, "lower": None, "upper": None, "p": result.p})
    for each in comparison.tests:
        for label, contrast in each.contrasts.items():
            row = {"asked": each.choice.text, "test": each.name, "group": label}
            row |= {"statistic": None, "df": None, "z": None}
            parts = ("estimate", "lower", "upper", "p")
            rows.append(row | {part: getattr(contrast, part) for part in parts})
    return rows


def _model_rows(model: AdjustedModel) -> list[dict[str, Any]]:
    kinds = (
        ("adjusted", model.hazard_ratios),
        ("unadjusted, same rows", model.unadjusted),
        ("adjusted, subdistribution", model.subdistribution),
    )
    return [
        {"model": kind, "term": term, **_contrast("hazard_ratio", each)}
        for kind, estimates in kinds
        for term, each in estimates.items()
    ]


def _csv(frame: pl.DataFrame) -> str:
    """Text of a table; not defined is an empty field."""
    import polars as pl

    return frame.with_columns(pl.selectors.float().fill_nan(None)).write_csv()
