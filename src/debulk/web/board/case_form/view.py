"""What the template of the form shows: controls with their words, messages and doubts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from debulk.board.case import MOST_ROWS
from debulk.board.matching.board_trials import BoardTrial
from debulk.core.anatomy_sites import LESION_LETTERS, SITES
from debulk.core.strings import entries, text
from debulk.core.units import DAYS_PER_MONTH
from debulk.web.board.case_form import choices, quick_lines
from debulk.web.board.case_form.cross_checks import EARLY_TO_MONTHS, SYNCHRONOUS_TO_MONTHS
from debulk.web.board.case_form.doubts import Doubt
from debulk.web.board.case_form.fields import FIELDS, FOR_TRIALS, ROWS, SINGLE, Field, by_name
from debulk.web.board.case_form.messages import label_of
from debulk.web.board.case_form.reading import Reading
from debulk.web.board.case_form.row_changes import COPIED
from debulk.web.board.case_form.trial_questions import (
    TrialQuestion,
    trial_questions,
    trials_that_ask,
)
from debulk.web.board.case_form.typed import UNKNOWN, Row, Typed, blank_row, new_key
from debulk.web.board.case_form.values import Wrong, read_value

_TEMPLATE_KEY = "KEY"
"""Key of the row from which scripts make new ones."""


def id_of(name: str) -> str:
    """Identifier of the control of a field."""
    return name.replace(".", "-")


def form_view(
    typed: Typed,
    reading: Reading,
    trials: tuple[BoardTrial, ...] = (),
    still_open: frozenset[str] | None = None,
    focus: str | None = None,
) -> dict[str, Any]:
    """All that the template of the form needs.

    Parameters
    ----------
    typed : Typed
        What stands in the form.
    reading : Reading
        Its mistakes and doubts; empty where none are to be shown.
    trials : tuple of BoardTrial
        Trials whose further questions are asked.
    still_open : frozenset of str, optional
        Names of those whose questions are shown; the others are folded.
    focus : str, optional
        Identifier of the control that has the focus.
    """
    marks = _by_field([*reading.doubts, *reading.checks])
    single = {t: _single(t, typed.single[t], reading, marks, typed) for t in SINGLE}
    asked, folded = _questions(single["patients"], typed, trials, still_open)
    return {
        "typed": typed,
        "focus": focus,
        "single": {
            table: [each for each in controls if each["field"].name not in FOR_TRIALS]
            for table, controls in single.items()
        },
        "tables": [_table(name, typed, reading, marks) for name in ROWS],
        "open_doubts": reading.open_doubts,
        "open_checks": reading.open_checks,
        "id_of": id_of,
        "suggestions": _suggestions(typed),
        "for_scripts": _for_scripts(),
        "asked": asked,
        "folded": folded,
        "known_trials": still_open is not None,
        "kept_elsewhere": sorted(typed.kept - {e.mark for found in marks.values() for e in found}),
        "preview": quick_lines.preview_of(typed),
        "not_understood": quick_lines.not_understood(typed).not_understood,
    }


def _for_scripts() -> dict[str, Any]:
    """What the scripts of the form need, said once for them and for the server."""
    return {
        "prefixes": LESION_LETTERS,
        "copied": COPIED,
        "most_rows": MOST_ROWS,
        "days_per_month": DAYS_PER_MONTH,
        "removed": text("case_form.rows.removed", row="ROW"),
        "undo": text("case_form.rows.undo"),
        "lesion": text("case_form.rows.lesion", name="NAME"),
        "row": text("case_form.rows.row", number="NUMBER"),
    }


def _by_field(doubts: Iterable[Doubt]) -> dict[str, list[Doubt]]:
    found: dict[str, list[Doubt]] = {}
    for each in doubts:
        found.setdefault(each.field, []).append(each)
    return found


def words_of(word: str) -> str:
    """A choice as people read it."""
    words = entries("case_form.words")
    return str(words[word]) if word in words else choices.modality_titles()[word]


def _control(
    table: str, field: Field, name: str, value: str, reading: Reading, marks: Mapping[str, Any]
) -> dict[str, Any]:
    own = entries(f"case_form.fields.{table}.{field.name}")
    return {
        "name": name,
        "id": id_of(name),
        "field": field,
        "label": own["label"],
        "unit": own.get("unit"),
        "hint": own.get("hint"),
        "value": value,
        "error": reading.errors.get(name),
        "doubts": marks.get(name, ()),
        "choices": _choices(field),
        "list": field.suggested and f"suggested-{field.suggested}",
    }


def _choices(field: Field) -> list[tuple[str, str]]:
    if field.kind not in ("truth", "words"):
        return []
    first = text("case_form.choose" if field.required else "case_form.unknown")
    words = ("yes", "no") if field.kind == "truth" else field.words
    return [("", first), *((each, words_of(each)) for each in words)]


def _single(
    table: str, row: Row, reading: Reading, marks: Mapping[str, Any], typed: Typed
) -> list[dict[str, Any]]:
    shown = []
    for field in FIELDS[table]:
        name = f"{table}.{field.name}"
        control = _control(table, field, name, row.get(field.name, ""), reading, marks)
        control["unknown_box"] = field.is_number and not field.required
        control["is_unknown"] = bool(row.get(f"{field.name}{UNKNOWN}"))
        control["offered"] = _offered(typed) if name == "patients.synchronous" else None
        shown.append(control)
    return shown


def _offered(typed: Typed) -> str | None:
    """What the months of the lesions say of synchronous metastases."""
    field, months = by_name("lesions")["detected_months"], []
    for row in typed.rows["lesions"].values():
        if row.get("organ") in ("", "primary", None):
            continue
        try:
            months.append(read_value(field, row.get("detected_months", "")))
        except Wrong:
            return None
    known = [each for each in months if each is not None]
    if not known:
        return None
    first = min(known)
    kind = "early" if first <= EARLY_TO_MONTHS else "late"
    return text(f"case_form.offered.{'presentation' if first <= SYNCHRONOUS_TO_MONTHS else kind}")


def _table(name: str, typed: Typed, reading: Reading, marks: Mapping[str, Any]) -> dict[str, Any]:
    rows = typed.rows[name] or {new_key({}): blank_row(name)}
    return {
        "name": name,
        "title": text(f"case_form.sections.{name}"),
        "hint": text(f"case_form.hints.{name}"),
        "error": reading.errors.get(name),
        "fields": [_control(name, each, each.name, "", Reading(), {}) for each in FIELDS[name]],
        "rows": [
            _row(name, key, row, place, reading, marks)
            for place, (key, row) in enumerate(rows.items(), start=1)
        ],
        "removed": [
            {"key": key, "title": _title(name, row, place), "items": list(row.items())}
            for place, (key, row) in enumerate(typed.removed[name].items(), start=1)
        ],
        "template": _row(name, _TEMPLATE_KEY, blank_row(name), 0, Reading(), {}),
    }


def _title(table: str, row: Row, place: int) -> str:
    if table == "lesions" and row.get("lesion_id"):
        return text("case_form.rows.lesion", name=row["lesion_id"])
    return text("case_form.rows.row", number=place)


def _row(
    table: str, key: str, row: Row, place: int, reading: Reading, marks: Mapping[str, Any]
) -> dict[str, Any]:
    prefix = f"{table}.{key}"
    cells = [
        _control(table, each, f"{prefix}.{each.name}", row.get(each.name, ""), reading, marks)
        for each in FIELDS[table]
    ]
    if table == "lesions":
        cells[1]["list"] = f"suggested-sites-{row.get('organ', '')}"
    return {
        "key": key,
        "prefix": prefix,
        "title": _title(table, row, place),
        "place": place,
        "lesion_id": row.get("lesion_id", ""),
        "cells": cells,
        "messages": [each for each in cells if each["error"] or each["doubts"]],
    }


def _suggestions(typed: Typed) -> dict[str, tuple[str, ...]]:
    names = (row.get("lesion_id", "") for row in typed.rows["lesions"].values())
    return {
        **{f"sites-{organ}": sites for organ, sites in SITES.items()},
        "treatments": choices.treatment_names(),
        "panellists": choices.panellists(),
        "reasons": choices.reasons(),
        "lesions": tuple(name for name in names if name),
    }


def _questions(
    patient: list[dict[str, Any]],
    typed: Typed,
    trials: tuple[BoardTrial, ...],
    still_open: frozenset[str] | None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The questions of trials that the case may still fit, or with an answer; then the others."""
    found = [_question(each, typed) for each in trial_questions(trials, typed.answers)]
    for control in patient:
        if control["field"].name in FOR_TRIALS:
            names = trials_that_ask(control["field"].name, trials)
            found.append(control | {"trials": names, "offered": _asked_by(names)})
    shown: list[dict[str, Any]] = []
    folded: list[dict[str, Any]] = []
    for each in found:
        wanted = bool(still_open and not still_open.isdisjoint(each["trials"]))
        begun = each["value"] or each.get("error") or each.get("is_unknown")
        (shown if wanted or begun else folded).append(each)
    return shown, folded


def _asked_by(trials: tuple[str, ...]) -> str:
    return text("case_form.answers.trials", trials=", ".join(trials)) if trials else ""


def _question(question: TrialQuestion, typed: Typed) -> dict[str, Any]:
    return {
        "name": "answers." + ",".join(question.keys),
        "ids": [id_of(f"answers.{key}").replace("/", "-") for key in question.keys],
        "text": question.text,
        "trials": question.trials,
        "offered": _asked_by(question.trials),
        "value": typed.answers.get(question.keys[0], ""),
    }


def label_of_path(path: str) -> str:
    """What a field of the form is called, with its row."""
    table, _, rest = path.partition(".")
    if table in SINGLE:
        return label_of(table, rest)
    key, _, column = rest.partition(".")
    if table == "lesions":
        row = text("case_form.rows.lesion", name=key)
    else:
        row = text("case_form.rows.row", number=key.lstrip("rn"))
    if not column:
        return f"{text(f'case_form.rows.of.{table}')}, {row}"
    return text("case_form.rows.cell", label=label_of(table, column), row=row)
