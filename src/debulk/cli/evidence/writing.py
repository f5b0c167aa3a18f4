"""Where figures of evidence go, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from debulk.reports.evidence.page import EvidencePage, Picture


def figure_path(path: Path) -> Path:
    """A path at which a figure can be written.

    Raises
    ------
    InputError
        If its ending names no kind of figure, its folder does not exist, or it is a folder.
    """
    from debulk.core.errors import InputError
    from debulk.reports.evidence.page import checked_ending

    checked_ending(path)
    if not path.parent.is_dir():
        raise InputError(str(path), "its folder does not exist", "Make the folder first")
    if path.is_dir():
        raise InputError(str(path), "is a folder", "Give the name of a file")
    return path


def write_and_tell(path: Path, picture: Picture, page: EvidencePage) -> None:
    """Write a figure, then say what it shows and where it lies."""
    from debulk.cli.terminal import answers
    from debulk.reports.evidence.page import write_figure

    write_figure(path, picture, page)
    console = answers()
    console.print(picture.alt, markup=False, highlight=False)
    for remark in page.remarks:
        console.print(remark, markup=False, highlight=False)
    console.print(f"Written: {path}", soft_wrap=True, markup=False, highlight=False)
