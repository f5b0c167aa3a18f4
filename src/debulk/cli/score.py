"""`debulk score`: a published score given to a cohort, and held against its survival."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from debulk.cli.cohort.options import (
    FormatName,
    FormatOption,
    MappingOption,
    cohort_of,
    provenance_of,
)
from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, print_json
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from debulk.patients import Cohort
    from debulk.prognosis.scores.in_cohort import ScoreInCohort
    from debulk.prognosis.scores.points import Missing
    from debulk.prognosis.validation.result import Validation

_OPTIONS = {
    "format": "--format",
    "mapping": "--mapping",
    "missing": "--missing",
    "substitute": "--substitute",
    "horizon_months": "--horizon-months",
    "points_column": "--points-column",
}


def score(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="A packaged score, or the path of a score's file (.yaml)."
        ),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="COHORT", help="The cohort. Without one, the formula and its sources are shown."
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the packaged scores, and those that are wanted.")
    ] = False,
    horizon_months: Annotated[
        float | None,
        typer.Option(help="Time at which the groups' survival is shown. Default: the score's own."),
    ] = None,
    missing: Annotated[
        str,
        typer.Option(
            metavar="refuse|zero|lowest|highest",
            help="What a patient with an unknown item gets: no points, those of the known items, "
            "or the fewest or most points possible.",
        ),
    ] = "refuse",
    substitute: Annotated[
        list[str] | None,
        typer.Option(
            "--substitute",
            metavar="ITEM=RULE",
            help="Judge an item by another rule than the score's; may be repeated. Named in the "
            "result, since it is another score.",
        ),
    ] = None,
    points_column: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Hold the points in this column of the patients against survival, and count how "
            "often the computed points agree.",
        ),
    ] = None,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate",
            help="Add the statistics of a validation: area under the ROC curve at the horizon, D, "
            "explained variation; with --out, a page of them.",
        ),
    ] = False,
    cohort_format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the patients' points and the answer."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give a published score to a cohort's patients, and hold it against their survival.

    A score orders patients like those it was made in by their risk. It does not say whom local
    treatment helps.
    """
    if listed:
        if name is not None:
            raise typer.BadParameter(f"--list stands alone, without {name!r}")
        _list(as_json=as_json)
        return
    if name is None:
        raise typer.BadParameter("give a score's NAME, or --list")
    from debulk.prognosis.scores.library import load_score

    chosen = load_score(name)
    if path is None:
        _show(name, as_json=as_json)
        return
    from debulk.prognosis.scores.in_cohort import score_in_cohort

    replaced = _substitutes(substitute or [])
    with naming_options(_OPTIONS):
        cohort = cohort_of(path, format=cohort_format, mapping=mapping)
        found = score_in_cohort(
            chosen,
            cohort,
            missing=cast("Missing", missing),
            substitute=replaced,
            points_column=points_column,
            horizon_months=horizon_months,
        )
    result = found.to_dict()
    result["provenance"]["inputs"] = provenance_of(cohort, path)["inputs"]
    validation = _validated(found, cohort) if validate else None
    result["validation"] = None if validation is None else validation.to_dict()
    result["files"] = {} if out is None else _write(out, found, result)
    if as_json:
        print_json(result)
        return
    from debulk.cli.score_printing import print_score_in_cohort

    print_score_in_cohort(found, answers(), validation)
    for kind, file in result["files"].items():
        answers().print(f"{kind:10} {file}", soft_wrap=True, markup=False, highlight=False)


def _validated(found: ScoreInCohort, cohort: Cohort) -> Validation:
    from debulk.prognosis.validation.score_validation import validate_score

    return validate_score(
        found.points,
        cohort,
        horizon_months=found.observed.horizon_months,
        name=found.score.title,
        bootstrap=0,
    )


def _list(*, as_json: bool) -> None:
    from debulk.prognosis.scores.library import load_score, packaged_scores, wanted_scores

    packaged = [load_score(each) for each in packaged_scores()]
    if as_json:
        shown = [each.to_dict() for each in packaged]
        print_json({"packaged": shown, "wanted": [each.to_dict() for each in wanted_scores()]})
        return
    from debulk.cli.score_printing import print_list

    print_list(packaged, wanted_scores(), answers())


def _show(name: str, *, as_json: bool) -> None:
    from debulk.prognosis.scores.library import load_score

    chosen = load_score(name)
    if as_json:
        print_json(chosen.to_dict())
        return
    from debulk.cli.score_printing import print_formula

    print_formula(chosen, answers())


def _substitutes(given: list[str]) -> dict[str, str]:
    """ITEM=RULE by item; the rule may hold further equal signs."""
    found: dict[str, str] = {}
    for each in given:
        item, _, rule = (part.strip() for part in each.partition("="))
        if not item or not rule:
            remedy = "Write ITEM=RULE, as disease_free_interval=synchronous"
            raise InputError("--substitute", f"{each!r} is not ITEM=RULE", remedy)
        if item in found:
            raise InputError("--substitute", f"{item!r} comes twice", "Give it once")
        found[item] = rule
    return found


def _write(folder: Path, found: ScoreInCohort, result: dict[str, Any]) -> dict[str, str]:
    """Every patient's points, the answer, and the page of a validation."""
    import polars as pl

    from debulk.core.files import json_text, output_folder, write_text, write_with

    target = output_folder(folder)
    points, answer = target / "points.csv", target / "score.json"
    lists = [name for name in ("known_items", "missing_items") if name in found.points.columns]
    table = found.points.with_columns(pl.col(name).list.join(";") for name in lists)
    write_with(points, table.write_csv)
    write_text(answer, json_text(result))
    files = {"points": str(points), "answer": str(answer)}
    if result["validation"] is not None:
        from debulk.reports.prognosis.validation_page import PAGE, write_validation

        write_validation(target, result["validation"])
        files["validation"] = str(target / PAGE)
    return files
