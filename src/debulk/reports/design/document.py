"""A design as a Word document, for the statistics section of a protocol."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import write_with
from debulk.reports.design.tables import TextTable, tables_of, title_of

_PICTURE_WIDTH_CM = 15.5
_FIXED_DATE = datetime(2000, 1, 1)
"""Documents of one design have the same bytes on every day."""


def write_document(path: Path, answer: Mapping[str, Any], picture: bytes | None) -> None:
    """Write a design as a Word document, whole or not at all.

    Parameters
    ----------
    path : Path
        The .docx file.
    answer : mapping
        What ``debulk trial design --json`` prints.
    picture : bytes or None
        PNG of the charts; None leaves them out.

    Raises
    ------
    InputError
        If python-docx is not installed, or the file cannot be written.
    """
    try:
        import docx
    except ModuleNotFoundError:
        remedy = "Install it: pip install 'debulk[documents]'"
        raise InputError("--docx", "python-docx is not installed", remedy) from None
    document = docx.Document()
    _prepare(document, answer)
    document.add_heading(title_of(answer), level=0)
    document.add_heading("For the statistics section of the protocol", level=1)
    for part in answer["paragraphs"]:
        paragraph = document.add_paragraph()
        paragraph.add_run(_clean(f"{part['heading']}. ")).bold = True
        paragraph.add_run(_clean(part["text"]))
    document.add_heading("Tables", level=1)
    for table in tables_of(answer):
        _add_table(document, table)
    for remark in answer["provenance"]["remarks"]:
        document.add_paragraph(_clean(remark), style="Intense Quote")
    if picture is not None:
        _add_picture(document, picture)
    document.add_heading("To make it again", level=1)
    _add_code(document, answer["command"])
    write_with(path, partial(_save, document))


def _prepare(document: Any, answer: Mapping[str, Any]) -> None:
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    document.styles["Title"].font.size = Pt(18)
    core = document.core_properties
    core.title, core.author = _clean(title_of(answer)), ""
    core.comments = f"debulk {answer['provenance']['version']}"
    core.created = core.modified = _FIXED_DATE


def _add_table(document: Any, table: TextTable) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    heading = document.add_paragraph()
    heading.paragraph_format.keep_with_next = True
    heading.paragraph_format.space_before = Pt(10)
    heading.add_run(_clean(table.title)).bold = True
    drawn = document.add_table(rows=1, cols=len(table.head), style="Light List Accent 1")
    for cell, name in zip(drawn.rows[0].cells, table.head, strict=True):
        cell.text = _clean(name)
    for row in table.rows:
        for cell, text in zip(drawn.add_row().cells, row, strict=True):
            cell.text = _clean(text)
    for row in drawn.rows:
        for place, cell in enumerate(row.cells):
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True
                if place:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                for run in paragraph.runs:
                    run.font.size = Pt(9.5)
    note = document.add_paragraph()
    run = note.add_run(_clean(table.note))
    run.italic, run.font.size = True, Pt(9)


def _add_picture(document: Any, picture: bytes) -> None:
    from docx.shared import Cm

    document.add_page_break()
    document.add_heading("Pictures", level=1)
    shown = document.add_picture(io.BytesIO(picture), width=Cm(_PICTURE_WIDTH_CM))
    most = Cm(22.5)
    if shown.height > most:
        shown.width, shown.height = int(shown.width * most / shown.height), most


def _add_code(document: Any, text: str) -> None:
    from docx.shared import Pt

    run = document.add_paragraph().add_run(_clean(text))
    run.font.name, run.font.size = "Consolas", Pt(9.5)


def _clean(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def _save(document: Any, path: Path) -> None:
    document.save(str(path))
