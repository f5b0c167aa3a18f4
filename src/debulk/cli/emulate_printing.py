"""How an emulated trial is printed: who is in, the warning, the methods, what must be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from debulk.emulation.method_table import MAIN
from debulk.reports import words

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.core.results import Estimate
    from debulk.emulation.answers import Answer
    from debulk.emulation.check import Check
    from debulk.emulation.emulation_result import Emulation, Question

_STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow"}


def print_emulation(found: Emulation, console: Console) -> None:
    """Print an emulated trial."""
    console.print(f"[bold]{escape(found.title)}[/bold], asked of a registry", highlight=False)
    for name, strategy in found.strategies.items():
        console.print(f"  {escape(name)}: {escape(strategy['text'])}", highlight=False)
    console.print()
    console.print(_flow_table(found))
    if found.naive is not None:
        _print_warning(found.naive, console)
    console.print()
    console.print(_answer_table(found))
    if found.method == "all" and found.answer.method != MAIN:
        text = f"{MAIN} gave no answer, see below: the question of the trial is not answered."
        console.print(text, style=_STYLES["fail"], highlight=False)
    failed = [each.check for each in found.checks if each.state == "fail"]
    if failed:
        text = f"Checks that fail: {', '.join(failed)}. Read them, below, before the numbers."
        console.print(text, style=_STYLES["fail"], highlight=False)
    for answer in found.answers:
        if answer is not found.naive:
            _print_list(answer.caveats, console, answer.method)
    _print_list((f"{name} gave no answer: {why}" for name, why in found.refused), console)
    _print_checks(found, console)
    console.print()
    console.print("Research use; no basis for a decision about a patient.", highlight=False)


def print_question(found: Question, console: Console) -> None:
    """Print the question put to a registry, without an answer."""
    console.print(f"{found.patients} patients of the registry are in", highlight=False)
    console.print()
    console.print(_flow_table(found))
    _print_checks(found, console)


def _print_warning(naive: Answer, console: Console) -> None:
    console.print()
    ratio = _estimate(naive.hazard_ratio, words.ratio)
    text = f"A warning, no answer: {naive.title.lower()} gives a hazard ratio of {ratio}."
    console.print(text, style="yellow", highlight=False, markup=False)
    _print_list(naive.caveats[:1], console)


def _print_checks(found: Emulation | Question, console: Console) -> None:
    console.print()
    console.print(_check_table("The seven items of the target trial", found.items))
    console.print()
    console.print(_check_table("Checks", found.checks))
    for title, lines in (
        ("What the registry cannot tell", found.not_known),
        ("Decisions on the way", found.decisions),
    ):
        if lines:
            console.print()
            console.print(title, style="bold")
            _print_list(lines, console)


def _flow_table(found: Emulation | Question) -> Table:
    table = Table("", "left", "left out", box=None, pad_edge=False, title="Participant flow")
    table.title_justify, table.title_style = "left", "bold"
    table.columns[1].justify = "right"
    for step in found.flow:
        why = "\n".join(f"{each.count:.0f} {each.reason}" for each in step.left_out)
        table.add_row(escape(step.step), str(step.patients), escape(why))
    return table


def _answer_table(found: Emulation) -> Table:
    tau = f"{found.answer.tau_months:g} months"
    table = Table(box=None, pad_edge=False, title="Methods side by side", title_style="bold")
    table.title_justify = "left"
    for place, column in enumerate(
        ("method", "hazard ratio", f"gain to {tau}, months", f"risk difference at {tau}")
    ):
        table.add_column(column, justify="right" if place else "left")
    for answer in found.answers:
        mark = "" if answer.contrast == "strategies" else " *"
        table.add_row(
            escape(answer.method + mark),
            _estimate(answer.hazard_ratio, words.ratio),
            _estimate(answer.rmst_difference, words.difference),
            _estimate(answer.risk_difference, words.signed_share),
        )
    published = found.published
    if published is not None and published["hazard_ratio"] is not None:
        limits = words.limits(published["lower"], published["upper"])
        ratio = f"{words.ratio(published['hazard_ratio'])} ({limits})"
        table.add_row(f"the trial itself, {escape(published['trial'])}", ratio, "", "")
        table.caption = escape(f"Published: {published['source']}; shown, and used for nothing.")
    if any(each.contrast != "strategies" for each in found.answers):
        note = "* compares treated with untreated person-time or patients: another question."
        table.caption = "\n".join(filter(None, [note, str(table.caption or "")]))
    table.caption_justify = "left"
    return table


def _check_table(title: str, checks: Iterable[Check]) -> Table:
    table = Table("", "", "", box=None, pad_edge=False, show_header=False, title=title)
    table.title_justify, table.title_style = "left", "bold"
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for each in checks:
        state = f"[{_STYLES[each.state]}]{each.state}[/]"
        table.add_row(escape(each.check), state, escape(each.text))
    return table


def _print_list(lines: Iterable[str], console: Console, head: str = "") -> None:
    for line in lines:
        text = f"  {head}: {line}" if head else f"  - {line}"
        console.print(text, highlight=False, markup=False)


def _estimate(value: Estimate | None, write: Callable[[float | None], str]) -> str:
    if value is None:
        return words.DASH
    if math.isnan(value.lower):  # some methods give no interval unless they resample
        return write(value.estimate)
    return f"{write(value.estimate)} ({words.limits(value.lower, value.upper, write)})"
