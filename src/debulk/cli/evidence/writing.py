"""Where figures of evidence go, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def write_and_tell(
    path: Path,
    picture: Picture,
    page: EvidencePage,
    numbers: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Write a figure, then say what it shows and where it lies, or give the numbers drawn.

    Parameters
    ----------
    path, picture, page
        As `debulk.reports.evidence.page.write_figure` takes them.
    numbers : mapping
        What is drawn, as plain numbers and text.
    as_json : bool
        Whether to print one JSON object with the numbers and the file.
    """
    from debulk.cli.terminal import answers, print_json
    from debulk.reports.evidence.page import write_figure

    write_figure(path, picture, page)
    if as_json:
        print_json({**numbers, "says": picture.alt, "files": [str(path)]})
        return
    console = answers()
    console.print(picture.alt, markup=False, highlight=False)
    for remark in page.remarks:
        console.print(remark, markup=False, highlight=False)
    console.print(f"Written: {path}", soft_wrap=True, markup=False, highlight=False)
