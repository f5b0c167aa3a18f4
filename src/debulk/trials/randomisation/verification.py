"""Whether a randomisation list is untouched, and if not, where it was changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.trials.randomisation.list_settings import ListSettings
from debulk.trials.randomisation.lists import LARGEST_LIST_SEED, randomisation_list
from debulk.trials.randomisation.seals import (
    SCHEME,
    digest_of,
    lines_of,
    link,
    read_seal,
    seal_path,
)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a list found.

    Attributes
    ----------
    untouched : bool
        Whether list and seal are as they were written.
    problems : tuple of str
        What is wrong, in words.
    changed_rows : tuple of int
        Numbers of the rows that were changed (0 is the header); where rows were added or
        removed, the first that is not where it was.
    rows : int
        Rows in the file.
    remade : bool
        Whether the list was drawn again from the sealed seed and compared; only a seal of this
        program's scheme can be.
    digest : str
        Digest of the seal, to compare with the one deposited when the list was made.
    """

    untouched: bool
    problems: tuple[str, ...]
    changed_rows: tuple[int, ...]
    rows: int
    remade: bool
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "untouched": self.untouched,
            "problems": list(self.problems),
            "changed_rows": list(self.changed_rows),
            "rows": self.rows,
            "remade": self.remade,
            "digest": self.digest,
        }


def verify_list(path: str | Path, *, digest: str | None = None) -> Verification:
    """Check a list against its seal, and the seal against itself, its seed and a deposited digest.

    Parameters
    ----------
    path : str or Path
        The list's file; its seal lies beside it.
    digest : str or None
        The seal's digest as it was deposited when the list was made. Without it, someone who can
        change both files and knows this program could put another list in place of the first.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If a file is missing or the seal is none.
    """
    if not isinstance(path, str | Path) or not str(path) or "\x00" in str(path):
        raise InputError("path", f"{path!r} is not a path", "Give the list's file")
    if digest is not None and not isinstance(digest, str):
        raise InputError("digest", f"{digest!r} is not a text", "Give the digest as deposited")
    file = Path(path)
    data = _bytes(file)
    seal = read_seal(seal_path(file))
    found = digest_of(seal)
    problems = []
    if found != seal["digest"]:
        problems.append("the seal was changed")
    if digest is not None and digest.strip().lower() != found:
        problems.append("the seal is not the one whose digest was deposited")
    changed: tuple[int, ...] = ()
    if hashlib.sha256(data).hexdigest() != seal["sha256"]:
        changed, problem = _changes(data, seal["chain"])
        problems.append(problem)
    elif _changes(data, seal["chain"])[0]:
        problems.append("the seal's hashes of file and rows do not agree")
    remade = seal["scheme"] == SCHEME
    if remade and hashlib.sha256(_again(seal)).hexdigest() != seal["sha256"]:
        problems.append("the sealed seed and settings give another list")
    return Verification(
        untouched=not problems,
        problems=tuple(problems),
        changed_rows=changed,
        rows=len(lines_of(data)) - 1,
        remade=remade,
        digest=found,
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise InputError(str(file), "there is no such file", "Check the path") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(str(file), f"cannot be read ({reason})", "Check the path") from error


def _changes(data: bytes, chain: list[str]) -> tuple[tuple[int, ...], str]:
    """Rows that do not fit their links, and what that means in words."""
    lines = lines_of(data)
    if data.count(b"\r\n") and not _misfits(lines_of(data.replace(b"\r\n", b"\n")), chain):
        return (), "line ends were changed, and nothing else"
    misfits = _misfits(lines, chain)
    if len(lines) != len(chain):
        first = misfits[0] if misfits else min(len(lines), len(chain))
        found = f"the file has {len(lines) - 1} rows, {len(chain) - 1} were sealed"
        return (first,), f"{found}; the first that is not where it was is row {first}"
    if not misfits:
        return (), "the end of the file was changed"
    shown = ", ".join(map(str, misfits[:10])) + (" and others" if len(misfits) > 10 else "")
    return tuple(misfits), f"changed: row {shown}" + (" (0: header)" if 0 in misfits else "")


def _misfits(lines: list[bytes], chain: list[str]) -> list[int]:
    """Numbers of the lines that do not follow the sealed link before them; all if one is off."""
    before = ["", *chain]
    return [
        number
        for number, (line, sealed) in enumerate(zip(lines, chain, strict=False))
        if link(before[number], line) != sealed
    ]


def _again(seal: dict[str, Any]) -> bytes:
    """The bytes of the list that a seal's seed and settings give; nothing if they give none."""
    held = seal["settings"]
    seed = seal["seed"]
    if not isinstance(seed, str) or not seed.isdecimal() or len(seed) > len(str(LARGEST_LIST_SEED)):
        return b""
    if set(held) != set(ListSettings(("",), (1,), 1, (), (1,)).to_dict()):
        return b""
    arms, parts = held["arms"], held["parts"]
    if not isinstance(arms, list) or not isinstance(parts, list) or len(arms) != len(parts):
        return b""
    try:
        again = randomisation_list(
            arms,
            held["patients_per_stratum"],
            strata=held["strata"] or None,
            allocation=dict(zip(arms, parts, strict=True)),
            block_sizes=held["block_sizes"],
            seed=int(seed),
        )
    except (InputError, TypeError):
        return b""
    return again.text().encode("utf-8")
