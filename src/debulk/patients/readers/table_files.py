"""Tables in CSV, Parquet, Excel and SAS transport files, as text or as they are typed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.readers.notes import Notes
from debulk.patients.reading import read_parquet

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xls", ".xpt")
"""Endings of the files that can be read as tables."""

ENCODINGS = {"utf-8": "utf-8-sig", "latin-1": "cp1252", "latin-2": "cp1250", "utf-16": "utf-16"}
"""Encodings of text files by the name a mapping gives them; Windows' forms contain the others."""

_EXTRA = "Install what reads it: pip install 'debulk[registries]'"
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_CARD = 80  # bytes: a transport file is made of cards, padded with blanks


def read_table(
    file: Path,
    notes: Notes,
    *,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | None = None,
) -> pl.DataFrame:
    """Read one table; CSV comes as text, Parquet, Excel and XPT as they are typed.

    Parameters
    ----------
    file : Path
    notes : Notes
        Receives the file's digest and what was decided on the way.
    encoding : str
        A name of `ENCODINGS`, for CSV.
    delimiter : str, optional
        What separates fields; without it comma, semicolon, tab or bar, by the first line.
    sheet : str, optional
        The sheet of a workbook; without it the first.

    Raises
    ------
    InputError
        If there is no such file, it is empty, damaged, or in another encoding.
    """
    if not file.is_file():
        raise InputError(str(file), "there is no such file", "Check the path")
    if file.stat().st_size == 0:
        raise InputError(str(file), "is empty", "Export the table again")
    notes.read(file)
    ending = file.suffix.lower()
    if ending == ".parquet":
        frame = read_parquet(file)
    elif ending in (".xlsx", ".xls"):
        frame = _read_excel(file, sheet)
    elif ending == ".xpt":
        frame = _read_xpt(file, notes)
    else:
        frame = _read_csv(file, encoding, delimiter, notes)
    if frame.height == 0:
        raise InputError(str(file), "has column names but no rows", "Export the table again")
    return frame


def texts_of(values: pl.Series) -> pl.Series:
    """Values as text; a whole number has no point, since a workbook knows 1 as 1.0 alone."""
    texts = values.cast(pl.String)
    if values.dtype.is_float():
        whole = ((values == values.floor()) & values.is_finite()).fill_null(value=False)
        texts = values.cast(pl.Int64, strict=False).cast(pl.String).zip_with(whole, texts)
    return texts.str.strip_chars()


def first_line_of(file: Path) -> int:
    """The number that complaints give the first row: a line in text, a row elsewhere."""
    return 1 if file.suffix.lower() in (".parquet", ".xpt") else 2


def _read_csv(file: Path, encoding: str, delimiter: str | None, notes: Notes) -> pl.DataFrame:
    text = _decoded(file, encoding)
    if "\0" in text:
        raise InputError(str(file), "holds a NUL character", "Save it as a plain CSV file")
    first = text.lstrip().split("\n", 1)[0]
    if not first.strip():
        raise InputError(str(file), "is empty", "Export the table again")
    if delimiter is None:
        delimiter = ","
        for mark, name in _DELIMITERS.items():
            if first.count(mark) > first.count(","):
                delimiter = mark
                notes.decide(f"{file.name}: fields are separated by {name}", 1)
                break
    names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    for name in names:
        if not name or names.count(name) > 1:
            found = f"column {name!r} comes twice" if name else "a column has no name"
            raise InputError(f"{file}, line 1", found, "Give every column a name of its own")
    last = text.rstrip("\n").rpartition("\n")[2]
    if not text.endswith("\n") and last.count(delimiter) < len(names) - 1 and '"' not in last:
        found = f"its last line has {last.count(delimiter) + 1} of {len(names)} fields"
        raise InputError(str(file), found, "It was cut off: copy or export the file again")
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode("utf-8")),
            separator=delimiter,
            infer_schema=False,
            has_header=True,
        )
    except pl.exceptions.PolarsError as error:
        line = str(error).splitlines()[0]
        remedy = f"Give each line {len(names)} fields"
        raise InputError(str(file), f"is no CSV table ({line})", remedy) from None
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _decoded(file: Path, encoding: str) -> str:
    data = file.read_bytes()
    try:
        return data.decode(ENCODINGS[encoding])
    except (UnicodeDecodeError, UnicodeError) as error:
        start = getattr(error, "start", 0)
        line = data[:start].count(b"\n") + 1
        found = f"byte {data[start]:#04x} is not {encoding}"
        others = ", ".join(name for name in ENCODINGS if name != encoding)
        remedy = f"Save the file as UTF-8, or name its encoding in a mapping file ({others})"
        raise InputError(f"{file}, line {line}", found, remedy) from None


def _read_excel(file: Path, sheet: str | None) -> pl.DataFrame:
    try:
        import fastexcel
    except ImportError:
        raise InputError(str(file), "is an Excel workbook", _EXTRA) from None
    try:
        book = fastexcel.read_excel(file)
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            remedy = f"Its sheets: {', '.join(names)}"
            raise InputError(str(file), f"has no sheet {sheet!r}", remedy)
        frame: pl.DataFrame = book.load_sheet(sheet or 0).to_polars()
    except InputError:
        raise
    except Exception as error:  # fastexcel has one exception for each cause
        line = str(error).splitlines()[0] if str(error) else "cannot be read"
        raise InputError(str(file), f"is no Excel workbook ({line})", "Save it again") from None
    return frame


def _read_xpt(file: Path, notes: Notes) -> pl.DataFrame:
    try:
        import pyreadstat
    except ImportError:
        raise InputError(str(file), "is a SAS transport file", _EXTRA) from None
    data = file.read_bytes()
    if not data.startswith(b"HEADER RECORD*******LIB"):
        raise InputError(str(file), "is no SAS transport file", "Export it again")
    remedy = "It was cut off: copy or export the file again"
    if len(data) % _CARD:
        raise InputError(str(file), "ends in the middle of a record", remedy)
    try:
        frame, about = pyreadstat.read_xport(str(file), output_format="polars")
    except UnicodeDecodeError:
        frame, about = pyreadstat.read_xport(
            str(file), output_format="polars", encoding="WINDOWS-1252"
        )
        notes.decide(f"{file.name}: text that is not UTF-8 was read as Windows-1252", 1)
    except Exception as error:  # pyreadstat's own classes are not public
        line = str(error).splitlines()[0] if str(error) else "cannot be read"
        raise InputError(str(file), f"is no whole transport file ({line})", remedy) from None
    width = sum(about.variable_storage_width.values())
    start = data.find(b"HEADER RECORD*******OBS") + _CARD
    rest = data[start + width * frame.height :]
    if len(rest) >= max(_CARD, width) or rest.strip(b" "):
        raise InputError(str(file), "its last row is not complete", remedy)
    return frame
