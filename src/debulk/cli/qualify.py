"""`debulk qualify`: whether this installation computes what it should."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json


def qualify(
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder for the report (HTML) and its numbers (JSON)."),
    ] = Path("qualification"),
    as_json: JsonOption = False,
) -> None:
    """Run the reference checks that come with the program; write a qualification report.

    Each check computes a number anew (boundaries, sample sizes, and the packaged colon trial) and
    holds it against an independent program's. The status is 1 if one of them fails.
    """
    from debulk.core.files import json_text, output_folder, write_text
    from debulk.reports.qualification.checks import reference_checks
    from debulk.reports.qualification.report import qualification, write_qualification_report

    folder = output_folder(out)
    with messages().status("Computing reference numbers ..."):
        result = qualification(reference_checks())
    files = {"report": folder / "qualification.html", "results": folder / "qualification.json"}
    write_qualification_report(files["report"], result)
    write_text(files["results"], json_text(result))
    if as_json:
        print_json({**result, "files": {name: str(path) for name, path in files.items()}})
    else:
        _print(result["checks"], files)
    if not result["passed"]:
        raise typer.Exit(1)


def _print(checks: list[dict[str, object]], files: dict[str, Path]) -> None:
    console = answers()
    for area in dict.fromkeys(each["area"] for each in checks):
        here = [each for each in checks if each["area"] == area]
        passed = sum(each["state"] == "passed" for each in here)
        console.print(f"{area}: {passed} of {len(here)} checks passed")
        for each in here:
            if each["state"] != "passed":
                found = each["message"] or f"expected {each['expected']}, found {each['found']}"
                console.print(f"  {each['state']}: {each['name']}: {found}")
    for name, path in files.items():
        console.print(f"{name:8} {path}", soft_wrap=True)
