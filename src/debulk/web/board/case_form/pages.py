"""The pages on which a case is entered and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from debulk.board.case import BoardCase
from debulk.board.matching.board_trials import BoardTrial
from debulk.board.records import Actor, Conflict
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.case_form import quick_lines
from debulk.web.board.case_form.keeping import (
    edited_version,
    listed_of,
    reading_of_stored,
    stored_version,
)
from debulk.web.board.case_form.reading import Reading, read_typed
from debulk.web.board.case_form.row_changes import change_rows, first_control
from debulk.web.board.case_form.trial_questions import shown_trials, trials_still_open
from debulk.web.board.case_form.typed import (
    Typed,
    form_items,
    typed_of_content,
    typed_of_form,
    with_lesion_names,
)
from debulk.web.board.case_form.versions_apart import chosen_of, differences
from debulk.web.board.case_form.view import form_view
from debulk.web.pages import BOARD_MEMBERS, Moved, Page, Pages
from debulk.web.security.bodies import form_of, words_of
from debulk.web.security.reads import log_read
from debulk.web.typed_numbers import typed_whole
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_NEW = "new"
_CHOICE = "choose."


@pages.page("/board/cases/new", "The form of a new case.", roles=BOARD_MEMBERS)
def new_case(request: Request) -> Page:
    """An empty form."""
    return _page(Typed(), Reading(), _opened(request, None))


@pages.form("/board/cases/new", "Save a new case, or change a row of its form.")
def post_new_case(request: Request) -> Page | Moved:
    """Save, or do what another button asks for."""
    return _answer(request, words_of(form_of(request)), _opened(request, None))


@pages.page("/board/cases/{case_id}/edit", "The form of a stored case.", roles=BOARD_MEMBERS)
def edit_case(request: Request, case_id: str) -> Page:
    """The form with what is stored."""
    stored = stored_version(request.app.state.records, case_id, by=_member(request))
    typed = typed_of_content(stored.content, stored.version)
    return _page(typed, reading_of_stored(stored.content), _opened(request, stored))


@pages.form("/board/cases/{case_id}/edit", "Save a case, or change a row of its form.")
def post_edited_case(request: Request, case_id: str) -> Page | Moved:
    """Save, or do what another button asks for."""
    words = words_of(form_of(request))
    version = typed_of_form(words).based_on or None
    stored = edited_version(request.app.state.records, case_id, version=version)
    return _answer(request, words, _opened(request, stored))


@pages.page(
    "/board/cases/{case_id}/missing",
    "Which answers would change what the board sees.",
    roles=BOARD_MEMBERS,
)
def missing_answers(request: Request, case_id: str) -> Page:
    """The unknown fields that matter, each a link to its control."""
    from debulk.web.board.case_form.missing_fields import missing_of
    from debulk.web.board.meeting_case import shown_case

    shown = shown_case(request, case_id, part="missing")
    data = {
        "case_id": shown.record.case_id,
        "version": shown.record.version,
        **missing_of(shown),
    }
    return Page("board/form_missing.html", text("case_form.missing.title"), data)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form is filled in for.

    Attributes
    ----------
    stored : CaseVersion or None
        The version that is edited; None for a new case.
    trials : tuple of BoardTrial
        Trials that a case is matched against.
    still_open : frozenset of str or None
        Names of those of which the stored case fails no rule; None for a new case.
    """

    stored: Any
    trials: tuple[BoardTrial, ...]
    still_open: frozenset[str] | None


def _opened(request: Request, stored: Any) -> Opened:
    records = request.app.state.records
    still_open = None if stored is None else trials_still_open(records, stored.content)
    return Opened(stored, shown_trials(records), still_open)


def _member(request: Request) -> Actor:
    return visitor_of(request).acting(*BOARD_MEMBERS)


def _answer(request: Request, words: list[tuple[str, str]], opened: Opened) -> Page | Moved:
    sent = dict(words)
    action = sent.get("action", "save")
    typed = typed_of_form(words)
    if action == "merge" and opened.stored is not None:
        return _merge(request, typed, sent, opened)
    if action == "save":
        return _save(request, with_lesion_names(typed), opened)
    focus, errors = _change(typed, action)
    reading = Reading(errors=typed.errors | errors)
    with_lesion_names(typed)
    if typed.tried:
        reading = _read(typed, opened)
        reading.errors |= errors
    return _page(typed, reading, opened, focus=focus)


def _change(typed: Typed, action: str) -> tuple[str | None, dict[str, str]]:
    """Do what a button other than saving asks for: the next focus, and messages."""
    if action == "quick":
        errors = quick_lines.read_lines(typed)
        return ("take" if typed.preview and not typed.quick else "quick"), errors
    if action == "take":
        taken, errors = quick_lines.take_lines(typed)
        return (first_control("lesions", taken[0]) if taken else "quick"), errors
    if action == "drop":
        typed.preview = ""
        return "quick", {}
    return change_rows(typed, action), {}


