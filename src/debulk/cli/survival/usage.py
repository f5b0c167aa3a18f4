"""What was typed, and which options do not go together."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from pathlib import Path

import typer

from debulk.core.errors import InputError


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


@dataclass(frozen=True)
class Options:
    """The options of one call, as typed."""

    file: Path | None
    time: str | None
    event: str | None
    by: str | None
    reference: str | None
    strata: str | None
    entry: str | None
    weights: str | None
    adjust: str | None
    firth: bool
    competing: bool
    cause: int | None
    rmst: float | None
    landmark: float | None
    tests: tuple[str, ...]
    unit: Unit | None
    conf_type: Interval
    example: str | None

    @property
    def stratum_columns(self) -> tuple[str, ...]:
        """The columns of --strata."""
        if self.strata is None:
            return ()
        return tuple(part.strip() for part in self.strata.split(","))


def check_usage(options: Options) -> None:
    """Refuse options that do not go together.

    Raises
    ------
    typer.BadParameter
        With what excludes what, or what is missing.
    """
    if options.example is not None:
        _check_example(options)
    else:
        if options.file is None:
            raise typer.BadParameter("give a FILE, or --example colon")
        if options.time is None or options.event is None:
            raise typer.BadParameter("name the columns: --time COLUMN --event COLUMN")
        if options.by is None and (options.reference is not None or options.rmst is not None):
            raise typer.BadParameter(
                "--reference, --rmst and --tau compare groups: add --by COLUMN"
            )
        if options.by is None and options.tests:
            raise typer.BadParameter("--test compares groups: add --by COLUMN")
    _check_strata(options)
    _check_competing(options)
    _check_numbers(options)
    if options.tests:
        _check_tests(options)


def _check_example(options: Options) -> None:
    taken = {
        "FILE": options.file,
        "--time": options.time,
        "--event": options.event,
        "--by": options.by,
        "--entry": options.entry,
        "--weights": options.weights,
    }
    for name, value in taken.items():
        if value is not None:
            raise typer.BadParameter(f"{name} and --example exclude each other")
    if options.competing:
        raise typer.BadParameter("the example has one cause of death: --competing needs a FILE")
    if options.unit not in (None, Unit.days):
        raise typer.BadParameter("the example's times are in days, and nothing is converted")


def _check_strata(options: Options) -> None:
    columns = options.stratum_columns
    if not all(columns):
        raise typer.BadParameter("--strata holds an empty name: write --strata sex,centre")
    if len(set(columns)) < len(columns):
        raise typer.BadParameter("--strata names a column twice")
    if options.by is not None and options.by in columns:
        raise typer.BadParameter("--strata and --by name the same column: nothing would be left")
    if columns and options.by is None and options.example is None and options.adjust is None:
        raise typer.BadParameter("--strata compares within strata: add --by COLUMN or --adjust")


def _check_competing(options: Options) -> None:
    if options.cause is not None and not options.competing:
        raise typer.BadParameter("--cause chooses among causes: add --competing")
    if options.cause is not None and options.cause < 1:
        raise typer.BadParameter("--cause is a whole number from 1 on; 0 marks a censored time")
    if options.competing and options.rmst is not None:
        raise typer.BadParameter(
            "--rmst and --competing exclude each other: where other causes "
            "compete, survival without one has no meaning"
        )
    if options.firth and options.adjust is None:
        raise typer.BadParameter("--firth is about the model with covariates: add --adjust")


def _check_numbers(options: Options) -> None:
    for name, value in (("--rmst", options.rmst), ("--landmark", options.landmark)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise typer.BadParameter(f"{name} is a time above 0, not {value:g}")


def _check_tests(options: Options) -> None:
    from debulk.survival.comparison.choices import CONTRASTS, RANK, read_test

    for text in options.tests:
        try:
            choice = read_test(text)
        except InputError as error:
            raise typer.BadParameter(str(error)) from None
        if choice.kind == "gray" and not options.competing:
            raise typer.BadParameter("--test gray compares incidences: add --competing")
        if choice.kind in CONTRASTS and options.competing:
            raise typer.BadParameter(
                f"--test {choice.text} and --competing exclude each other: where other causes "
                "compete, survival without one has no meaning"
            )
        if options.weights is not None and choice.kind in (*RANK, "gray", "median"):
            raise typer.BadParameter(
                f"--test {choice.text} does not take --weights; the robust Wald test of the "
                "weighted Cox model is given without asking"
            )
        if options.entry is not None and choice.kind in ("gray", "median"):
            raise typer.BadParameter(f"--test {choice.text} does not take --entry")
