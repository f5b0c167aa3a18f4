"""What the terminal shows: tables on standard output, notices on standard error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from debulk.cli.terminal import messages

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from debulk.core.results import Estimate, TestResult
    from debulk.survival.comparison import Comparison
    from debulk.survival.comparison.adjusted import AdjustedModel
    from debulk.survival.comparison.tests import ChosenTest


def say_notices(comparison: Comparison) -> None:
    """Say on standard error what a reader must know beside the numbers."""
    console = messages()

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    for remark in comparison.provenance.remarks:
        say(remark)
    groups = comparison.groups
    if groups is not None and groups.chosen_by == "sorted order":
        say(f"Reference {groups.reference!r}: first in sorted order; --reference names another.")
    for exclusion in comparison.provenance.exclusions:
        say(f"Left out: {exclusion.count:g} rows, because {exclusion.reason}.")
    landmark = comparison.landmark
    if landmark is not None:
        unit = comparison.time_unit
        read = "the file's own unit" if unit == "as in the file" else unit
        say(f"Landmark {landmark.at:g} is read in {read}; times are counted from there.")
    if comparison.weighted_test is not None:
        say(
            "Weighted: rank tests do not take weights, so the robust Wald test of the Cox model "
            "stands in for the log-rank test."
        )
    if comparison.strata:
        columns = ", ".join(comparison.strata)
        say(
            f"Stratified by {columns}: tests and hazard ratios; curves and restricted means are "
            "those of all strata together."
        )
    if comparison.competing is not None:
        for remark in comparison.competing.remarks:
            say(remark)


def print_answer(comparison: Comparison, console: Console) -> None:
    """Print every table of the answer."""
    console.print(_group_table(comparison))
    console.print(_at_risk_table(comparison))
    if comparison.groups is not None:
        _print_contrasts(comparison, console)
    if comparison.tests:
        _print_tests(comparison.tests, console)
    if comparison.adjusted is not None:
        _print_adjusted(comparison.adjusted, comparison, console)


def _print_contrasts(comparison: Comparison, console: Console) -> None:
    assert comparison.groups is not None
    against = f"against {comparison.groups.reference}"
    competing = comparison.competing
    if competing is not None and competing.gray is not None:
        _print_test(f"Gray's test, cause {competing.cause}", competing.gray, console)
    if comparison.logrank is not None:
        _print_test(_logrank_name(comparison), comparison.logrank, console)
    if comparison.weighted_test is not None:
        _print_test("Robust Wald test, weighted Cox", comparison.weighted_test, console)
    kind = "Cox" + (", stratified" if comparison.strata else "")
    kind += ", weighted, robust" if comparison.weighted_test is not None else ""
    name = "Hazard ratio" if competing is None else "Cause-specific hazard ratio"
    ratios = comparison.hazard_ratios
    console.print(_contrast_table(f"{name} {against} ({kind})", ratios, _ratio))
    if competing is not None and competing.subdistribution:
        title = f"Subdistribution hazard ratio {against} (Fine and Gray)"
        console.print(_contrast_table(title, competing.subdistribution, _ratio))
    if comparison.rmst_differences:
        title = f"Difference in restricted mean survival time to {comparison.tau:g} {against}"
        console.print(_contrast_table(title, comparison.rmst_differences, _time))
    for ratio in ratios.values():
        if math.isnan(ratio.estimate):
            console.print(ratio.note, highlight=False, markup=False)


def _logrank_name(comparison: Comparison) -> str:
    name = "Log-rank" if comparison.competing is None else "Log-rank, cause-specific"
    return f"{name}, stratified" if comparison.strata else name


def _print_test(name: str, test: TestResult, console: Console) -> None:
    z = "" if test.z is None else f", z {test.z:.3f}"
    console.print(
        f"{name}: chi-square {test.statistic:.3f}, df {test.df}{z}, p {p_value(test.p)}",
        highlight=False,
        markup=False,
    )


def _print_tests(tests: tuple[ChosenTest, ...], console: Console) -> None:
    table = _table("Tests asked for", "Test", "Group", "Statistic or estimate", "df", "z", "p")
    for each in tests:
        result = each.result
        if result is not None:
            z = "" if result.z is None else f"{result.z:.3f}"
            found = f"{result.statistic:.3f}"
            _row(table, each.name, "", found, str(result.df), z, p_value(result.p))
        for label, contrast in each.contrasts.items():
            limits = _interval(_difference(contrast.lower), _difference(contrast.upper))
            found = f"{_difference(contrast.estimate)} ({limits})"
            _row(table, each.name, label, found, "", "", p_value(contrast.p))
    console.print(table)
    for each in tests:
        if each.note:
            console.print(f"{each.name}: {each.note}", highlight=False, markup=False)
        if each.choice.kind == "max-combo" and each.result is not None:
            winner = each.result.details["weighting"]
            console.print(f"MaxCombo: largest for {winner}.", highlight=False, markup=False)


def _print_adjusted(model: AdjustedModel, comparison: Comparison, console: Console) -> None:
    from debulk.survival.comparison.adjusted import term_label

    competing = comparison.competing
    name = "Hazard ratios" if competing is None else "Cause-specific hazard ratios"
    strata = f"; strata {', '.join(comparison.strata)}" if comparison.strata else ""
    size = f"{model.n} rows, {model.events} events{strata}"
    title = f"{name} adjusted for {model.adjustment.text} ({size})"
    shown = {term_label(term): each for term, each in model.hazard_ratios.items()}
    console.print(_contrast_table(title, shown, _ratio, "Term"))
    if model.exclusions and model.unadjusted:
        title = f"Unadjusted, the same {model.n} rows"
        console.print(_contrast_table(title, model.unadjusted, _ratio))
    if model.subdistribution:
        shown = {term_label(term): each for term, each in model.subdistribution.items()}
        title = "Subdistribution hazard ratios, adjusted (Fine and Gray)"
        console.print(_contrast_table(title, shown, _ratio, "Term"))
    table = _table("Test of proportional hazards", "Term", "Chi-square", "df", "p")
    for row in model.proportionality:
        statistic = "no estimate" if math.isnan(row["chi_square"]) else f"{row['chi_square']:.3f}"
        _row(table, term_label(row["term"]), statistic, str(row["df"]), p_value(row["p"]))
    console.print(table)


def _group_table(comparison: Comparison) -> Table:
    unit = comparison.time_unit
    shown = f"time unit {unit}" if unit == "as in the file" else unit
    competing = comparison.competing
    if competing is None:
        table = _table(
            f"Survival ({shown})", "Group", "Subjects", "Events", "Median", "95 % interval"
        )
    else:
        causes = [f"Cause {cause}" for cause in competing.causes]
        head = f"Cumulative incidence of cause {competing.cause} ({shown})"
        table = _table(head, "Group", "Subjects", *causes, "Last incidence", "Half by")
    for label, curve in comparison.outlines.items():
        half, lower, upper = comparison.time_to_half(label)
        if competing is None:
            interval = _interval(_time(lower), _time(upper))
            _row(table, label, str(curve.n), str(curve.n_events), _time(half), interval)
        else:
            own = competing.curves[label]
            counts = [str(own[cause].n_events) for cause in competing.causes]
            last = _last_incidence(curve)
            _row(table, label, str(curve.n), *counts, last, _time(half))
    return table


def _at_risk_table(comparison: Comparison) -> Table:
    table = _table("Number at risk", "Time", *(f"{time:g}" for time in comparison.times_at_risk))
    for label, counts in comparison.at_risk.items():
        _row(table, label, *(_count(count) for count in counts))
    return table


def _contrast_table(
    title: str, estimates: dict[str, Estimate], shown: Callable[[float], str], head: str = "Group"
) -> Table:
    table = _table(title, head, "Estimate", "95 % interval", "p")
    for label, each in estimates.items():
        interval = _interval(shown(each.lower), shown(each.upper))
        _row(table, label, shown(each.estimate), interval, p_value(each.p))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    table.add_column(escape(first))
    for name in others:
        table.add_column(escape(name), justify="right")
    return table


def _row(table: Table, *cells: Any) -> None:
    """Add a row whose text is shown as it is, brackets too."""
    from rich.markup import escape

    table.add_row(*(escape(str(cell)) for cell in cells))


def _last_incidence(curve: Any) -> str:
    lines = (curve.incidence, curve.lower, curve.upper)
    value, lower, upper = (100 * float(line[-1]) for line in lines)
    limits = "" if math.isnan(lower) or math.isnan(upper) else f" ({lower:.1f} to {upper:.1f})"
    return f"{value:.1f} %{limits}"


def _interval(lower: str, upper: str) -> str:
    """Two limits; words that stand for both are said once."""
    words = not any(letter.isdigit() for letter in lower)
    return lower if words and lower == upper else f"{lower} to {upper}"


def _count(value: float) -> str:
    return f"{value}" if isinstance(value, int) else f"{value:.1f}"


def _time(value: float) -> str:
    if math.isnan(value):
        return "not reached"
    return f"{value:.1f}" if abs(value) < 1e5 else f"{value:.5g}"


def _difference(value: float) -> str:
    """A difference of times or of shares of survival, to four figures."""
    return "not reached" if math.isnan(value) else f"{value:.4g}"


def _ratio(value: float) -> str:
    if math.isnan(value):
        return "no estimate"
    return f"{value:.3f}" if 0.001 <= value < 1000 else f"{value:.3g}"


def p_value(value: float | None) -> str:
    """A p-value to four decimals; a dash where there is none."""
    if value is None or math.isnan(value):
        return "-"
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
