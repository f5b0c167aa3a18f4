"""Files of an answer: checked before anything is computed, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError

PICTURES = ("svg", "pdf", "png")


def check_targets(*, plot: Path | None, docx: Path | None, write_yaml: Path | None) -> None:
    """Refuse files that cannot be what they are called, and what is not installed.

    Parameters
    ----------
    plot, docx, write_yaml : Path or None
        The files asked for.

    Raises
    ------
    InputError
        With the option and what to install or to write.
    """
    _ends(plot, PICTURES, "--plot")
    _ends(docx, ("docx",), "--docx")
    _ends(write_yaml, ("yaml", "yml"), "--write-yaml")
    if plot is not None:
        _installed("vl_convert", "--plot", "vl-convert", "figures")
    if docx is not None:
        _installed("docx", "--docx", "python-docx", "documents")


def write_files(
    answer: Mapping[str, Any],
    yaml: str,
    *,
    out: Path | None,
    docx: Path | None,
    plot: Path | None,
    write_yaml: Path | None,
) -> tuple[Path, ...]:
    """Write what was asked for.

    Parameters
    ----------
    answer : mapping
        What ``--json`` prints.
    yaml : str
        What was given, as a file.
    out : Path or None
        Folder for everything.
    docx, plot, write_yaml : Path or None
        Single files.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    if not (write_yaml or docx or plot or out):
        return ()
    from debulk.core.files import write_text
    from debulk.reports.design.pictures import has_charts, picture_bytes, write_picture

    has_picture = _has("vl_convert") and has_charts(answer)
    if plot is not None and not has_picture:
        found = f"a design with the test {answer['test']} and one analysis has no picture"
        raise InputError("--plot", found, "Leave it out")
    png = picture_bytes(answer, "png") if has_picture and (docx or out) else None
    written: list[Path] = []
    if write_yaml is not None:
        write_text(write_yaml, yaml)
        written.append(write_yaml)
    if docx is not None:
        from debulk.reports.design.document import write_document

        write_document(docx, answer, png)
        written.append(docx)
    if plot is not None:
        write_picture(answer, plot)
        written.append(plot)
    if out is not None:
        written += _folder(answer, yaml, out, png)
    return tuple(written)


def _folder(answer: Mapping[str, Any], yaml: str, out: Path, png: bytes | None) -> list[Path]:
    from debulk.core.files import json_text, output_folder, write_text
    from debulk.reports.design.document import write_document
    from debulk.reports.design.markdown import markdown_of
    from debulk.reports.design.page import render_design_page
    from debulk.reports.design.pictures import write_picture

    folder = output_folder(out)
    texts = {
        "design.json": json_text(answer),
        "design.yaml": yaml,
        "design.md": markdown_of(answer),
        "design.html": render_design_page(answer),
    }
    written = []
    for name, text in texts.items():
        write_text(folder / name, text)
        written.append(folder / name)
    if png is not None:
        for kind in PICTURES:
            write_picture(answer, folder / f"design.{kind}")
            written.append(folder / f"design.{kind}")
    if _has("docx"):
        write_document(folder / "design.docx", answer, png)
        written.append(folder / "design.docx")
    return written


def _ends(path: Path | None, endings: tuple[str, ...], flag: str) -> None:
    if path is None:
        return
    if path.suffix.lower().removeprefix(".") not in endings:
        found = f"{path.name!r} does not end in {' or '.join('.' + each for each in endings)}"
        raise InputError(flag, found, f"Give a name as design.{endings[0]}")
    if not path.resolve().parent.is_dir():
        raise InputError(flag, f"there is no folder {path.parent}", "Make it first")


def _installed(module: str, flag: str, name: str, extra: str) -> None:
    if not _has(module):
        remedy = f"Install it: pip install 'debulk[{extra}]'"
        raise InputError(flag, f"{name} is not installed", remedy)


def _has(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is not None
