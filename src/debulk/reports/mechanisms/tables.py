"""The tables of `debulk disease mechanisms`: as rows of text, and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from debulk.reports import words
from debulk.reports.mechanisms.wording import order_of

if TYPE_CHECKING:
    from rich.table import Table

    Entry = Mapping[str, Any]


@dataclass(frozen=True)
class TextTable:
    """A table as text: the first column holds what a row is about.

    Columns at the places `page_only` are left out in the terminal, which has 80 letters.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    page_only: tuple[int, ...] = ()


def text_tables(result: Mapping[str, Any]) -> list[TextTable]:
    """Worlds, mechanisms, strengths and subgroups.

    Parameters
    ----------
    result : mapping
        What `debulk disease mechanisms` gives as JSON.
    """
    tables = [_worlds(result), _mechanisms(result)]
    if result["sobol"] is not None:
        tables.append(_sobol(result["sobol"]))
    return [*tables, _subgroups(result)]


def terminal_tables(result: Mapping[str, Any]) -> list[Table]:
    """The same for the terminal.

    Parameters
    ----------
    result : mapping
        What `debulk disease mechanisms` gives as JSON.
    """
    from rich.markup import escape
    from rich.table import Table

    tables = []
    for each in text_tables(result):
        table = Table(title=escape(each.title), title_justify="left", title_style="bold")
        shown = [place for place in range(len(each.columns)) if place not in each.page_only]
        for place in shown:
            column = each.columns[place]
            side: Literal["left", "right"] = "right" if place else "left"
            # A name is never cut, nor broken inside a word.
            cells = [column, *(row[place] for row in each.rows)]
            word = 0 if place else max(len(part) for cell in cells for part in [*cell.split(), ""])
            table.add_column(escape(column), justify=side, overflow="fold", min_width=word)
        for row in each.rows:
            table.add_row(*(escape(row[place]) for place in shown))
        table.caption, table.caption_justify = escape(each.note) or None, "left"
        tables.append(table)
    return tables


def _worlds(result: Mapping[str, Any]) -> TextTable:
    worlds = (
        ("mechanisms as the model has them", result["as_given"]),
        ("bare removal: every mechanism off", result["worlds"]["bare_removal"]),
        ("null world: a sham", result["worlds"]["null"]),
    )
    return TextTable(
        "The same virtual patients under both arms, in three worlds",
        (
            "",
            "hazard ratio",
            "90 % of parameter sets",
            "gain, months",
            "alive at 5 years: control, experimental",
        ),
        tuple((name, *_world(each)) for name, each in worlds),
        "± is the Monte Carlo standard error. gain: difference in mean survival.",
    )


def _world(world: Entry) -> tuple[str, ...]:
    alive = world["survival_60_months"]
    return (
        words.with_error(world["hazard_ratio"], world["monte_carlo_error"]),
        _range(world["parameters"]),
        words.with_error(
            world["rmst_difference_months"], world["rmst_error_months"], words.difference
        ),
        f"{words.share(alive['control'])}, {words.share(alive['experimental'])}",
    )


def _mechanisms(result: Mapping[str, Any]) -> TextTable:
    return TextTable(
        "Each mechanism switched alone, in both arms",
        ("mechanism", "with it", "without it", "without / with", "90 % of sets", "it"),
        tuple(
            (
                each["mechanism"],
                words.ratio(each["hazard_ratio_on"]),
                words.with_error(each["hazard_ratio_off"], each["monte_carlo_error"]),
                words.with_error(each["off_over_on"], each["off_over_on_error"]),
                _range(each["off_over_on_parameters"]),
                f"{each['reading']}{', decides' if each['decides'] else ''}",
            )
            for each in order_of(result)
        ),
        "Hazard ratios for death. A mechanism helps where debulking does better with it; it "
        "decides where the hazard ratio is below 1 only with it, or only without it.",
        page_only=(1, 4),
    )


def _sobol(sobol: Mapping[str, Any]) -> TextTable:
    return TextTable(
        "Strengths of the mechanisms: share of the variance of the log hazard ratio",
        ("mechanism", "strengths", "alone", "with others"),
        tuple(
            (
                each["mechanism"],
                f"0 to {each['strengths'][1]:g}",
                _index(each["first"], each["first_interval"]),
                _index(each["total"], each["total_interval"]),
            )
            for each in sobol["indices"]
        ),
        f"First-order and total Sobol indices (95 % intervals) from {sobol['samples']} samples "
        f"({words.patients(sobol['evaluations'])} points, {words.patients(sobol['patients'])} "
        "patients at each); uniform strengths are an assumption.",
        page_only=(1,),
    )


def _subgroups(result: Mapping[str, Any]) -> TextTable:
    return TextTable(
        "In whom: by what is known at randomisation",
        ("", "patients", "hazard ratio", "gain, months"),
        tuple(
            (
                f"{each['feature']}: {each['level']}",
                words.patients(each["patients"]),
                words.with_error(each["hazard_ratio"], each["monte_carlo_error"]),
                words.with_error(
                    each["rmst_difference_months"], each["rmst_error_months"], words.difference
                ),
            )
            for each in result["subgroups"]
        ),
    )


def _range(spread: Entry | None) -> str:
    return words.DASH if spread is None else words.limits(spread["lower"], spread["upper"])


def _index(value: float, interval: list[float]) -> str:
    low, middle, high = (words.signless_zero(f"{x:.2f}") for x in (interval[0], value, interval[1]))
    return f"{middle} ({low} to {high})"
