"""The sentences of the equipoise statement, from the strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from debulk.board.futures.equipoise import Equipoise
from debulk.core.strings import text


def with_text(statement: Equipoise, option: str) -> Equipoise:
    """The equipoise statement with its sentences.

    Parameters
    ----------
    statement : Equipoise
    option : str
        Name of the option compared with systemic therapy alone.
    """
    numbers: dict[str, Any] = {
        "option": text(f"futures.options.{option}"),
        "done": text(f"futures.done.{option}"),
        "gain": statement.gain,
        "little": statement.little,
        "loss": statement.loss,
        "delta": f"{statement.delta_months:g}",
        "years": f"{statement.horizon_months / 12:g}",
    }
    said = {
        "model": text("equipoise.model", verdict=_verdict(statement, numbers), **numbers),
        "settings": text("equipoise.settings", delta=numbers["delta"], leans_at=statement.leans_at),
        "noise": text(
            "equipoise.noise",
            share=f"{100 * statement.noise_share:.0f}",
            counted=", ".join(map(str, statement.counted)),
            se=f"{statement.monte_carlo_se_months:.1f}",
        ),
    }
    return replace(statement, text=said)


def open_to_patient(fits: Sequence[str], may_fit: Mapping[str, int]) -> str:
    """Which open studies fit, and which may once something is known.

    Parameters
    ----------
    fits : sequence of str
        Names of studies.
    may_fit : mapping of str to int
        Answers that are missing, by name of the study; 0 where nothing of it is judged.
    """
    known = text("equipoise.open.fits", names=_listed(fits)) if fits else ""
    parts = [known or text("equipoise.open.none")]
    may = [
        text("equipoise.open.may", count=missing, name=name)
        if missing
        else text("equipoise.open.may_plain", name=name)
        for name, missing in may_fit.items()
    ]
    if may:
        parts.append(_listed(may))
    return "; ".join(parts) + "."


def _verdict(statement: Equipoise, numbers: dict[str, Any]) -> str:
    return text(f"equipoise.verdicts.{statement.verdict}", **numbers)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
