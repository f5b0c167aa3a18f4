"""`debulk trial randomise`: draw a stratified randomisation list, or check one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from debulk.trials.randomisation.lists import RandomisationList

GUESSABLE_SEED = 2**64
"""Below this a chosen seed is called out: trying every one is thinkable."""


_OPTIONS = {
    "arms": "--arm",
    "strata": "--stratum",
    "block_sizes": "--block-size",
    **{name: f"--{name}" for name in ("patients", "allocation", "seed")},
}


def randomise(
    arms: Annotated[
        list[str] | None,
        typer.Option("--arm", metavar="NAME", help="An arm, control first; repeat it."),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option(help="Places in the list of each stratum, at least; blocks are completed."),
    ] = None,
    strata: Annotated[
        list[str] | None,
        typer.Option(
            "--stratum",
            metavar="NAME=LEVEL,LEVEL",
            help="A stratifying characteristic with its levels; may be repeated.",
        ),
    ] = None,
    block_sizes: Annotated[
        list[int] | None,
        typer.Option(
            "--block-size",
            metavar="N",
            help="Size of a block; several are mixed at random. Default: 4 and 6.",
        ),
    ] = None,
    allocation: Annotated[
        str,
        typer.Option(
            metavar="RATIO", help="Experimental : control (second : first arm), as 2 or 2:1."
        ),
    ] = "1",
    seed: Annotated[
        int | None,
        typer.Option(
            help="A number from which the list is drawn. Leave it out for a real trial: the "
            "system then draws one of 256 bits, kept in the seal alone."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File of the list; never overwritten."),
    ] = None,
    blinded: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the list without arms too; a fingerprint (hash) of each arm lets it be "
            "checked later.",
        ),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Check a list against its seal instead of drawing one; only with --digest.",
        ),
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(
            metavar="SHA-256", help="With --verify: the seal's digest as deposited at the start."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a stratified randomisation list in permuted blocks and seal it; or check one.

    The seal is a file beside the list with its SHA-256 digest: whoever changes a row is found out.
    """
    if verify is not None:
        if (
            arms
            or strata
            or block_sizes
            or not all(each is None for each in (patients, seed, out, blinded))
        ):
            raise typer.BadParameter("goes with --digest and --json only", param_hint="--verify")
        _verify(verify, digest, as_json)
        return
    if digest is not None:
        raise typer.BadParameter("needs --verify", param_hint="--digest")
    if not arms or patients is None or out is None:
        missing = [("--arm", arms), ("--patients", patients), ("--out", out)]
        names = " ".join(name for name, value in missing if value is None or value == [])
        raise typer.BadParameter("is missing (or give --verify)", param_hint=names)
    from debulk.reports.design.asking.reading import ratio
    from debulk.trials.randomisation.lists import randomisation_list

    with naming_options(_OPTIONS):
        drawn = randomisation_list(
            arms,
            patients,
            strata=_strata(strata or []),
            allocation=ratio(allocation, "--allocation"),
            block_sizes=block_sizes or (4, 6),
            seed=seed,
        )
    files = drawn.write(out, blinded=blinded)
    if seed is not None and seed < GUESSABLE_SEED:
        messages().print(
            "The seed is short: whoever tries numbers can remake the list. "
            "For a real trial leave --seed out."
        )
    found = _summary(drawn, seed, files)
    if as_json:
        print_json(found)
        return
    _print_summary(found)


def _strata(given: list[str]) -> dict[str, list[str]]:
    from debulk.core.errors import InputError

    strata: dict[str, list[str]] = {}
    for each in given:
        name, equals, levels = each.partition("=")
        if not equals:
            raise InputError("--stratum", f"{each!r} has no =", "Give NAME=LEVEL,LEVEL")
        if name.strip() in strata:
            raise InputError("--stratum", f"{name!r} stands there twice", "Give each name once")
        strata[name.strip()] = [level.strip() for level in levels.split(",")]
    return strata


def _summary(drawn: RandomisationList, seed: int | None, files: dict[str, Path]) -> dict[str, Any]:
    """What may be told of a list; never a row, nor a seed that the user did not choose."""
    from debulk import __version__
    from debulk.core.provenance import Provenance

    seal = drawn.seal
    return {
        "rows": len(drawn.rows),
        "settings": drawn.settings.to_dict(),
        "seed": None if seed is None else str(seed),
        "seed_source": drawn.seed_source,
        "sha256": seal["sha256"],
        "digest": seal["digest"],
        "balance": drawn.balance().to_dict(),
        "files": {name: str(path) for name, path in files.items()},
        "provenance": Provenance(version=__version__, seed=seed).to_dict(),
    }


def _print_summary(found: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    balance = found["balance"]
    arms = map(escape, balance["patients"])
    table = Table("stratum", *arms, "largest imbalance", box=None, pad_edge=False)
    for each in balance["strata"]:
        counts = map(str, each["patients"].values())
        table.add_row(escape(each["stratum"]), *counts, f"{each['largest_imbalance']:.3g}")
    console = answers()
    console.print(table)
    console.print()
    console.print(
        f"{found['rows']} places in {len(balance['strata'])} strata. If every stratum stops at its "
        f"worst place, an arm is off by {balance['worst_imbalance']:.3g} patients at the most.\n"
        f"Who knows all earlier assignments guesses {balance['guessed']:.1%} of the next rightly, "
        f"who also knows where blocks end {balance['guessed_knowing_blocks']:.1%}; by chance it is "
        f"{balance['by_chance']:.1%}.".replace("%", " %"),
        markup=False,
        highlight=False,
    )
    console.print()
    for name, path in found["files"].items():
        console.print(f"{name:8} {path}", soft_wrap=True, markup=False, highlight=False)
    console.print(f"digest   {found['digest']}", soft_wrap=True, highlight=False)
    console.print("Deposit the digest where it cannot be changed; the list is checked against it.")


def _verify(path: Path, digest: str | None, as_json: bool) -> None:
    from debulk.core.errors import InputError
    from debulk.trials.randomisation.verification import verify_list

    found = verify_list(path, digest=digest)
    if as_json:
        print_json(found.to_dict())
    if not found.untouched:
        remedy = "Do not randomise with it; go back to the copy that was deposited"
        raise InputError(str(path), "; ".join(found.problems), remedy)
    if as_json:
        return
    checked = "against the digest given" if digest else "against its own seal alone"
    if not found.remade:
        checked += "; its seed was not tried, since another scheme of drawing made it"
    answers().print(
        f"{path}: untouched ({found.rows} rows), checked {checked}.\ndigest   {found.digest}",
        soft_wrap=True,
        markup=False,
        highlight=False,
    )
