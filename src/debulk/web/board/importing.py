"""Importing patients and trials: looked at first, then taken as a whole or not at all."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from debulk.board.imports.preview import ImportPreview, preview_import
from debulk.board.matching.registry_trials import RegistryTrial, registry_trial
from debulk.board.matching.stored_trials import UnreadableTrial, read_trial, words_of
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.case_form.keeping import listed_of
from debulk.web.board.kept_uploads import KEPT_MINUTES, LARGEST_MB, KeptUploads, Upload
from debulk.web.pages import BOARD_MEMBERS, Moved, Page, Pages
from debulk.web.security.bodies import form_of
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_MEGABYTE = 1_000_000
_TRIAL = "registry_trial"


def _sent(request: Request) -> dict[str, Any]:
    """The words of the form, and name and bytes of its files."""
    found: dict[str, Any] = {}
    for name, value in form_of(request).multi_items():
        if isinstance(value, UploadFile):
            with value.file as file:
                found[name] = value.filename or "", file.read()
        else:
            found[name] = value
    return found


@pages.page("/board/import", "Choose a file to import.", roles=BOARD_MEMBERS)
def import_page(request: Request) -> Page:
    """The form for a file, and the trials that were imported."""
    return _page(request, {"state": "empty"})


@pages.form("/board/import", "Look at a file, or take the one looked at.")
def post_import(request: Request) -> Page | Moved:
    """Show what would be taken, take it, or take an imported trial away."""
    sent = _sent(request)
    if sent.get("withdraw"):
        return _withdraw(request, str(sent["withdraw"]))
    if sent.get("action") == "take":
        return _take(request, str(sent.get("upload", "")), bool(sent.get("confirmed")))
    try:
        token, upload = _kept(request, sent)
        return _preview(request, token, upload)
    except InputError as error:
        return _page(request, {"state": "error"}, errors={"file": str(error)})


def _kept(request: Request, sent: dict[str, Any]) -> tuple[str, Upload]:
    """Keep the files that were sent."""
    name, content = _file(sent.get("file"))
    if not content:
        raise InputError(
            text("board_list.imports.file"),
            text("board_list.imports.none"),
            text("board_list.imports.no_file"),
        )
    curated_name, curated = _file(sent.get("curated"))
    words = ""
    if curated:
        try:
            words = curated.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(
                curated_name,
                text("board_list.imports.not_utf8"),
                text("board_list.imports.not_utf8_remedy"),
            ) from None
    store, owner = _uploads(request), visitor_of(request).name
    token = store.keep(owner, name, content, words)
    kept = store.get(token, owner)
    assert kept is not None
    return token, kept


def _file(given: Any) -> tuple[str, bytes]:
    if not isinstance(given, tuple):
        return "", b""
    name, content = given
    if len(content) > LARGEST_MB * _MEGABYTE:
        found = f"{len(content) / _MEGABYTE:.1f}"
        raise InputError(
            name[:100],
            text("board_list.imports.too_large", found=found),
            text("board_list.imports.too_large_remedy", most=LARGEST_MB),
        )
    return name[:100], content


def _uploads(request: Request) -> KeptUploads:
    kept: KeptUploads = request.app.state.kept_uploads
    return kept


def _preview(
    request: Request, token: str, upload: Upload, errors: dict[str, str] | None = None
) -> Page:
    preview = preview_import(upload.name, upload.content)
    found = preview.to_dict()
    data: dict[str, Any] = {"state": "preview", "file": upload.name, "upload": token, **found}
    view: dict[str, Any] = {"can_take": bool(preview.cases)}
    if preview.kind == _TRIAL:
        trial = _trial(upload)
        data["trial"] = {
            "registration": trial.trial.name,
            "title": trial.trial.title,
            "criteria": [each.to_dict() for each in trial.trial.versions[0].criteria],
            "curated": trial.trial.curated,
        }
        view["can_take"] = True
    return _page(request, data, view, errors)


def _trial(upload: Upload) -> RegistryTrial:
    record = upload.content.decode("utf-8-sig")
    return registry_trial(record, upload.curated, name=upload.name)


def _take(request: Request, token: str, confirmed: bool) -> Page | Moved:
    visitor, store = visitor_of(request), _uploads(request)
    upload = store.get(token, visitor.name)
    if upload is None:
        errors = {"file": text("board_list.imports.expired")}
        return _page(request, {"state": "error"}, errors=errors)
    preview = preview_import(upload.name, upload.content)
    if preview.warnings and not confirmed:
        words = text("board_list.imports.not_confirmed")
        return _preview(request, token, upload, {"confirmed": words})
    if preview.kind == _TRIAL:
        said = _take_trial(request, upload)
        store.drop(token)
        return Moved("/board/import", said)
    if not preview.cases:
        return _preview(request, token, upload, {"file": text("board_list.imports.cannot")})
    saved = _take_cases(request, preview)
    store.drop(token)
    address = f"/board/cases/{saved[0].case_id}/edit" if len(saved) == 1 else "/board"
    return Moved(address, text("board_list.imports.done", count=len(saved)))


def _take_cases(request: Request, preview: ImportPreview) -> list[Any]:
    """Store every case in one transaction: what fails half-way changes nothing."""
    records = request.app.state.records
    ready = [(case.to_dict(), listed_of(case)) for case in preview.cases]
    saved: list[Any] = records.cases.create_all(
        ready, by=visitor_of(request).acting(*BOARD_MEMBERS)
    )
    return saved


def _take_trial(request: Request, upload: Upload) -> str:
    number = _trial(upload).trial.name
    record = json.loads(upload.content.decode("utf-8-sig"))
    request.app.state.records.trials.store(
        number, record, upload.curated, by=visitor_of(request).acting(*BOARD_MEMBERS)
    )
    return text("board_list.imports.trial_done", registration=number)


def _withdraw(request: Request, registration: str) -> Moved:
    """Hold cases against a trial no longer; its versions stay stored."""
    by = visitor_of(request).acting(*BOARD_MEMBERS)
    request.app.state.records.trials.withdraw(registration, by=by)
    said = text("board_list.imports.trials.withdrawn", registration=registration)
    return Moved("/board/import", said)


def _imported(request: Request) -> list[dict[str, Any]]:
    """The trials that every case is held against beside the packaged ones, and any unreadable."""
    stored = request.app.state.records.trials.current()
    found = []
    for each, words in zip(stored, words_of(stored), strict=True):
        trial = read_trial(*words)
        told = {"registration": each.registration, "imported_at": each.at}
        if isinstance(trial, UnreadableTrial):
            found.append({**told, "title": "", "curated": False, "unreadable": trial.why})
        else:
            found.append(
                {**told, "title": trial.title, "curated": trial.curated, "unreadable": None}
            )
    return found


def _page(
    request: Request,
    data: dict[str, Any],
    view: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Page:
    shown = {"minutes": KEPT_MINUTES, "most": LARGEST_MB, "can_take": False} | (view or {})
    title = text("board_list.imports.title")
    data = {**data, "trials": _imported(request)}
    return Page("board/import.html", title, data, shown, 422 if errors else 200, errors or {})
