"""What is known: randomised trials pooled, series apart from them, every study, and the gaps."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from debulk import __version__
from debulk.core.provenance import Provenance
from debulk.core.strings import text
from debulk.evidence.pooling.bias_adjusted import ASSUMPTIONS
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.evidence.tables import CODED_BY
from debulk.reports import words
from debulk.reports.evidence.bias_words import bias_words
from debulk.reports.evidence.forests import pooled_forest
from debulk.reports.evidence.pool_page import mixed_words
from debulk.reports.evidence.wording import (
    estimate_title,
    patients_words,
    pooled_sentence,
    weight_words,
    written,
)
from debulk.reports.words import limits
from debulk.web.evidence.drawing import drawn
from debulk.web.evidence.forests import compared_forest, followed_forest
from debulk.web.evidence.map_part import map_of
from debulk.web.evidence.pooled import pooled, said_of_options
from debulk.web.evidence.selection import Selection, choices, selection_of
from debulk.web.evidence.series import (
    MOST_EXTRA_SD,
    SITUATIONS,
    Compared,
    Situation,
    compared,
    followed,
    laboratory,
)
from debulk.web.evidence.studies_table import StudyShown, address_of, studies_shown, verified_words
from debulk.web.pages import Page, Pages
from debulk.web.typed_numbers import NoNumber, typed_number

pages = Pages("evidence")

_MOST_EFFECTS = 3
"""Effects of a study in the table; the others stand on its page."""

Chosen = Annotated[Selection, Depends(selection_of)]


@pages.page("/evidence", "Published evidence: trials pooled, series apart, every study, the gaps.")
def evidence(
    request: Request,
    selection: Chosen,
    selecting: Annotated[str, Query(max_length=10)] = "hard",
    unmeasured: Annotated[str, Query(max_length=10)] = "strong",
    extra_sd: Annotated[str, Query(max_length=10)] = "0.2",
) -> Page:
    """Show what the selection of the query string chooses."""
    del request
    typed = {"selecting": selecting, "unmeasured": unmeasured, "extra_sd": extra_sd}
    situation, errors = situation_of(typed)
    errors = selection.problems() | errors
    shown = Selection() if selection.problems() else selection
    data, view = _shown(shown, situation)
    data = {**data, "selection": selection.to_dict() | typed}
    view = {**view, "choices": choices() | _situation_choices()}
    status = 422 if errors else 200
    return Page(
        "evidence/explore.html", text("evidence.title"), data, view, status=status, errors=errors
    )


def situation_of(typed: dict[str, str]) -> tuple[Situation, dict[str, str]]:
    """The laboratory's situation that was typed, and what is wrong with it by field."""
    usual = Situation()
    errors: dict[str, str] = {}
    for name, known in SITUATIONS.items():
        if typed[name] not in known:
            errors[name] = text("evidence.adjusting.wrong_word", found=typed[name])
    spread = _number(typed["extra_sd"])
    if spread is None or not 0.0 <= spread <= MOST_EXTRA_SD:
        found = typed["extra_sd"]
        errors["extra_sd"] = text("evidence.adjusting.wrong_sd", most=MOST_EXTRA_SD, found=found)
    if errors:
        return usual, errors
    assert spread is not None
    return Situation(typed["selecting"], typed["unmeasured"], spread), {}  # type: ignore[arg-type]


def _number(typed: str) -> float | None:
    try:
        found = float(typed_number(typed))
    except NoNumber:
        return None
    return found if math.isfinite(found) else None


def _situation_choices() -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(word, text(f"laboratory.{group}.{word}")) for word in SITUATIONS[name]]
        for name, group in (("selecting", "selection"), ("unmeasured", "unmeasured"))
    }


@lru_cache(maxsize=128)
def _shown(selection: Selection, situation: Situation) -> tuple[dict[str, Any], dict[str, Any]]:
    trials = pooled(selection, RANDOMISED)
    series_data, series_view = _series(selection, situation)
    mapped, map_view = map_of(selection)
    studies = studies_shown(selection)
    counts = {"randomised": sum(each.randomised for each in studies)}
    counts["series"] = len(studies) - counts["randomised"]
    said = _answer(trials)
    data = {
        "text": said,
        "counts": counts,
        "randomised": trials,
        "series": series_data,
        "studies": [each.to_dict() for each in studies],
        "map": mapped,
        "provenance": Provenance(
            version=__version__,
            remarks=(f"{CODED_BY}.", text("evidence.apart")),
        ).to_dict(),
    }
    view = {
        "trials": trial_view(trials),
        "series": series_view,
        "rows": [_row(each) for each in studies],
        "map_view": map_view,
        "told": text("evidence.counted", **counts),
    }
    return data, view


def _answer(trials: dict[str, Any]) -> str:
    if trials["pool"] is None:
        return text("evidence.not_pooled", why=trials["text"])
    return text("evidence.pooled_now", sentence=pooled_sentence(trials["pool"]))


def trial_view(told: dict[str, Any]) -> dict[str, Any] | None:
    """What the page draws and lists of a pool; None where there is none."""
    pool = told["pool"]
    if pool is None:
        return None
    return {
        "chart": drawn(pooled_forest(pool)),
        "sentence": text("evidence.trials.differ", i2=_i2_words(pool)),
        "alt": pooled_sentence(pool),
        "heads": _heads(pool),
        "rows": _pool_rows(pool),
        "mixed": mixed_words(pool),
        "left_out": [
            (said_of_options(each["reason"]), f"{each['count']:g}") for each in pool["exclusions"]
        ],
        "remarks": [said_of_options(each) for each in pool["remarks"]],
    }


def _i2_words(pool: dict[str, Any]) -> str:
    found = pool["i2_limits"]
    ends = [None if end is None else f"{100 * end:.0f}" for end in (found["lower"], found["upper"])]
    middle = f"{100 * pool['i2']:.0f} %"
    return middle if None in ends else f"{middle} ({ends[0]} to {ends[1]})"


def _heads(pool: dict[str, Any]) -> list[tuple[str, bool]]:
    return [
        (text("evidence.columns.study"), False),
        (text("evidence.columns.n"), True),
        (estimate_title(pool), True),
        (text("evidence.columns.weight"), True),
    ]


def _pool_rows(pool: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = [
        (
            study["name"],
            patients_words(study["patients"]),
            written(pool, natural),
            weight_words(study["weight"]),
        )
        for study, natural in zip(pool["studies"], pool["natural"]["studies"], strict=True)
    ]
    return [*rows, (text("evidence.pooled"), "", written(pool, pool["natural"]), "")]


def _series(selection: Selection, situation: Situation) -> tuple[dict[str, Any], dict[str, Any]]:
    compares, alive = compared(selection, situation), followed(selection)
    data = {
        "situation": {
            "selecting": situation.selecting,
            "unmeasured": situation.unmeasured,
            "extra_sd": situation.extra_sd,
        },
        "compared": [each.to_dict() for each in compares],
        "followed": alive,
        "warning": text("evidence.series.warning"),
        "text": _series_words(compares, situation),
    }
    view: dict[str, Any] = {"compared": None, "followed": None}
    if compares:
        view["compared"] = {
            "chart": compared_forest(compares, selection.outcome),
            "rows": [_compared_row(each) for each in compares],
            "words": _compared_words(compares),
            "how": bias_words({"how": "shift"}),
            "assumptions": ASSUMPTIONS,
        }
    if alive["pool"] is not None:
        risks = {each.study: each.risks for each in studies_shown(selection)}
        view["followed"] = {
            "chart": followed_forest(alive["pool"], risks, alive["quantity"]),
            "heads": _heads(alive["pool"])[:3],
            "rows": [row[:3] for row in _pool_rows(alive["pool"])[:-1]],
            "words": _followed_words(alive["pool"], alive["quantity"]),
            "sentence": text(
                "evidence.series.followed_sentence",
                count=alive["pool"]["k"],
                quantity=alive["quantity"],
                pooled=pooled_sentence(alive["pool"]),
            ),
        }
    return data, view


def _series_words(rows: tuple[Compared, ...], situation: Situation) -> str:
    if not rows:
        return text("evidence.series.none_compare")
    first = rows[0]
    naive = laboratory().cell("naive", "null", situation.selecting, situation.unmeasured)
    return text(
        "evidence.series.sentence",
        study=first.study,
        group=first.group or text("evidence.everybody"),
        published=_ratio(first.published),
        adjusted=_ratio(first.adjusted),
        naive=f"{math.exp(naive.mean):.2f}",
        selecting=text(f"laboratory.selection.{situation.selecting}"),
        unmeasured=text(f"laboratory.frailty.{situation.unmeasured}"),
    )


def _compared_words(rows: tuple[Compared, ...]) -> str:
    """The comparison that says most for local treatment as published, and what would be left."""
    most = min(rows, key=lambda each: each.published["estimate"])
    return text(
        "evidence.series.compared_description",
        count=len(rows),
        name=most.name,
        published=_ratio(most.published),
        adjusted=_ratio(most.adjusted),
    )


def _followed_words(pool: dict[str, Any], quantity: str) -> str:
    """The series with the smallest and with the largest share alive."""
    shown = list(zip(pool["studies"], pool["natural"]["studies"], strict=True))
    shown.sort(key=lambda each: each[1]["estimate"])
    (least, least_share), (most, most_share) = shown[0], shown[-1]
    return text(
        "evidence.series.followed_description",
        count=pool["k"],
        quantity=quantity,
        least=f"{least['name']} {written(pool, least_share)}",
        most=f"{most['name']} {written(pool, most_share)}",
    )


def _compared_row(each: Compared) -> tuple[str, ...]:
    return each.name, _ratio(each.published), _ratio(each.adjusted)


def _ratio(found: dict[str, float]) -> str:
    spread = limits(found["lower"], found["upper"], words.ratio)
    return f"{words.ratio(found['estimate'])} ({spread})"


def _row(study: StudyShown) -> dict[str, Any]:
    """A study's row in the words of the page."""
    return {
        "study": study.study,
        "address": address_of(study.study),
        "design": study.design,
        "randomised": study.randomised,
        "year": study.year or "",
        "n": patients_words(study.n),
        "effects": [each.text for each in study.effects[:_MOST_EFFECTS]],
        "more": max(0, len(study.effects) - _MOST_EFFECTS),
        "verified": verified_words(study.verified),
        "role": text(f"alike.roles.{study.role}"),
        "role_name": study.role,
        "risks": list(study.risks.values()),
    }
