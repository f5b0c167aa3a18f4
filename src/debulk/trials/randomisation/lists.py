"""Stratified randomisation lists for real trials."""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.randomisation.checks import whole
from debulk.trials.randomisation.entropy import SEED_BYTES, Draws, salt
from debulk.trials.randomisation.guesses import ListBalance, list_balance
from debulk.trials.randomisation.list_settings import ListSettings, list_settings, stratum_label
from debulk.trials.randomisation.seals import make_seal, new_file, seal_path, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

LARGEST_LIST_SEED = 2 ** (8 * SEED_BYTES) - 1
"""Largest seed of a list."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One place of a list.

    Attributes
    ----------
    row : int
        Number in the file, from 1.
    levels : tuple of str
        Level of each stratifying characteristic.
    sequence, block : int
        Place and block in the stratum, from 1.
    block_size : int
        Size of that block.
    arm : str
        The arm.
    code : str
        Random code of the place (of a kit), which tells nothing of the arm.
    """

    row: int
    levels: tuple[str, ...]
    sequence: int
    block: int
    block_size: int
    arm: str
    code: str

    @property
    def stratum(self) -> str:
        """The levels in one text; "all" without strata."""
        return stratum_label(self.levels)


@dataclass(frozen=True, slots=True)
class RandomisationList:
    """A randomisation list. It shows the arms: keep it from those who include patients.

    Attributes
    ----------
    settings : ListSettings
        What it holds.
    seed : int
        Seed from which it was drawn.
    seed_source : {"chosen", "system entropy"}
        Where the seed came from.
    rows : tuple of ListRow
        The places, by stratum and sequence.
    """

    settings: ListSettings
    seed: int
    seed_source: str
    rows: tuple[ListRow, ...]

    @property
    def table(self) -> pl.DataFrame:
        """The list as a frame, with the columns of the file."""
        return _frame(self.text())

    @property
    def seal(self) -> dict[str, Any]:
        """What seals the list: hashes of file and rows, seed, settings, version."""
        return make_seal(self.text(), self.settings.to_dict(), self.seed, self.seed_source)

    def text(self) -> str:
        """The list as CSV, the same to the byte for one seed and one request."""
        names = [name for name, _ in self.settings.strata]
        header = ["row", *names, "stratum", "sequence", "block", "block_size", "arm", "code"]
        return _csv(
            header,
            (
                [
                    *(each.row, *each.levels, each.stratum, each.sequence),
                    *(each.block, each.block_size, each.arm, each.code),
                ]
                for each in self.rows
            ),
        )

    def blinded_text(self) -> str:
        """The list as CSV without arm and block, each row with a commitment to its arm.

        The commitment is the SHA-256 of secret salt, code and arm: it shows nothing, and its
        `opening` proves that the arm stood there before.
        """
        names = [name for name, _ in self.settings.strata]
        return _csv(
            ["row", *names, "stratum", "sequence", "code", "commitment"],
            (
                [
                    *(each.row, *each.levels, each.stratum, each.sequence, each.code),
                    commitment(each.code, each.arm, salt(self.seed, each.row)),
                ]
                for each in self.rows
            ),
        )

    def opening(self, row: int) -> dict[str, Any]:
        """What opens one row of the blinded list: its code, arm and salt.

        Parameters
        ----------
        row : int
            Number of the row, from 1.

        Returns
        -------
        dict
            ``{"row", "code", "arm", "salt"}``, for `verify_opening`.

        Raises
        ------
        InputError
            If the list has no such row.
        """
        place = self.rows[whole(row, "row", 1, len(self.rows)) - 1]
        return {
            "row": place.row,
            "code": place.code,
            "arm": place.arm,
            "salt": salt(self.seed, place.row),
        }

    def balance(self) -> ListBalance:
        """Imbalance by stratum and overall, and how well assignments can be guessed."""
        return list_balance([(each.levels, each.arm) for each in self.rows], self.settings)

    def write(self, path: str | Path, *, blinded: str | Path | None = None) -> dict[str, Path]:
        """Write the list as CSV, beside it its seal, and the blinded list if wanted.

        Each file is written whole or not at all, and none is ever overwritten. List and seal can
        be read by their owner only, where the system knows owners.

        Parameters
        ----------
        path : str or Path
            File of the list; the seal is called the same with ``.seal.json`` appended.
        blinded : str, Path or None
            File of the blinded list.

        Returns
        -------
        dict of str to Path
            ``"list"``, ``"seal"`` and, if wanted, ``"blinded"``.

        Raises
        ------
        InputError
            If a file exists already or cannot be written.
        """
        files = {"seal": seal_path(new_file(path)), "list": new_file(path)}
        new_file(files["seal"])
        if blinded is not None:
            files["blinded"] = new_file(blinded)
            if len({each.resolve() for each in files.values()}) < len(files):
                raise InputError(str(blinded), "is another of the files", "Give another name")
        contents: dict[str, str | dict[str, Any]] = {
            "seal": self.seal,
            "list": self.text(),
            "blinded": self.blinded_text(),
        }
        written: list[Path] = []
        try:
            for name, file in files.items():
                written.append(file)
                write_file(file, contents[name], private=name != "blinded")
        except BaseException:
            # All or none: a seal without its list would only stand in the way of the next try.
            for file in written:
                file.unlink(missing_ok=True)
            raise
        return files

    def to_dict(self) -> dict[str, Any]:
        """Rows and settings as plain values. It holds seed and arms: keep it closed."""
        return {
            "settings": self.settings.to_dict(),
            "seed": self.seed,
            "seed_source": self.seed_source,
            "rows": [plain(each) | {"stratum": each.stratum} for each in self.rows],
        }


