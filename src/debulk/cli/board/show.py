"""`debulk board show`: what the board sees of a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from debulk.board.case import BoardCase
    from debulk.board.discussion import Discussion
    from debulk.board.matching.board_trials import BoardTrial
    from debulk.board.settings import BoardSettings


def show(
    case: Annotated[
        str,
        typer.Argument(
            metavar="CASE",
            help="A JSON file that holds one case, or the id of a case that is stored.",
        ),
    ],
    board_months: Annotated[
        float | None,
        typer.Option(help="Judge at another moment: months since the diagnosis."),
    ] = None,
    extent_k: Annotated[
        int | None,
        typer.Option(
            help="Least extrahepatic lesions of multi-organ disease, 2 or 4. Default: the "
            "department's, else 2."
        ),
    ] = None,
    registry: Annotated[
        list[Path] | None,
        typer.Option(
            "--registry",
            metavar="RECORD.json",
            help="A ClinicalTrials.gov record (API version 2) to match too; its curated criteria "
            "lie beside it as RECORD.criteria.yaml. May be repeated.",
        ),
    ] = None,
    futures: Annotated[
        bool, typer.Option(help="Simulate futures under each option, which takes seconds.")
    ] = True,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="PATH|URL",
            help="The board's database, for a case that is stored. Default: DEBULK_DATABASE, else "
            "a file in your data folder.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a case: extent, lesions, plans, trials, evidence, scores, futures, what is missing.

    Research use, not a medical device. It does not advise.
    """
    from debulk.board.discussion import discuss
    from debulk.board.matching.registry_trials import read_registry_trial
    from debulk.board.settings import BoardSettings

    trials = [read_registry_trial(each).trial for each in registry or []]
    settings = BoardSettings()
    if _is_file(case):
        from debulk.board.case import read_case

        given = read_case(case)
    else:
        given, settings, stored = _stored(case, database)
        trials = [*stored, *trials]
    if extent_k is not None:
        settings = replace(settings, extent_k=extent_k)
    found = discuss(
        given,
        board_months=board_months,
        settings=settings,
        with_futures=futures,
        registry_trials=trials,
    )
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)


def _is_file(name: str) -> bool:
    return name.endswith(".json") or "/" in name or "\\" in name or Path(name).is_file()


def _stored(name: str, database: str | None) -> tuple[BoardCase, BoardSettings, list[BoardTrial]]:
    """A stored case with the department's settings and imported trials; the reading is logged."""
    from debulk.board.case import case_of_entry
    from debulk.board.matching.stored_trials import read_trials, words_of
    from debulk.board.settings import BoardSettings
    from debulk.cli.board.records import opened
    from debulk.core.strings import text

    with opened(database) as records:
        from debulk.board.records import PROGRAM

        content = records.cases.read(name, by=PROGRAM).content
        settings = BoardSettings.of_department(records.settings.current())
        stored = records.trials.current()
    trials, unreadable = read_trials(words_of(stored))
    for each in unreadable:
        messages().print(
            text("meeting.trials.unreadable", registration=each.registration, why=each.why)
        )
    return case_of_entry(content, where=f"case {name}"), settings, list(trials)


def _print(found: Discussion) -> None:
    from rich.padding import Padding
    from rich.table import Table

    from debulk.core.strings import text

    console = answers()
    case = found.case
    console.print(f"[bold]{case.case_id}[/bold]  {case.title}", highlight=False)
    console.print(text("facts.research_use"), style="dim", highlight=False)
    if case.question:
        console.print(f'\n"{case.question}"', highlight=False)
    console.print()
    for sentence in found.in_short:
        console.print(Padding(sentence, (0, 0, 0, 1)), highlight=False)
    remarks = dict.fromkeys((*found.now.remarks, *found.at_entry.remarks))
    for remark in remarks:
        console.print(Padding(remark, (0, 0, 0, 1)), style="dim", highlight=False)
    lesions = Table("lesion", "organ", "site", "mm (before)", "near vessel", "plan", box=None)
    for each in found.lesions:
        planned = each.planned_title or each.reason
        near = {True: "yes", False: "no", None: "unknown"}[each.near_vessel]
        size = _size(each.diameter_mm, each.baseline_diameter_mm)
        lesions.add_row(each.lesion_id, each.organ, each.site, size, near, planned)
    console.print("\n[bold]Lesions[/bold]")
    console.print(lesions)
    plans = Table("plan", "lesions left", "ml left", "sessions", "weeks", box=None)
    for plan in found.plans:
        left = "unknown" if plan.volume_left_ml is None else f"{plan.volume_left_ml:.3g}"
        weeks = f"{plan.weeks:g}"
        plans.add_row(plan.title, str(plan.lesions_left), left, str(plan.sessions), weeks)
    console.print("\n[bold]Plans[/bold]")
    console.print(plans)
    _print_trials(found)
    console.print("\n[bold]Answers that would change what the board sees[/bold]")
    for item in found.missing:
        what = ", ".join(item.changes)
        console.print(Padding(f"{item.label}: {what}", (0, 0, 0, 1)), highlight=False)


def _size(latest: float | None, before: float | None) -> str:
    shown = "unknown" if latest is None else f"{latest:g}"
    return shown if before is None else f"{shown} ({before:g})"


def _print_trials(found: Discussion) -> None:
    from rich.padding import Padding

    console = answers()
    console.print("\n[bold]Trials[/bold]")
    for match in found.trials:
        version = match.in_force
        console.print(f" [bold]{match.trial.name}[/bold]  {version.summary}", highlight=False)
        said = [each.remedy for each in version.criteria if each.state == "not met"]
        for sentence in (*said, *match.differing):
            console.print(Padding(sentence, (0, 0, 0, 3)), highlight=False)
