"""The arms of one call: their options, their files, the patients rebuilt from them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from debulk.core.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from debulk.evidence.reconstruction.one_arm import Reconstruction


@dataclass(frozen=True)
class ArmOptions:
    """What was typed about one arm; `prefix` begins the names of its options."""

    file: Path | None
    curve: str | None
    percent: bool
    at_risk: str | None
    arm: str | None
    patients: int | None
    events: int | None
    prefix: str


@dataclass(frozen=True, eq=False)
class Arm:
    """One arm, read and rebuilt."""

    name: str
    clicks: pl.DataFrame
    at_risk: pl.DataFrame | None
    rebuilt: Reconstruction


def arms_of(first: ArmOptions, second: ArmOptions | None) -> tuple[Arm, ...]:
    """Read every file, then rebuild; all files are read before anything is computed.

    Raises
    ------
    InputError
        With the file or the option that is wrong.
    """
    options = [first] if second is None else [first, second]
    read = [_read(each) for each in options]
    names = _names(options)
    return tuple(
        Arm(name, clicks, at_risk, _rebuilt(each, clicks, at_risk))
        for name, each, (clicks, at_risk) in zip(names, options, read, strict=True)
    )


def _read(options: ArmOptions) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    from debulk.evidence.digitised.curves import read_digitised_curve
    from debulk.evidence.digitised.numbers_at_risk import read_at_risk

    assert options.file is not None
    clicks = read_digitised_curve(options.file, curve=options.curve, percent=options.percent)
    if options.at_risk is None and options.patients is None:
        found = "neither numbers at risk nor the number of patients is given"
        remedy = f"Add --{options.prefix}at-risk '0:213 10:122', or --{options.prefix}patients 213"
        raise InputError(str(options.file), found, remedy)
    at_risk = None if options.at_risk is None else read_at_risk(options.at_risk, arm=options.arm)
    return clicks, at_risk


def _rebuilt(
    options: ArmOptions, clicks: pl.DataFrame, at_risk: pl.DataFrame | None
) -> Reconstruction:
    from debulk.evidence.reconstruction.one_arm import reconstruct_arm

    with _naming(options):
        return reconstruct_arm(clicks, at_risk, events=options.events, patients=options.patients)


@contextlib.contextmanager
def _naming(options: ArmOptions) -> Iterator[None]:
    """Let complaints name the option or the file that an argument came from."""
    try:
        yield
    except InputError as error:
        argument, comma, rest = error.where.partition(",")
        places = {
            "curve": str(options.file),
            "at_risk": f"--{options.prefix}at-risk",
            "events": f"--{options.prefix}events",
            "patients": f"--{options.prefix}patients",
        }
        where = f"{places.get(argument, argument)}{comma}{rest}"
        raise InputError(where, error.found, error.remedy) from None


def _names(options: list[ArmOptions]) -> list[str]:
    """What the arms are called: by curve, arm or file, whichever tells them apart."""
    files = [each.file.stem if each.file else "" for each in options]
    for given in ([each.curve or each.arm for each in options], files):
        if all(given) and len(set(given)) == len(given):
            return [str(name) for name in given]
    return ["first", "against"]