def randomisation_list(
    arms: Sequence[str],
    patients: int,
    *,
    strata: Mapping[str, Sequence[str]] | None = None,
    allocation: float | Mapping[str, int] = 1.0,
    block_sizes: Sequence[int] = (4, 6),
    seed: int | None = None,
) -> RandomisationList:
    """Draw a stratified randomisation list in permuted blocks.

    Parameters
    ----------
    arms : sequence of str
        Names of the arms, control first; at least two.
    patients : int
        Places that the list of *each* stratum holds at least, since nobody knows beforehand from
        which stratum patients come; the last block is always complete.
    strata : mapping of str to sequence of str, or None
        Stratifying characteristics and their levels; every combination is a stratum.
    allocation : float or mapping of str to int
        For two arms second : first (experimental : control); or each arm's part by name.
    block_sizes : sequence of int
        Block sizes, drawn with equal probability; each must hold the allocation exactly.
    seed : int or None
        0 to 2**256 - 1. None takes 256 bits from the system's entropy, kept in the seal only. A
        small number can be guessed: for a real trial leave it out, or take one as long.

    Returns
    -------
    RandomisationList

    Raises
    ------
    InputError
        If an argument is not allowed, or the list would have more than 100 000 rows.
    """
    if seed is None:
        chosen, source = int.from_bytes(secrets.token_bytes(SEED_BYTES), "big"), "system entropy"
    else:
        chosen, source = whole(seed, "seed", 0, LARGEST_LIST_SEED), "chosen"
    settings = list_settings(arms, patients, strata, allocation, block_sizes)
    return RandomisationList(settings, chosen, source, _rows(settings, chosen))


def verify_opening(sealed: str, opening: Mapping[str, Any]) -> bool:
    """Whether an opening is that of a row's commitment.

    Parameters
    ----------
    sealed : str
        The commitment, as the blinded list shows it.
    opening : mapping
        As `RandomisationList.opening` gives it.

    Raises
    ------
    InputError
        If the opening lacks code, arm or salt.
    """
    known = opening if isinstance(opening, Mapping) else {}
    parts = [known.get(name) for name in ("code", "arm", "salt")]
    if not all(isinstance(each, str) for each in parts):
        raise InputError("opening", "lacks code, arm or salt as text", "Give what opening() gave")
    return secrets.compare_digest(commitment(*map(str, parts)).encode(), str(sealed).encode())


def commitment(code: str, arm: str, secret: str) -> str:
    """SHA-256 over salt, code and arm, each on a line of its own."""
    return hashlib.sha256(f"{secret}\n{code}\n{arm}".encode()).hexdigest()


def _rows(settings: ListSettings, seed: int) -> tuple[ListRow, ...]:
    rows: list[ListRow] = []
    places: list[tuple[tuple[str, ...], int, int, int, str]] = []
    for number, levels in enumerate(settings.combinations):
        draws = Draws(seed, f"stratum {number}")
        sequence, block = 0, 0
        while sequence < settings.patients:
            size = settings.block_sizes[draws.below(len(settings.block_sizes))]
            block += 1
            for arm in _block(settings, size, draws):
                sequence += 1
                places.append((levels, sequence, block, size, arm))
    codes = _codes(len(places), seed)
    for row, (place, code) in enumerate(zip(places, codes, strict=True), start=1):
        rows.append(ListRow(row, *place, code))
    return tuple(rows)


def _block(settings: ListSettings, size: int, draws: Draws) -> list[str]:
    """One block: each arm as often as its part says, in a random order."""
    times = size // sum(settings.parts)
    arms = [
        arm
        for arm, part in zip(settings.arms, settings.parts, strict=True)
        for _ in range(part * times)
    ]
    draws.shuffle(arms)
    return arms


def _codes(count: int, seed: int) -> list[str]:
    """Distinct random numbers, all of one length, with room for ten times as many."""
    digits = max(4, len(str(count * 10)))
    draws = Draws(seed, "codes")
    taken: dict[str, None] = {}
    while len(taken) < count:
        taken[str(10 ** (digits - 1) + draws.below(9 * 10 ** (digits - 1)))] = None
    return list(taken)


def _csv(header: list[str], rows: Any) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def _frame(text: str) -> pl.DataFrame:
    import polars as pl

    whole_numbers = {each: pl.Int64 for each in ("row", "sequence", "block", "block_size")}
    frame = pl.read_csv(io.StringIO(text), infer_schema=False)
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in whole_numbers.items())
