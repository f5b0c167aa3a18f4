"""A design to take away: its files as `debulk trial design` writes them, and its protocol's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.protocols.rewriting import rewritten_protocol
from debulk.reports.design.asking.given import yaml_text
from debulk.web.errors import NotThere
from debulk.web.pages import Pages
from debulk.web.trials.answers import Answered, acronym, answer_of
from debulk.web.trials.asked import Faults, query_of
from debulk.web.trials.fields import DesignQuery
from debulk.web.trials.file_answers import file_answer
from debulk.web.trials.simulated import protocol_changes

pages = Pages("trials")

_KEPT = 16
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _design_file(found: Answered) -> str:
    return yaml_text(found.asked.given)


def _paragraph(found: Answered) -> str:
    from debulk.reports.design.markdown import markdown_of

    return markdown_of(found.answer)


@lru_cache(maxsize=_KEPT)
def _report(found: Answered) -> str:
    from debulk.reports.design.page import render_design_page

    return render_design_page(found.answer)


@lru_cache(maxsize=_KEPT)
def _document(found: Answered) -> bytes:
    from debulk.reports.design.document import write_document
    from debulk.reports.design.pictures import picture_bytes

    picture = picture_bytes(found.answer, "png")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "design.docx"
        write_document(path, found.answer, picture)
        return path.read_bytes()


def _protocol(found: Answered) -> str:
    name = found.asked.words["population"]
    if not name:
        raise NotThere(text("trials.one.what"), text("trials.one.remedy"))
    comment = text("designer.take.protocol_comment", trial=acronym(name))
    why = f"{comment}\n{found.asked.given.command()}"
    return rewritten_protocol(name, protocol_changes(found), why)


FILES: Mapping[str, tuple[Callable[[Answered], str | bytes], str]] = {
    "design.yaml": (_design_file, "application/yaml"),
    "protocol.yaml": (_protocol, "application/yaml"),
    "design.md": (_paragraph, "text/markdown; charset=utf-8"),
    "design.html": (_report, "text/html; charset=utf-8"),
    "design.docx": (_document, _WORD),
}
"""Files of a design: what makes each, and its type."""


@pages.page(
    "/trials/design/files/{file}",
    "A file of a design: design.yaml, protocol.yaml, design.md, design.html or design.docx.",
)
def design_file(request: Request, file: str, asked: Annotated[DesignQuery, Query()]) -> Response:
    """One file of the design that the query says."""
    if file not in FILES:
        raise NotThere(text("designer.take.file"), ", ".join(FILES))
    make, kind = FILES[file]
    try:
        content = make(answer_of(query_of(asked.model_dump())))
    except Faults as faults:
        field, message = next(iter(faults.messages.items()))
        raise InputError(field, getattr(asked, field), message) from None
    return file_answer(request, file, content, kind)
