"""What became of a decided case: treated as decided, treatments since, alive or dead at a month."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from debulk.board.records.decisions import SignedDecision
from debulk.board.records.reviews import AS_DECIDED
from debulk.core.errors import InputError
from debulk.core.strings import choices as choices_of
from debulk.core.strings import entries, text
from debulk.web.board.case_form.fields import by_name
from debulk.web.board.case_form.messages import label_of
from debulk.web.board.case_form.values import show_value
from debulk.web.board.decision_record import signed_decisions
from debulk.web.board.outcome_form import (
    ROWS,
    is_asked,
    keys_of,
    read_outcome,
    treatment_choices,
    typed_of,
)
from debulk.web.pages import BOARD_MEMBERS, BOARD_READERS, Moved, Page, Pages
from debulk.web.security.bodies import form_of, words_of
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)


@pages.page("/board/decisions/{case_id}", "What became of a decided case.", roles=BOARD_READERS)
def outcome(request: Request, case_id: str) -> Page:
    """The decision in short, what was recorded since, and the form, as last recorded."""
    return _page(request, case_id)


@pages.form("/board/decisions/{case_id}", "Record what became of a decided case.")
def record_outcome(request: Request, case_id: str) -> Page | Moved:
    """Store it, or say what is wrong."""
    signed = _signed(request, case_id)
    typed = {name: value for name, value in words_of(form_of(request)) if is_asked(name)}
    if signed is None:
        return _page(request, case_id, typed, status=422)
    if typed.get("do") == "more":
        return _page(request, case_id, typed)
    seen = request.app.state.records.cases.opened(case_id, signed.case_version)
    found = read_outcome(
        typed,
        board_months=float(signed.content.get("board_months") or 0.0),
        lesions=[each["lesion_id"] for each in _lesions(seen.content)],
    )
    if found.errors:
        return _page(request, case_id, typed, found.errors, status=422)
    based_on = re.fullmatch(r"\d{1,9}", typed.get("based_on", ""), re.ASCII)
    try:
        request.app.state.records.reviews.add(
            signed.case_id,
            signed.sitting,
            as_decided=found.as_decided,
            next_review_date=found.next_review,
            content=found.content,
            by=visitor_of(request).acting(*BOARD_MEMBERS),
            based_on=int(based_on[0]) if based_on else None,
        )
    except InputError as error:
        # Withdrawn, or recorded by another meanwhile: what was typed stays in the form.
        return _page(request, case_id, typed, {"as_decided": str(error)}, status=422)
    return Moved(f"/board/decisions/{signed.case_id}", text("board_list.later.said"))


def _signed(request: Request, case_id: str) -> SignedDecision | None:
    """The latest decision of a case, or None."""
    return next(iter(signed_decisions(request, case_id)), None)


def _lesions(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Rows of the lesions of a stored case."""
    return list((content.get("tables") or {}).get("lesions") or ())


def _page(
    request: Request,
    case_id: str,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Page:
    signed, records = _signed(request, case_id), request.app.state.records
    by = visitor_of(request).acting(*BOARD_READERS)
    version = signed.case_version if signed else None
    seen = records.cases.read(case_id, version, by=by, part="outcome")
    stored = records.reviews.of_case(case_id)
    of_sitting = [each for each in stored if signed and each["sitting"] == signed.sitting]
    last = max(of_sitting, key=lambda each: int(each["number"]), default=None)
    if typed is None:
        typed = typed_of(last) if last else {}
    data = {
        "state": "empty" if signed is None else "error" if errors else "done",
        "case_id": seen.case_id,
        "decision": None
        if signed is None
        else {"sitting": signed.sitting, "text": str(signed.content.get("text", signed.chosen))},
        "lesions": [
            {name: each.get(name) for name in ("lesion_id", "organ", "site", "diameter_mm")}
            for each in _lesions(seen.content)
        ],
        "reviews": [_shown(each) for each in stored],
        "typed": dict(typed),
    }
    view = {
        "answers": choices_of("board_list.decided.answers", AS_DECIDED),
        "causes": choices_of("board_list.later.causes"),
        "rows": {table: [_fields(table, key) for key in keys_of(typed, table)] for table in ROWS},
        "lesions": ", ".join(
            " ".join(filter(None, (each["lesion_id"], entries("case_form.words")[each["organ"]])))
            for each in data["lesions"]
        ),
        "based_on": last["number"] if last else 0,
        "withdrawn": seen.status == "withdrawn",
        "may_change": visitor_of(request).may(*BOARD_MEMBERS),
    }
    title = text("board_list.later.title", case_id=seen.case_id)
    return Page("board/decisions_outcome.html", title, data, view, status, errors or {})


def _fields(table: str, key: int) -> list[dict[str, Any]]:
    """The fields of one row, as the page draws them."""
    fields: list[dict[str, Any]] = []
    if table == "treatments":
        label, choices = text("board_list.later.treatment"), treatment_choices()
        fields += [{"name": f"{table}.{key}.treatment", "label": label, "choices": choices}]
    for each in (by_name(table)[column] for column in ROWS[table]):
        words = choices_of("case_form.words", each.words) if each.words else None
        label = label_of(table, each.name)
        unit = entries(f"case_form.fields.{table}.{each.name}").get("unit")
        fields += [
            {
                "name": f"{table}.{key}.{each.name}",
                "label": label,
                "unit": None if unit == label.lower() else unit,
                "choices": words,
                "kind": "number" if each.is_number else "text",
            }
        ]
    return fields


def _shown(review: Mapping[str, Any]) -> dict[str, Any]:
    """A review as the page lists it: one sentence, and one for each row recorded with it."""
    content = review["content"]
    words = text(
        "board_list.later.earlier_row",
        as_decided=entries("board_list.decided.answers")[review["as_decided"]],
        state=text(f"board_list.later.{'dead' if content.get('dead') else 'alive'}"),
        month=f"{content.get('last_months') or 0.0:g}",
    )
    if content.get("progression_months") is not None:
        words += " " + text("board_list.later.progressed", month=content["progression_months"])
    if content.get("cause"):
        cause = entries("board_list.later.causes")[content["cause"]]
        words += " " + text("board_list.later.died_of", cause=cause)
    return {
        "number": review["number"],
        "sitting": review["sitting"],
        "as_decided": review["as_decided"],
        "text": words,
        **{name: content.get(name) for name in ("last_months", "dead", "progression_months")},
        "cause": content.get("cause"),
        **{table: content.get(table) or [] for table in ROWS},
        "rows": [_row_text(table, each) for table in ROWS for each in content.get(table) or ()],
        "next_review_date": review["next_review_date"],
    }


def _row_text(table: str, row: Mapping[str, Any]) -> str:
    """A treatment or a scan in words, with what is known of it."""
    start = ""
    if table == "treatments":
        start = dict(treatment_choices()).get(f"{row['kind']}/{row['name']}", str(row["name"]))
    told = []
    for each in (by_name(table)[column] for column in ROWS[table]):
        if row.get(each.name) is not None:
            shown = show_value(each, row[each.name])
            word = entries("case_form.words").get(shown, shown) if each.words else shown
            told.append(f"{label_of(table, each.name)}: {word}")
    return ", ".join([start, *told] if start else told)
