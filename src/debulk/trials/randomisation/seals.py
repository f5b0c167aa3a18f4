"""The seal of a list: hashes of the file and of each row, with what the list was drawn from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import json_text, read_utf8, write_text, writing_errors

SCHEME = 1
"""How rows are drawn from a seed; raised when the same seed would give another list."""

SEALED = ("format", "scheme", "version", "seed", "seed_source", "settings", "sha256", "chain")
"""What a seal holds, apart from its own digest."""


def make_seal(text: str, settings: dict[str, Any], seed: int, seed_source: str) -> dict[str, Any]:
    """Seal the bytes of a list.

    Parameters
    ----------
    text : str
        The list as CSV.
    settings : dict
        What it holds, as plain values.
    seed : int
        Its seed, sealed as text, since it may exceed what JSON's readers keep exactly.
    seed_source : str
        Where the seed came from.

    Returns
    -------
    dict
        `SEALED`, with ``chain`` one hash a line (each over the hash before it and the line), and
        ``digest``, the SHA-256 of all the others as canonical JSON.
    """
    from debulk import __version__

    data = text.encode("utf-8")
    seal = {
        "format": "debulk randomisation list",
        "scheme": SCHEME,
        "version": __version__,
        "seed": str(seed),
        "seed_source": seed_source,
        "settings": settings,
        "sha256": hashlib.sha256(data).hexdigest(),
        "chain": hash_chain(lines_of(data)),
    }
    return {**seal, "digest": digest_of(seal)}


def digest_of(seal: dict[str, Any]) -> str:
    """SHA-256 over what a seal holds, as canonical JSON with sorted keys."""
    held = {name: seal[name] for name in SEALED}
    text = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def lines_of(data: bytes) -> list[bytes]:
    """The lines of a list; no field of it holds a line end."""
    return data.removesuffix(b"\n").split(b"\n")


def hash_chain(lines: list[bytes]) -> list[str]:
    """SHA-256 of each line after the hash of the line before it."""
    links: list[str] = []
    before = ""
    for line in lines:
        before = link(before, line)
        links.append(before)
    return links


def link(before: str, line: bytes) -> str:
    """One link of the chain."""
    return hashlib.sha256(before.encode("ascii") + b"\n" + line).hexdigest()


def seal_path(path: Path) -> Path:
    """Where the seal of a list lies."""
    return path.with_name(path.name + ".seal.json")


def new_file(path: str | Path) -> Path:
    """A path at which nothing is yet, in a folder that is there.

    Raises
    ------
    InputError
        If the path is none, something is there, or its folder is missing.
    """
    if not isinstance(path, str | Path) or not str(path) or "\x00" in str(path):
        raise InputError("path", f"{path!r} is not a path", "Give the name of a file")
    found = Path(path)
    with writing_errors(found):
        there, folder = found.is_symlink() or found.exists(), found.parent.is_dir()
    if there:
        raise InputError(
            str(path), "exists already, and a list is never overwritten", "Give another name"
        )
    if not folder:
        raise InputError(str(path), "lies in no existing folder", "Make the folder first")
    return found


def write_file(path: Path, content: str | dict[str, Any], *, private: bool) -> None:
    """Write a text, or a JSON object, that only its owner may read if it is private."""
    write_text(path, content if isinstance(content, str) else json_text(content))
    if private:
        path.chmod(0o600)


def read_seal(path: Path) -> dict[str, Any]:
    """Read a seal and check that it holds what a seal holds.

    Raises
    ------
    InputError
        If there is none or it cannot be read as one.
    """
    text = read_utf8(path)
    try:
        seal = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            str(path), "is not JSON", "Use the seal that came with the list"
        ) from error
    kinds = {"settings": dict, "chain": list, "scheme": int, "sha256": str, "digest": str}
    if (
        not isinstance(seal, dict)
        or set(seal) != {*SEALED, "digest"}
        or not all(isinstance(seal[name], kind) for name, kind in kinds.items())
        or not all(isinstance(each, str) and each.isascii() for each in seal["chain"])
    ):
        raise InputError(
            str(path), "is not the seal of a list", "Use the seal that came with the list"
        )
    return seal
