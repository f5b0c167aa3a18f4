"""What the terminal shows of a published score; every word that comes from a file is plain text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from debulk.reports.words import DASH, months, share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from debulk.core.results import Estimate
    from debulk.prognosis.scores.formula import Published, Score, WantedScore
    from debulk.prognosis.scores.in_cohort import ScoreInCohort
    from debulk.prognosis.scores.observed import ObservedScore
    from debulk.prognosis.validation.result import Validation


def print_score_in_cohort(
    found: ScoreInCohort, console: Console, validation: Validation | None = None
) -> None:
    """The points in a cohort: who has them, how well they order, survival by group, and caveats."""
    _say(_heading(found.score), console)
    _say(_counts(found), console)
    _say(_concordance(found.observed), console)
    if found.observed.groups:
        console.print()
        console.print(_group_table(found.observed))
    for each in found.observed.published_for_all:
        _say(f"Published for all of its own series: {_published_words(each)}.", console)
    if found.agreement is not None:
        seen = found.agreement
        _say(
            f"Column {found.points_column} and the computed points agree in {seen.equal} of "
            f"{seen.both} patients with both, within one point in {seen.within_one}; the column is "
            f"higher in {seen.given_higher}, lower in {seen.given_lower}.",
            console,
        )
    if validation is not None:
        console.print()
        console.print(_validation_table(validation))
    console.print()
    caveats = () if validation is None else validation.caveats
    for remark in (*found.provenance().remarks, *caveats):
        _say(remark, console)


def print_list(packaged: Iterable[Score], wanted: Iterable[WantedScore], console: Console) -> None:
    """Packaged scores, and those that are wanted with what is missing."""
    table = _table("score", "year", "items", "points", "predicts")
    for each in packaged:
        most = DASH if math.isinf(each.highest) else f"0 to {each.highest:g}"
        year = DASH if each.year is None else str(each.year)
        _add(table, [each.name, year, str(len(each.items)), most, each.outcome])
    console.print(table)
    console.print()
    lacking = _table("wanted", "title", "missing")
    for score in wanted:
        _add(lacking, [score.name, score.title, score.missing])
    console.print(lacking)


def print_formula(score: Score, console: Console) -> None:
    """Items, points, groups, population and sources of a score."""
    _say(_heading(score), console)
    console.print()
    table = _table("item", "points", "rule", "judged")
    for item in score.items:
        if item.value:
            _add(table, [item.text, "its value", item.value, item.judged])
        for place, level in enumerate(item.levels):
            text, judged = ("", "") if place else (item.text, item.judged)
            _add(table, [text, f"{level.points:g}", level.rule, judged])
    console.print(table)
    if score.groups:
        groups = "; ".join(f"{each.name} from {each.least:g}" for each in score.groups)
        _say(f"Groups by points: {groups}.", console)
    for name, text in score.input_texts.items():
        _say(f"Column {name} of the patients: {text}.", console)
    for each in score.published:
        whom = each.group if each.points is None else f"{each.points:g} points"
        _say(f"Published ({whom}): {_published_words(each)}.", console)
    _say(f"Unknown items: {score.unknown}", console)
    for note in score.notes:
        _say(note, console)
    for source in score.sources:
        where = [
            source.key,
            source.doi and f"doi:{source.doi}",
            source.pmid and f"PMID:{source.pmid}",
        ]
        _say(f"Source ({source.says}): {' '.join(each for each in where if each)}", console)
        if source.address:
            _say(source.address, console)


def _heading(score: Score) -> str:
    year = "" if score.year is None else f", {score.year}"
    return f"{score.title}{year}: {score.outcome}. Made in: {score.population}."


def _counts(found: ScoreInCohort) -> str:
    seen = found.observed
    parts = [f"{seen.n} patients with points and follow-up, {seen.deaths} deaths"]
    parts += [f"{each.count:g} left out ({each.reason})" for each in seen.exclusions]
    text = "; ".join(parts) + "."
    if found.points_column is None:
        unknown = [f"{name} {n}" for name, n in found.computed.unknown_items.items() if n]
        text += f" Unknown in patients: {', '.join(unknown)}." if unknown else ""
    return text


def _concordance(seen: ObservedScore) -> str:
    text = f"Of 100 pairs it orders {_of_100(seen.concordance)} correctly (Harrell; a coin: 50)"
    if seen.concordance_uno is not None:
        text += f"; Uno, to {seen.horizon_months:g} months: {_of_100(seen.concordance_uno)}"
    return f"{text}."


def _of_100(value: Estimate) -> str:
    if math.isnan(value.estimate):
        return "an unknown number"
    numbers = (100 * each for each in (value.estimate, value.lower, value.upper))
    return "{:.1f} ({:.1f} to {:.1f})".format(*numbers)


def _group_table(seen: ObservedScore) -> Table:
    table = _table(
        "group",
        "patients",
        "deaths",
        f"alive at {seen.horizon_months:g} months",
        "median, months",
        "published",
    )
    for each in seen.groups:
        published = "; ".join(_published_words(one) for one in each.published) or DASH
        counts = [each.name, str(each.n), str(each.deaths)]
        alive = _survival(each.survival)
        _add(table, [*counts, alive, months(each.median_months.estimate), published])
    return table


def _validation_table(validation: Validation) -> Table:
    table = _table("validation", "estimate", "95 % interval")
    for each in validation.statistics.values():
        limits = f"{each.lower:.3f} to {each.upper:.3f}"
        _add(table, [each.estimand, f"{each.estimate:.3f}", limits])
    return table


def _survival(value: Estimate) -> str:
    if math.isnan(value.estimate):
        return "not followed so far"
    return f"{share(value.estimate)} ({share(value.lower)} to {share(value.upper)})"


def _published_words(each: Published) -> str:
    if each.measure == "median_months":
        return f"median {each.value:g} months, {each.outcome}"
    return f"{share(each.value)} at {each.months:g} months, {each.outcome}"


def _table(*headings: str) -> Table:
    from rich.table import Table

    return Table(*headings, box=None, pad_edge=False)


def _add(table: Table, cells: Sequence[str]) -> None:
    from rich.text import Text

    table.add_row(*(Text(each) for each in cells))


def _say(text: str, console: Console) -> None:
    console.print(text, markup=False, highlight=False)
