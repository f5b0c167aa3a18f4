"""Published scores: the list, and each with its formula and its accuracy elsewhere."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from fastapi import Request

from debulk import __version__
from debulk.board.scores_of_case import Accuracy, identifiers, validation_known
from debulk.core.errors import nearest
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.evidence.record import citation, findings_by_key
from debulk.prognosis import Score, load_score, packaged_scores, wanted_scores
from debulk.prognosis.scores.formula import Item, Published, Source, WantedScore
from debulk.prognosis.scores.typed import asked_of
from debulk.reports.words import DASH, months, share
from debulk.web.errors import NotThere
from debulk.web.evidence.calculator import fields_of
from debulk.web.evidence.studies_table import address_of
from debulk.web.pages import Page, Pages

pages = Pages("scores")


@pages.page("/scores", "Published scores that can be computed, and those that cannot yet.")
def scores(request: Request) -> Page:
    """List the packaged scores with their accuracy elsewhere, and the wanted ones."""
    del request
    return Page("scores/list.html", text("score_page.title"), *_listed())


@cache
def _listed() -> tuple[dict[str, Any], dict[str, Any]]:
    packaged = [load_score(name) for name in packaged_scores()]
    wanted = wanted_scores()
    data = {
        "scores": [
            {
                "name": each.name,
                "title": each.title,
                "year": each.year,
                "outcome": each.outcome,
                "population": each.population,
                "most": plain(each.highest),
                "validated": plain(validation_known(each.name)[0]),
                "address": f"/scores/{each.name}",
            }
            for each in packaged
        ],
        "wanted": [each.to_dict() for each in wanted],
        "text": text("score_page.lead"),
    }
    view = {
        "rows": [_row(each) for each in packaged],
        "wanted_rows": [_wanted_row(each) for each in wanted],
    }
    return data, view


def _row(score: Score) -> dict[str, Any]:
    return {
        "title": score.title,
        "address": f"/scores/{score.name}",
        "year": score.year or "",
        "items": len(score.items),
        "points": _range(score),
        "population": score.population,
        "concordance": concordance_words(validation_known(score.name)[0]),
    }


def _range(score: Score) -> str:
    if math.isinf(score.highest):
        return text("score_page.measurement")
    return text("score_page.range", most=f"{score.highest:g}")


def concordance_words(known: Accuracy | None) -> str:
    """Of 100 pairs, those ordered correctly, with the interval."""
    if known is None:
        return text("score_page.no_concordance")
    numbers = (100.0 * each for each in (known.concordance, known.lower, known.upper))
    return "{:.1f} ({:.1f} to {:.1f})".format(*numbers)


def _wanted_row(wanted: WantedScore) -> tuple[str, str, str]:
    return wanted.title, wanted.missing, cited(wanted.source)


def cited(source: Source) -> str:
    """A source in words: the row of the tables where it is one, else its identifiers."""
    key = source.key.partition("#")[0]
    if key in findings_by_key():
        return citation(findings_by_key()[key])
    return identifiers(source)


def known_score(name: str) -> Score:
    """A packaged score.

    Raises
    ------
    NotThere
        With what is missing where it is a wanted one, else with the nearest names.
    """
    if name in packaged_scores():
        return load_score(name)
    for wanted in wanted_scores():
        if wanted.name == name:
            remedy = text("scores.not_shipped", title=wanted.title, missing=wanted.missing)
            raise NotThere(text("score_page.no_such", found=name), remedy)
    found = text("score_page.no_such", found=name[:60])
    raise NotThere(found, nearest(name, packaged_scores()))


@cache
def formula_of(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A score's page: what the twin shows, and the words of the page."""
    score = load_score(name)
    known, words = validation_known(name)
    data = {
        "score": score.to_dict(),
        "asks": {each: plain(column) for each, column in asked_of(score).items()},
        "validated": plain(known),
        "validated_text": words,
        "text": text("scores.says_nothing"),
        "provenance": Provenance(
            version=__version__,
            parameters=(Parameter("score", name, "default", cited(score.sources[0])),),
            remarks=score.notes,
        ).to_dict(),
    }
    view = {
        "items": [row for item in score.items for row in _item_rows(item)],
        "fields": fields_of(score),
        "groups": [
            (each.name, text("score_page.from", least=f"{each.least:g}")) for each in score.groups
        ],
        "published": [_published_row(each) for each in score.published],
        "sources": [(each.says, cited(each), _study_address(each)) for each in score.sources],
        "points": _range(score),
    }
    return data, view


def _item_rows(item: Item) -> list[tuple[str, str, str, str]]:
    judged = text(f"score_page.judged.{item.judged.replace(' ', '_')}")
    if item.value:
        return [(item.text, text("score_page.its_value"), item.value, judged)]
    return [
        ("" if place else item.text, f"{level.points:g}", level.rule, "" if place else judged)
        for place, level in enumerate(item.levels)
    ]


def _published_row(each: Published) -> tuple[str, str, str]:
    whom = each.group or text("score_page.with_points", points=f"{each.points or 0:g}")
    if each.measure == "median_months":
        value = text("score_page.median", months=months(each.value), outcome=each.outcome)
    else:
        value = text(
            "score_page.alive",
            share=share(each.value),
            months=f"{each.months:g}" if each.months is not None else DASH,
            outcome=each.outcome,
        )
    return whom, value, cited(each.source)


def _study_address(source: Source) -> str:
    found = findings_by_key().get(source.key.partition("#")[0])
    return address_of(found.study) if found is not None and found.study else ""
