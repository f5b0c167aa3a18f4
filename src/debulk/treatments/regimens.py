"""Cards of systemic regimens: each number with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from debulk.core.provenance import Parameter
from debulk.treatments.cards import Entry, Sourced, entry_parameters, entry_sources

Addition = Literal["alone", "bevacizumab", "cetuximab", "panitumumab"]
ADDITIONS: tuple[Addition, ...] = ("alone", "bevacizumab", "cetuximab", "panitumumab")
"""What a backbone is given with."""

OUTCOMES = ("response_rate", "early_shrinkage", "pfs_months", "os_months")
"""What trials of a regimen reported, as far as a card has it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What trials of a regimen reported in one line of therapy; None where nothing was seen.

    Attributes
    ----------
    response_rate : Sourced or None
        Share of patients with a response.
    early_shrinkage : Sourced or None
        Share whose lesions shrank by 30 % or more within about eight weeks.
    pfs_months, os_months : Sourced or None
        Median progression-free and overall survival.
    """

    response_rate: Sourced[float] | None = None
    early_shrinkage: Sourced[float] | None = None
    pfs_months: Sourced[float] | None = None
    os_months: Sourced[float] | None = None


@dataclass(frozen=True, slots=True)
class Regimen:
    """A systemic regimen.

    Attributes
    ----------
    name, title : str
        Name in files and options; name for people.
    backbone : str
        The chemotherapy.
    addition : str
        alone, bevacizumab, cetuximab or panitumumab.
    lines : tuple of int
        Lines of therapy in which it is used.
    requires_ras_wild_type : bool
        Whether only patients without a RAS mutation are given it.
    cycle_days : Sourced
        Days a cycle takes.
    kill_factor : Sourced
        Kill of drug-sensitive cells relative to that of a doublet alone.
    outcomes : mapping of int to Outcome
        What trials reported, by line of therapy.
    """

    name: str
    title: str
    backbone: str
    addition: Addition
    lines: tuple[int, ...]
    requires_ras_wild_type: bool
    cycle_days: Sourced[float]
    kill_factor: Sourced[float]
    outcomes: Mapping[int, Outcome]

    def entries(self) -> dict[str, Entry]:
        """Every sourced entry by its path within the card."""
        found: dict[str, Entry] = {
            "cycle_days": self.cycle_days,
            "kill_factor": self.kill_factor,
        }
        for line, outcome in self.outcomes.items():
            for name in OUTCOMES:
                entry = getattr(outcome, name)
                if entry is not None:
                    found[f"line_{line}.{name}"] = entry
        return found

    def sources(self) -> Iterator[tuple[str, str]]:
        """Dotted path and evidence key of every entry that has one."""
        yield from entry_sources(f"regimens.{self.name}", self.entries())

    def parameters(self) -> Iterator[Parameter]:
        """Every entry as a parameter of a result's provenance."""
        yield from entry_parameters(f"regimens.{self.name}", self.entries())
