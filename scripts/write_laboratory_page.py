"""Write the tables of docs/reference/bias-laboratory.md, and package the tables they show.

Run it with one or more results.json that `debulk emulate laboratory --all --out DIR` wrote, of the
cheap simulator, of the disease model (`--model disease`), or both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from debulk.core.files import json_text, write_text
from debulk.emulation.laboratory.cells import is_reference
from debulk.emulation.laboratory.knobs import SCENARIOS, SELECTIONS, STRENGTHS, Knobs
from debulk.emulation.laboratory.packaged import shortened
from debulk.reports.emulation.laboratory_page import laboratory_pictures
from debulk.reports.figures.pictures import drawn

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "bias-laboratory.md"
TABLES = ROOT / "src" / "debulk" / "data" / "laboratory"
PICTURE = ROOT / "docs" / "img" / "laboratory-coverage.svg"
BEGIN, END = "<!-- {model} tables: begin", "<!-- {model} tables: end -->"
MEASURES = {"log_hazard_ratio": "log HR", "rmst_months": "RMST-36"}

Cell = dict[str, Any]


def tables(cells: Sequence[Cell]) -> str:
    """All tables of one model in Markdown."""
    lines = situations(cells)
    if cells[0]["model"] == "simple":
        lines += ["", "### Intervals of clone-censor-weight in the reference cells", ""]
        lines += reference_table(cells)
        lines += ["", "### Size of the registry", "", *size_table(cells)]
    lines += ["", "### Registries in which a check fails, per cent", "", *check_table(cells)]
    if cells[0]["model"] == "simple":
        lines += ["", "### Every number of the cheap simulator", "", *knob_table()]
    text = "\n".join([*lines, ""])
    # The headings of the second model's tables are told from those of the first.
    return (
        text if cells[0]["model"] == "simple" else text.replace("\n### ", "\n### Disease model: ")
    )


def situations(cells: Sequence[Cell]) -> list[str]:
    """What is true in each situation, and what every method makes of it."""
    seed, version = cells[0]["provenance"]["seed"], cells[0]["provenance"]["version"]
    counted = f"{cells[0]['registries']:,} registries of {cells[0]['patients']:,} patients"
    lines = ["", f"{counted} in each situation; seed {seed}; version {version}."]
    lines += ["", "### Situations and their truths", "", *truth_table(cells)]
    for scenario in SCENARIOS:
        for selection in SELECTIONS:
            here = [
                cell
                for cell in cells
                if (cell["scenario"], cell["selection"]) == (scenario, selection)
            ]
            if here:
                here.sort(key=lambda cell: STRENGTHS.index(cell["unmeasured"]))
                lines += ["", f"### {scenario}, {selection} selection", "", *method_table(here)]
    return lines


def truth_table(cells: Iterable[Cell]) -> list[str]:
    """What the strategies do in each situation."""
    rows = []
    for cell in cells:
        truth = cell["truth"]
        for timing in ("natural", "uniform"):
            told = truth[timing]
            rows.append(
                (
                    *(cell[name] for name in ("scenario", "selection", "unmeasured")),
                    timing,
                    f"{told['log_hazard_ratio']:.3f}",
                    f"{told['log_hazard_ratio_registry']:.3f}",
                    f"{told['rmst_difference_months']:.2f} (±{told['rmst_difference_error']:.3f})",
                    f"{100.0 * truth['treated_share']:.0f} %",
                )
            )
    heading = (
        "scenario",
        "selection",
        "unmeasured",
        "timing",
        "log HR",
        "the same under the registry's follow-up",
        "RMST-36, months",
        "treated",
    )
    return markdown(heading, rows)


def method_table(cells: Sequence[Cell]) -> list[str]:
    """Every method by the strength of what is not measured."""
    null = cells[0]["scenario"] == "null"
    what = "false positives" if null else "power"
    heading = ("method", *(f"unmeasured {cell['unmeasured']}" for cell in cells))
    rows = []
    for method in dict.fromkeys(each["method"] for cell in cells for each in cell["methods"]):
        rows.append((title(cells, method), *(_brief(cell, method) for cell in cells)))
    return [
        f"Bias of the log hazard ratio (±) · coverage · {what}, per cent.",
        "",
        *markdown(heading, rows),
    ]


def _brief(cell: Cell, method: str) -> str:
    found = next((each for each in cell["methods"] if each["method"] == method), None)
    if found is None:
        return "no answer"
    rejected = found["power"] if found["false_positive"] is None else found["false_positive"]
    failed = f" · refuses {found['failures']}" if found["failures"] else ""
    return (
        f"{found['bias_log_hr']:+.3f} (±{found['monte_carlo_error']:.3f}) · "
        f"{_percent(found['coverage'])} · {_percent(rejected)}{failed}"
    )


def reference_table(cells: Sequence[Cell]) -> list[str]:
    """Coverage of each interval where clone-censor-weight should be right, and the mean of all."""
    rows, covered, rejected = [], [], []
    for cell in cells:
        if not is_reference(cell["scenario"], cell["selection"], cell["unmeasured"]):
            continue
        for method in cell["methods"]:
            if method["method"].removeprefix("clone-censor-weight-") not in ("natural", "uniform"):
                continue
            for interval, scores in method["intervals"].items():
                for measure, words in MEASURES.items():
                    score = scores[measure]
                    ratio = score["mean_se"] / score["sd"]
                    rows.append(
                        (
                            cell["scenario"],
                            method["timing"],
                            interval,
                            words,
                            _percent(score["coverage"], 1),
                            _percent(score["rejected"], 1),
                            f"{ratio:.2f}",
                        )
                    )
                    if interval != "known-weights":
                        covered.append(score["coverage"])
                        if cell["scenario"] == "null":
                            rejected.append(score["rejected"])
    heading = (
        "scenario",
        "timing",
        "interval",
        "contrast",
        "coverage",
        "rejected",
        "mean SE / true SD",
    )
    lines = markdown(heading, rows)
    if covered:
        lines += [
            "",
            f"Sandwich and bootstrap: mean coverage {_percent(_mean(covered), 1)}, from "
            f"{_percent(min(covered), 1)} to {_percent(max(covered), 1)}; false positives "
            f"{_percent(_mean(rejected), 1)}, from {_percent(min(rejected), 1)} to "
            f"{_percent(max(rejected), 1)} per cent.",
        ]
    return lines


def size_table(cells: Sequence[Cell]) -> list[str]:
    """Bias and coverage by size, where several sizes were simulated."""
    rows = []
    for cell in cells:
        if not cell.get("sizes"):
            continue
        for size in sorted((cell, *cell["sizes"]), key=lambda each: each["patients"]):
            names = ("naive", "clone-censor-weight-natural", "clone-censor-weight-uniform")
            situation = ", ".join(cell[name] for name in ("scenario", "selection", "unmeasured"))
            rows.append(
                (situation, f"{size['patients']:,}", *(_brief(size, name) for name in names))
            )
    return markdown(("situation", "patients", "naive", "natural", "uniform"), rows)


def check_table(cells: Sequence[Cell]) -> list[str]:
    """How often each check fails."""
    names = list(
        dict.fromkeys((each["check"], each["timing"]) for cell in cells for each in cell["checks"])
    )
    rows = []
    for cell in cells:
        told = {(each["check"], each["timing"]): each["failed"] for each in cell["checks"]}
        situation = ", ".join(cell[name] for name in ("scenario", "selection", "unmeasured"))
        rows.append((situation, *(_percent(told.get(name)) for name in names)))
    return markdown(("situation", *(f"{check}, {timing}" for check, timing in names)), rows)


def knob_table() -> list[str]:
    """Every number of the simulator, where a situation does not change it."""
    rows = [
        (f"`{each.name.removeprefix('laboratory.')}`", f"{each.value:g}", each.unit, each.note)
        for each in Knobs().parameter_records()
    ]
    return markdown(("name", "value", "unit", "what"), rows)


def title(cells: Sequence[Cell], method: str) -> str:
    """A method in words."""
    found = next(each for cell in cells for each in cell["methods"] if each["method"] == method)
    mark = "" if found["contrast"] == "strategies" else " (treated or not)"
    return f"{found['title']}{mark}"


def markdown(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return [line(heading), f"|{'---|' * len(heading)}", *(line(row) for row in rows)]


def _percent(share: float | None, digits: int = 0) -> str:
    return "" if share is None else f"{100.0 * share:.{digits}f}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def page(text: str, content: str, model: str) -> str:
    """The page with the tables of one model replaced."""
    start = text.index("\n", text.index(BEGIN.format(model=model))) + 1
    return text[:start] + content + text[text.index(END.format(model=model)) :]


def main() -> None:
    """Read the results, write page and packaged tables."""
    for file in sys.argv[1:]:
        cells = shortened(json.loads(Path(file).read_text(encoding="utf-8")))
        model = cells[0]["model"]
        TABLES.mkdir(exist_ok=True)
        write_text(TABLES / f"{model}.json", json_text(cells))
        write_text(PAGE, page(PAGE.read_text(encoding="utf-8"), tables(cells), model))
        if model == "simple":
            coverage = next(each for each in laboratory_pictures(cells) if "coverage" in each.name)
            PICTURE.write_bytes(drawn(coverage.chart, ("svg",))["svg"])


if __name__ == "__main__":
    main()
