"""Write the tables of docs/reference/retrodiction.md from a finished retrodiction.

Run it with the folder that `debulk retrodict --out` filled, and with what `/usr/bin/time -v` said
of that command:

    .venv/bin/python scripts/write_retrodiction_page.py DIR --time FILE --machine "two cores"
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from debulk.reports.disease_pages import Table
from debulk.reports.retrodiction import tables

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "retrodiction.md"
BEGIN, END = "<!-- tables: begin", "<!-- tables: end -->"


def content(result: Mapping[str, Any], measured: str = "") -> str:
    """All tables and sentences in Markdown.

    Parameters
    ----------
    result : mapping
        Of ``retrodiction.json``.
    measured : str
        A sentence on time and memory; empty for none.
    """
    about = (
        f"{result['simulated_trials']:,} trials for each prediction, {result['draws']:,} draws of "
        f"the parameters, seed {result['seed']}, debulk {result['provenance']['version']}."
    )
    lines = ["", " ".join(filter(None, (about, measured)))]
    for each in (tables.effects_table, tables.arms_table, tables.score_table):
        lines += ["", *_markdown(each(result))]
    lines += ["", *(f"- {sentence}" for sentence in tables.sentences(result))]
    if left_out := tables.left_out(result):
        marks = tables.marks_in(left_out)
        lines += ["", "### Not predicted, and not counted", ""]
        lines += [marks, ""] if marks else []
        lines += [f"- {each}" for each in left_out]
    return "\n".join([*lines, ""]).replace("\u00a0", " ").replace(" *", " \\*")


def _markdown(table: Table) -> list[str]:
    return [
        f"### {table.title}",
        "",
        f"{table.caption}.".replace("..", "."),
        "",
        f"| {' | '.join(table.heads)} |",
        "|---" * len(table.heads) + "|",
        *(f"| {' | '.join(row)} |" for row in table.rows),
    ]


def measured_by(report: str, machine: str) -> str:
    """A sentence on time and memory from the words of ``/usr/bin/time -v``.

    Parameters
    ----------
    report : str
        What it printed.
    machine : str
        What the command ran on.
    """
    clock = re.search(r"Elapsed .*: (?:(\d+):)?(\d+):([\d.]+)\n", report)
    memory = re.search(r"Maximum resident set size \(kbytes\): (\d+)", report)
    if clock is None or memory is None:
        raise SystemExit("That is not what /usr/bin/time -v prints")
    hours, minutes, seconds = (float(each or 0) for each in clock.groups())
    whole = round(3600 * hours + 60 * minutes + seconds)
    return (
        f"It took {whole // 60} min {whole % 60} s on {machine}, with "
        f"{int(memory[1]) / 1e6:.1f} GB of memory at the most."
    )


def page(text: str, new: str) -> str:
    """The page with what lies between its marks replaced.

    Parameters
    ----------
    text : str
        Of the page.
    new : str
        As `content` gives it.
    """
    head, begin, rest = text.partition(BEGIN)
    mark, _, rest = rest.partition("-->")
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has lost its marks")
    return f"{head}{begin}{mark}-->\n{new}{end}{tail}"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write docs/reference/retrodiction.md")
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the retrodiction")
    parser.add_argument("--time", type=Path, metavar="FILE", help="what /usr/bin/time -v printed")
    parser.add_argument("--machine", default="this machine", help='such as "two cores"')
    given = parser.parse_args()
    result = json.loads((given.folder / "retrodiction.json").read_text(encoding="utf-8"))
    report = "" if given.time is None else given.time.read_text(encoding="utf-8")
    new = content(result, measured_by(report, given.machine) if report else "")
    text = page(PAGE.read_text(encoding="utf-8"), new)
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
