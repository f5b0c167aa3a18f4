"""A published score: items, points, groups, population, sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from debulk.core.results import plain
from debulk.patients.columns import Column

Judged = Literal["before local treatment", "after local treatment"]
"""When an item can be known."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is published.

    Attributes
    ----------
    says : str
        What it is the source of.
    key : str
        Key of the row in the evidence tables; empty where none holds it.
    doi, pmid, address : str
        Identifiers of the work, and an address at which it was read; empty where not known.
    """

    says: str
    key: str = ""
    doi: str = ""
    pmid: str = ""
    address: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        names = ("says", "key", "doi", "pmid", "address")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Level:
    """Points given where a rule is true."""

    points: float
    rule: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a score.

    Attributes
    ----------
    id, text : str
        Short name, and what it says.
    judged : {"before local treatment", "after local treatment"}
        When it can be known.
    levels : tuple of Level
        Rules over the feature table and their points; the item gives the most points among those
        that are true, 0 where none is.
    value : str
        Name whose value itself is the points, for a score that is a measurement; then no levels.
    """

    id: str
    text: str
    judged: Judged
    levels: tuple[Level, ...] = ()
    value: str = ""

    @property
    def most(self) -> float:
        """The most points it can give; infinite for a measurement."""
        return float("inf") if self.value else max(each.points for each in self.levels)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        made: dict[str, Any] = {"id": self.id, "text": self.text, "judged": self.judged}
        if self.value:
            return made | {"value": self.value}
        return made | {
            "levels": [{"points": each.points, "rule": each.rule} for each in self.levels]
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A risk group: points from `least` up to the next group's."""

    name: str
    least: float


@dataclass(frozen=True, slots=True)
class Published:
    """Survival that was published for patients of a group or with some points.

    Attributes
    ----------
    measure : {"survival", "median_months"}
        A share alive, or a median in months.
    value : float
        The share (0 to 1) or the months.
    months : float or None
        Time of the share.
    outcome : str
        What was survived, such as overall or cancer-specific survival.
    group : str
        Name of the group, ``"all"`` for everybody, empty where points are given.
    points : float or None
        Points of the patients meant.
    source : Source
        Where it stands.
    """

    measure: Literal["survival", "median_months"]
    value: float
    months: float | None
    outcome: str
    group: str
    points: float | None
    source: Source

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        names = ("measure", "value", "months", "outcome", "group", "points")
        made = {name: plain(getattr(self, name)) for name in names}
        return made | {"source": self.source.to_dict()}


@dataclass(frozen=True)
class Score:
    """A published score as its file holds it.

    Attributes
    ----------
    name, title : str
        Name in options, name for people.
    year : int or None
        Of publication.
    sources : tuple of Source
        The formula's first.
    population : str
        Patients it was made in, in words.
    within : str
        Rule that tells, as far as a cohort can, who belongs to that population; empty where none.
    outcome : str
        What it predicts.
    horizon_months : float
        Time at which groups are shown by default.
    items : tuple of Item
    groups : tuple of Group
        By rising points; none for a score without published groups.
    published : tuple of Published
        Survival by group, from sources that may be calibrated to.
    inputs : dict of str to Column
        Columns of the patients table that it needs beyond those with a meaning.
    input_texts : dict of str to str
        What each of those holds.
    unknown : str
        What its publication, or this program, does where an item is unknown.
    notes : tuple of str
        What a reader must know, such as where two sources differ.
    """

    name: str
    title: str
    year: int | None
    sources: tuple[Source, ...]
    population: str
    within: str
    outcome: str
    horizon_months: float
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    published: tuple[Published, ...]
    inputs: dict[str, Column]
    input_texts: dict[str, str]
    unknown: str
    notes: tuple[str, ...] = ()

    @property
    def highest(self) -> float:
        """The most points it can give; infinite for a measurement."""
        return sum(each.most for each in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "year": self.year,
            "sources": [each.to_dict() for each in self.sources],
            "population": self.population,
            "within": self.within,
            "outcome": self.outcome,
            "horizon_months": self.horizon_months,
            "items": [each.to_dict() for each in self.items],
            "groups": [{"name": each.name, "least": each.least} for each in self.groups],
            "published": [each.to_dict() for each in self.published],
            "inputs": dict(self.input_texts),
            "unknown": self.unknown,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class WantedScore:
    """A published score that cannot be computed here, and what is missing.

    Attributes
    ----------
    name, title : str
    missing : str
        What is not known of it.
    source : Source
        Where it was published, as far as known.
    """

    name: str
    title: str
    missing: str
    source: Source

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "missing": self.missing,
            "source": self.source.to_dict(),
        }
