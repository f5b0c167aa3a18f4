"""What the terminal shows of rebuilt arms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from debulk.cli.terminal import messages

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.cli.evidence.reconstruction_answer import Answer
    from debulk.core.results import Estimate


def print_answer(answer: Answer, console: Console) -> None:
    """A table of the arms, the hazard ratio, then what was assumed and what was changed."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Rebuilt patients", title_justify="left")
    unit = f", {answer.known_unit}" if answer.known_unit else ""
    heads = ("Arm", "Patients", "Events", f"Median (95 %){unit}", "RMS error", "Greatest")
    for head in heads:
        table.add_column(Text(head), justify="left" if head == "Arm" else "right")
    for arm, median in zip(answer.arms, answer.medians, strict=True):
        accuracy = arm.rebuilt.accuracy
        table.add_row(
            Text(arm.name),
            str(arm.rebuilt.n),
            str(arm.rebuilt.events),
            _median(median),
            f"{accuracy.root_mean_square:.4f}",
            f"{accuracy.greatest:.4f}",
        )
    console.print(table)
    lines = [
        "Errors are differences in survival between the clicks and the rebuilt curve: root mean",
        "square and greatest. Intervals are those of known patients.",
    ]
    for text in (" ".join(lines), *_spreads(answer), *answer.ratio_lines, *_assumptions(answer)):
        console.print(text, highlight=False, markup=False)
    for arm in answer.arms:
        for remark in arm.rebuilt.provenance.remarks:
            messages().print(f"{arm.name}: {remark}.", highlight=False, markup=False)


def _spreads(answer: Answer) -> list[str]:
    rows = zip(answer.arms, answer.median_spreads, strict=True)
    return [
        f"Median of {arm.name}: reconstruction adds a standard deviation of "
        f"{' '.join(filter(None, (f'{spread:.3g}', answer.known_unit)))}."
        for arm, spread in rows
        if spread is not None
    ]


def _assumptions(answer: Answer) -> list[str]:
    """Each assumption once, with the arms it was made for."""
    told = dict.fromkeys(each for arm in answer.arms for each in arm.rebuilt.assumptions)
    lines = []
    for assumption in told:
        names = [arm.name for arm in answer.arms if assumption in arm.rebuilt.assumptions]
        of = "" if len(names) == len(answer.arms) else f" ({', '.join(names)})"
        lines.append(f"Assumed{of}: {assumption}.")
    return lines


def _median(median: Estimate) -> str:
    ends = (median.estimate, median.lower, median.upper)
    if all(map(math.isnan, ends)):
        return "not reached"
    return f"{_time(median.estimate)} ({_time(median.lower)} to {_time(median.upper)})"


def _time(value: float) -> str:
    return "not reached" if math.isnan(value) else f"{value:.4g}"
