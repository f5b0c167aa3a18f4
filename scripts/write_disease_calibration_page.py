"""Write the tables of docs/reference/disease-calibration.md from a finished calibration.

Run it with the folder that `debulk disease calibrate --out` filled.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from debulk.disease.calibration.report import parameter_table, target_table

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "disease-calibration.md"
BEGIN, END = "<!-- tables: begin", "<!-- tables: end -->"


def tables(report: dict[str, Any], about: dict[str, Any]) -> str:
    """All tables in Markdown.

    Parameters
    ----------
    report : dict
        Of ``identifiability.json``.
    about : dict
        Of ``posterior.json``.
    """
    settings = about["settings"]
    lines = [
        "",
        f"Waves of {settings['members']} parameter sets: {settings['waves']} of the smoother and"
        f" {settings['refinements']} at draws; {settings['patients']:,} patients in each cohort;"
        f" seed {settings['seed']}.",
        "",
        "| structure | candidates | effective | power of weights | R-hat of chains |"
        " targets within 2 standard errors |",
        "|---|---|---|---|---|---|",
    ]
    for summary, each in zip(about["structures"], report["structures"], strict=True):
        share = each["inside_share"]
        lines.append(
            f"| {summary['structure']} | {summary['candidates']} |"
            f" {summary['effective_draws']:.0f} | {summary['weights_power']:.2f} |"
            f" {summary['waves'][-1]['chain_r_hat']:.2f} |"
            f" {'' if share is None else f'{share:.0%}'} |"
        )
    for each in report["structures"]:
        lines += ["", f"### Structure {each['structure']}", "", *parameter_table(each)]
        lines += ["", *target_table(each)]
    return "\n".join([*lines, ""])


def page(text: str, content: str) -> str:
    """The page with its tables replaced.

    Parameters
    ----------
    text : str
        Of the page.
    content : str
        As `tables` gives it.
    """
    head, begin, rest = text.partition(BEGIN)
    mark, _, rest = rest.partition("-->")
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has lost its marks")
    return f"{head}{begin}{mark}-->\n{content}{end}{tail}"


def main() -> None:
    """Write the page."""
    if len(sys.argv) != 2:
        raise SystemExit("Give the folder of a calibration")
    folder = Path(sys.argv[1])
    report, about = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("identifiability.json", "posterior.json")
    )
    text = page(PAGE.read_text(encoding="utf-8"), tables(report, about))
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
