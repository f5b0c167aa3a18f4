"""Futures of one patient under each option, and the statement that not enough is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.board.futures.equipoise import Equipoise
from debulk.board.futures.measures import Price
from debulk.board.futures.spread import Interval
from debulk.core.provenance import Provenance
from debulk.core.results import plain


@dataclass(frozen=True)
class OptionFutures:
    """What follows under one option.

    Attributes
    ----------
    option, title : str
        Name, and in words.
    curves : mapping of str to mapping
        ``overall`` and ``progression_free``, the second None where the case has progressed:
        months, estimate, lower, upper.
    alive : mapping of int to Interval
        Alive after so many years, of 100.
    icons : mapping of int to mapping
        Whole patients of 100 after so many years: alive, dead, dead_within_90_days (part of the
        dead).
    median_months, median_progression_free_months, mean_months : Interval
        Medians (the second None where the case has progressed), and months of life up to the
        horizon of the settings.
    middle_80 : tuple of float
        Months between which the middle 80 of 100 patients die.
    price : Price or None
        Of local treatment.
    """

    option: str
    title: str
    curves: Mapping[str, Any]
    alive: Mapping[int, Interval]
    icons: Mapping[int, Mapping[str, int]]
    median_months: Interval
    median_progression_free_months: Interval | None
    mean_months: Interval
    middle_80: tuple[float, float]
    price: Price | None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "option": self.option,
            "title": self.title,
            "curves": plain(self.curves),
            "alive": [{"years": year, **each.to_dict()} for year, each in self.alive.items()],
            "icons": [{"years": year, **each} for year, each in self.icons.items()],
            "median_months": self.median_months.to_dict(),
            "median_progression_free_months": plain(self.median_progression_free_months),
            "mean_months": self.mean_months.to_dict(),
            "middle_80": plain(list(self.middle_80)),
            "price": plain(self.price),
        }


@dataclass(frozen=True)
class Difference:
    """One option less systemic therapy alone, in the same virtual patients.

    Attributes
    ----------
    option, against : str
    alive : mapping of int to Interval
        After so many years, of 100.
    median_months, median_progression_free_months, mean_months : Interval
        The second None where the case has progressed.
    benefit, little, harm : Interval
        Of 100 virtual patients, who live at least delta months longer, neither, or shorter, up to
        the horizon and under the same random numbers.
    """

    option: str
    against: str
    alive: Mapping[int, Interval]
    median_months: Interval
    median_progression_free_months: Interval | None
    mean_months: Interval
    benefit: Interval
    little: Interval
    harm: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "option": self.option,
            "against": self.against,
            "alive": [{"years": year, **each.to_dict()} for year, each in self.alive.items()],
            "median_months": self.median_months.to_dict(),
            "median_progression_free_months": plain(self.median_progression_free_months),
            "mean_months": self.mean_months.to_dict(),
            "benefit_of_100": self.benefit.to_dict(),
            "little_of_100": self.little.to_dict(),
            "harm_of_100": self.harm.to_dict(),
        }


@dataclass(frozen=True)
class Layers:
    """Chance, knowledge and model, told apart, of the patients alive after two years.

    Attributes
    ----------
    chance : mapping of str to tuple of float
        By option: months between which the middle 80 of 100 virtual patients die.
    knowledge : mapping of str to Interval
        By option, and ``difference``: of 100 alive after two years, what parameter draws of one
        structure differ by.
    model : mapping of str to list of mapping
        By option, and ``difference``: each structure's figure with its Monte Carlo error.
    left_out : tuple of str
        What all structures leave out.
    """

    chance: Mapping[str, tuple[float, float]]
    knowledge: Mapping[str, Interval]
    model: Mapping[str, list[dict[str, Any]]]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "chance": plain({name: list(each) for name, each in self.chance.items()}),
            "knowledge": plain(self.knowledge),
            "model": plain(self.model),
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Matched:
    """What the virtual patients were compared by, and how many there are.

    Attributes
    ----------
    on, not_on : tuple of str
        Features, in words.
    effective : float
        Effective number of virtual patients.
    drawn, followed : int
        In the library; and taken through each option.
    draws, draws_left_out : int
        Parameter draws with enough of them, and with too few.
    profile : tuple of mapping
        The case beside its virtual patients; see `debulk.board.futures.profile.profile_of`.
    """

    on: tuple[str, ...]
    not_on: tuple[str, ...]
    effective: float
    drawn: int
    followed: int
    draws: int
    draws_left_out: int
    profile: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(self.__dict__)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Futures:
    """Simulated futures of one patient.

    Attributes
    ----------
    options : tuple of OptionFutures
        Systemic therapy alone first.
    differences : tuple of Difference
        Of every other option.
    null_world : tuple of mapping
        For every other option: the same patients where local treatment is a sham, the largest
        difference of any patient's time of death in months, and how many had the sham.
    layers : Layers
    matched : Matched
    equipoise : Equipoise
    run_in_months : float
        On line 1 before the judgement.
    text : mapping of str to str
        The sentences of page, print and JSON.
    provenance : Provenance
    """

    options: tuple[OptionFutures, ...]
    differences: tuple[Difference, ...]
    null_world: tuple[Mapping[str, Any], ...]
    layers: Layers
    matched: Matched
    equipoise: Equipoise
    run_in_months: float
    text: Mapping[str, str]
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "state": "shown",
            "text": dict(self.text),
            "options": [each.to_dict() for each in self.options],
            "differences": [each.to_dict() for each in self.differences],
            "null_world": plain(list(self.null_world)),
            "layers": self.layers.to_dict(),
            "matched": self.matched.to_dict(),
            "run_in_months": plain(self.run_in_months),
            "provenance": self.provenance.to_dict(),
        }


@dataclass(frozen=True)
class NotEnoughKnown:
    """Why no futures are shown, and what can be said nevertheless.

    Attributes
    ----------
    reasons : tuple of mapping
        ``reason``, ``text``, ``fields``, ``change`` (what would change this).
    text : str
        All in one paragraph.
    still_known : tuple of str
    matched : Matched or None
        Where virtual patients were looked for.
    provenance : Provenance
    """

    reasons: tuple[Mapping[str, Any], ...]
    text: str
    still_known: tuple[str, ...]
    matched: Matched | None
    provenance: Provenance

    @property
    def equipoise(self) -> NotEnoughKnown:
        """Nothing can be said of it either, for the same reasons."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "state": "not_enough_known",
            "reasons": plain(list(self.reasons)),
            "text": self.text,
            "still_known": list(self.still_known),
            "matched": plain(self.matched),
            "provenance": self.provenance.to_dict(),
        }
