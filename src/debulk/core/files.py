"""Files written whole or not at all, and JSON that is the same to the byte."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain


def json_text(value: Any) -> str:
    """Canonical JSON: plain values, keys in their given order, two spaces, a final newline."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all: aside first, then renamed into place."""
    write_with(path, lambda aside: aside.write_text(text, encoding="utf-8", newline="\n"))


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, then rename it to `path`; on failure leave nothing.

    Raises
    ------
    InputError
        If the folder cannot be written to or the disk is full.
    """
    with writing_errors(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        aside = Path(name)
        try:
            write(aside)
            aside.chmod(0o666 & ~_umask())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def writing_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says about writing `path` into an InputError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            str(path),
            f"cannot be written ({reason})",
            "Choose another place, such as a folder of your own",
        ) from error


def exists(path: Path) -> bool:
    """Whether there is something at a path; nothing is, where its name is too long to be one."""
    return os.path.exists(path)


def output_folder(path: str | Path) -> Path:
    """Make a folder for results, and check at once that files can be written into it.

    Raises
    ------
    InputError
        If it is a file, cannot be made, or cannot be written to.
    """
    if not isinstance(path, str | Path):
        raise InputError("folder", f"{path!r:.60} is no path", "Give the path of a folder")
    path = Path(path)
    if "\0" in str(path):
        raise InputError("folder", f"{str(path)!r:.60} is no path", "Give the path of a folder")
    with writing_errors(path):
        if exists(path) and not path.is_dir():
            remedy = "Choose another place, such as a folder of your own"
            raise InputError(str(path), "is a file, not a folder", remedy)
        path.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".probe.", dir=path)
        os.close(handle)
        Path(name).unlink()
    return path


def path_of(value: Any, where: str) -> Path:
    """A path given as text or as a path.

    Parameters
    ----------
    value : str or Path
    where : str
        The argument's name.

    Raises
    ------
    InputError
        If it is neither.
    """
    if not isinstance(value, str | Path) or not str(value) or "\x00" in str(value):
        raise InputError(
            where, f"{f'{value!r}':.60} is not a path", "Give the path of a file or folder"
        )
    return Path(value)


def read_utf8(path: Path) -> str:
    """Text of a UTF-8 file.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, or it is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(str(path), "there is no such file", "Check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(str(path), f"cannot be read ({reason})", "Check the path") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}",
            f"byte {data[error.start]:#04x} is not UTF-8",
            "Save the file as UTF-8",
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