def _read(typed: Typed, opened: Opened) -> Reading:
    stored, trials = opened.stored, opened.trials
    if stored is None:
        return read_typed(typed, case_id=_NEW, trials=trials)
    return read_typed(typed, case_id=stored.case_id, stored=stored.content, trials=trials)


def _save(request: Request, typed: Typed, opened: Opened) -> Page | Moved:
    typed.tried = True
    reading = _read(typed, opened)
    if reading.case is None or reading.open_doubts:
        return _page(typed, reading, opened, status=422)
    content, stored = reading.content(), opened.stored
    if stored and content == stored.content and stored.version == stored.latest:
        return _moved(stored, reading, text("case_form.said.unchanged"))
    try:
        saved = _store(request, reading.case, content, stored)
    except Conflict as conflict:
        log_read(request, conflict.stored.case_id, "form")
        return _conflict(typed, content, conflict, stored.version)
    except InputError as error:
        # A case withdrawn meanwhile, a full disk: what was typed stays in the form.
        reading.errors["case"] = str(error)
        return _page(typed, reading, opened, status=422)
    key = "saved" if stored else "created"
    words = text(f"case_form.said.{key}", case_id=saved.case_id, version=saved.version)
    return _moved(saved, reading, words)


def _store(request: Request, case: BoardCase, content: dict[str, Any], stored: Any) -> Any:
    records, by = request.app.state.records, _member(request)
    listed = listed_of(case)
    if stored is None:
        return records.cases.create(content, by=by, listed=listed)
    return records.cases.save(
        stored.case_id, content, based_on=stored.version, by=by, listed=listed
    )


def _moved(saved: Any, reading: Reading, said: str) -> Moved:
    """To the case, or to its form where entries do not fit each other."""
    address = f"/board/cases/{saved.case_id}"
    left = len(reading.open_checks)
    if left:
        return Moved(f"{address}/edit", text("case_form.said.look", count=left))
    return Moved(address, said)


def _page(
    typed: Typed,
    reading: Reading,
    opened: Opened,
    *,
    status: int = 200,
    focus: str | None = None,
) -> Page:
    case_id = None if opened.stored is None else opened.stored.case_id
    title = text("case_form.title.new")
    if case_id is not None:
        title = text("case_form.title.edit", case_id=case_id)
    errors = dict(reading.errors)
    if status == 422:
        errors |= {each.field: each.text for each in reading.open_doubts}
    data = {
        "state": "error" if errors else "done",
        "case_id": case_id,
        "version": typed.based_on,
        "fields": dict(form_items(typed)),
        "to_confirm": [each.to_dict() for each in reading.doubts],
        "checks": [each.to_dict() for each in reading.checks],
    }
    view = form_view(typed, reading, opened.trials, opened.still_open, focus) | {"case_id": case_id}
    return Page("board/form.html", title, data, view, status, errors)


def _conflict(typed: Typed, content: Mapping[str, Any], conflict: Conflict, based_on: int) -> Page:
    theirs = conflict.stored
    yours = {**content, "case_id": theirs.case_id}
    found = differences(yours, theirs.content, conflict.base or {})
    data = {
        "state": "changed_by_another",
        "case_id": theirs.case_id,
        "author": theirs.author,
        "version": theirs.version,
        "based_on": based_on,
        "differences": [each.to_dict() for each in found],
        "yours": yours,
        "theirs": theirs.content,
    }
    view = {"items": form_items(typed)}
    return Page("board/form_conflict.html", text("case_form.conflict.title"), data, view, 409)


def _merge(request: Request, typed: Typed, sent: Mapping[str, str], opened: Opened) -> Page | Moved:
    """Save what was chosen of both versions."""
    version = typed_whole(sent.get("theirs", ""))
    if version is None:
        sent_words = f"{sent.get('theirs', '')!r:.40}"
        raise InputError("theirs", sent_words, text("case_form.conflict.again"))
    stored, by, records = opened.stored, _member(request), request.app.state.records
    theirs = stored_version(records, stored.case_id, by=by, version=version)
    choice = {
        name.removeprefix(_CHOICE): side for name, side in sent.items() if name.startswith(_CHOICE)
    }
    reading = _read(typed, opened)
    if reading.case is None:
        return _page(typed, reading, opened, status=422)
    content = reading.content()
    found = differences({**content, "case_id": stored.case_id}, theirs.content, stored.content)
    if any(each.path not in choice for each in found):
        return _conflict(typed, content, Conflict(theirs, content, stored.content), stored.version)
    merged = chosen_of(typed, typed_of_content(theirs.content, theirs.version), choice)
    return _save(request, with_lesion_names(merged), _opened(request, theirs))
