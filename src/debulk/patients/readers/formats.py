"""Which format a path holds, and the reader that it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from debulk.core.errors import InputError, nearest
from debulk.core.files import path_of
from debulk.patients.cohort import Cohort
from debulk.survival.options import shown

Format = Literal["debulk", "cbioportal", "cdisc", "mcode", "omop", "mapped"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""The formats that a cohort can be read from."""

_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xls")


def read_any(
    path: str | Path, *, format: str = "auto", mapping: str | Path | None = None
) -> Cohort:
    """Read a cohort from any of the known formats.

    Parameters
    ----------
    path : str or Path
        A folder or a file; with a mapping file, the mapping itself or the folder it lies in.
    format : str
        ``auto``, or one of `FORMATS`.
    mapping : str or Path, optional
        A mapping file: of somebody's tables, or for ``omop`` of its concepts.

    Raises
    ------
    InputError
        If the format cannot be told, or on what the format's reader refuses.
    """
    given = path_of(path, "path")
    if not isinstance(format, str) or format not in ("auto", *FORMATS):
        known = ("auto", *FORMATS)
        raise InputError(
            "format", f"{shown(format)} is no format", nearest(f"{format!s:.60}", known)
        )
    if not given.exists():
        raise InputError(str(given), "there is no such file or folder", "Check the path")
    found = detected(given, mapped=mapping is not None) if format == "auto" else format
    if found == "omop":
        from debulk.patients.readers.omop import read_omop

        return read_omop(given, mapping=mapping)
    if found == "mapped":
        from debulk.patients.readers.mapping import read_mapped

        return read_mapped(given if mapping is None else mapping)
    if mapping is not None:
        raise InputError(
            "mapping", f"a {found} folder needs none", "Leave it out, or name the format omop"
        )
    return _reader(found)(given)


def detected(path: Path, *, mapped: bool = False) -> Format:
    """The format of a path, by the names of its files and the first bytes of a single file.

    Raises
    ------
    InputError
        If it looks like none of them; the message says what was looked for.
    """
    from debulk.patients.readers.cbioportal import looks_like_cbioportal

    names = {each.name.lower() for each in path.iterdir()} if path.is_dir() else set()
    stems = {name.rpartition(".")[0] for name in names}
    endings = {name.rpartition(".")[2] for name in names}
    if path.is_dir() and {"patients", "followup"} <= stems:
        return "debulk"
    if path.is_dir() and looks_like_cbioportal(path):
        return "cbioportal"
    if "person" in stems or path.suffix.lower() in (".duckdb", ".ddb"):
        return "omop"
    if {"dm", "adsl"} & stems:
        return "cdisc"
    if mapped or path.suffix.lower() in (".yaml", ".yml"):
        return "mapped"
    if endings & {"json", "ndjson"} or path.suffix.lower() in (".json", ".ndjson"):
        return "mcode"
    if path.suffix.lower() in _TABLES:
        remedy = f"Write a mapping with: debulk cohort map {path.name}, then read with --mapping"
        raise InputError(str(path), "is a table whose columns nobody has explained", remedy)
    raise InputError(
        str(path),
        "is no cohort, cBioPortal study, CDISC data, FHIR bundle or OMOP tables",
        "Name the format, or write a mapping file with: debulk cohort map",
    )


def _reader(found: str) -> Callable[[Path], Cohort]:
    if found == "cbioportal":
        from debulk.patients.readers.cbioportal import read_cbioportal

        return read_cbioportal
    if found == "cdisc":
        from debulk.patients.readers.cdisc import read_cdisc

        return read_cdisc
    if found == "mcode":
        from debulk.patients.readers.mcode import read_mcode

        return read_mcode
    from debulk.patients.reading import read_cohort

    return read_cohort
