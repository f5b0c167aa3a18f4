"""What an administrator sees first: accounts, sign-ins, backups, and where the rest is."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from debulk.core.strings import text
from debulk.web.pages import ADMINISTRATORS, Page, Pages
from debulk.web.visitor import visitor_of

pages = Pages("people", patient=False)


@pages.page("/admin", "Accounts, sign-ins and backups.", roles=ADMINISTRATORS)
def administration(request: Request) -> Page:
    """What there is, in numbers, and who is signed in."""
    records, settings = request.app.state.records, request.app.state.settings
    data = {
        "accounts": len(records.users.list()),
        "sign_ins": list(records.sign_ins.list()),
        "log_entries": len(records.audit),
        "settings_version": records.settings.current()["version"],
        "records": records.place,
        "open": settings.is_open,
    }
    return Page("people/administration.html", text("people.admin.title"), data)


@pages.form("/admin/backup", "Write a backup and download it.", roles=ADMINISTRATORS)
def backup(request: Request) -> Response:
    """A sealed file with every row of one moment; it is on this server only while it is sent."""
    folder = tempfile.TemporaryDirectory(prefix="debulk-backup-")
    now = datetime.now(UTC)
    path = Path(folder.name) / f"debulk-{now:%Y-%m-%d-%H%M}.backup"
    try:
        records = request.app.state.records
        records.backup(path, by=visitor_of(request).acting(*ADMINISTRATORS))
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )
