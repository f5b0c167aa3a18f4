"""Cards of local modalities and of the panel that judges them: each number with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar

from debulk.core.provenance import Parameter, Status

Value = TypeVar("Value", float, str)

SIZE_EDGES_MM = (20.0, 30.0, 50.0)
"""Upper bounds, in millimetres, of the first three size classes; the fourth is open."""

SIZE_CLASSES = ("up_to_20_mm", "over_20_to_30_mm", "over_30_to_50_mm", "over_50_mm")
"""Names of the four size classes, as cards and ``--set`` write them."""

NearVessel = Literal["ok", "reduced control", "not possible"]
NEAR_VESSEL: tuple[NearVessel, ...] = ("not possible", "reduced control", "ok")
"""How a modality fares beside a large vessel; the position is its code in kernels."""

Session = Literal["abdomen", "chest", "percutaneous", "external"]
SESSIONS: tuple[Session, ...] = ("abdomen", "chest", "percutaneous", "external")
"""Kinds of session; what falls into one is done at one time."""

Approach = Literal["open", "minimally invasive", "percutaneous", "external"]
Kind = Literal["removes", "destroys", "radiates", "embolises"]

NO_KEY = frozenset({"assumption", "user"})
"""Sources that are no key of an evidence row."""

NUMBERS = (
    "max_diameter_mm",
    "mortality_90_days",
    "major_complication",
    "pause_before_days",
    "pause_after_days",
    "resume_probability",
    "surge",
    "recovery_weeks",
)
"""Fields that every modality card gives as one number."""


def size_class(diameter_mm: float) -> int:
    """Position in `SIZE_CLASSES` of a diameter in millimetres; a bound belongs to the class below.

    >>> [size_class(each) for each in (20.0, 20.1, 50.0, 51.0)]
    [0, 1, 2, 3]
    """
    return sum(diameter_mm > edge for edge in SIZE_EDGES_MM)


@dataclass(frozen=True, slots=True)
class Sourced(Generic[Value]):
    """One number or word of a card, and where it comes from.

    Attributes
    ----------
    value : float or str
        The number or word.
    source : str
        Keys of evidence rows joined by ``;``, ``"assumption"``, or ``"user"``.
    note : str
        How the value follows from the source; for an assumption, why it was made.
    unit : str
        The unit, empty for a probability, a share or a word.
    status : {"default", "derived", "chosen"}
        Whether the card gives the value as found, derives it, or a user chose it.
    """

    value: Value
    source: str
    note: str = ""
    unit: str = ""
    status: Status = "default"

    def keys(self) -> tuple[str, ...]:
        """Keys of the evidence rows behind the value; none for an assumption."""
        parts = (each.strip() for each in self.source.split(";"))
        return tuple(each for each in parts if each and each not in NO_KEY)

    def chosen(self, value: Value) -> Sourced[Value]:
        """The same entry with a value that the user chose."""
        note = f"in place of {self.value} ({self.source})"
        return replace(self, value=value, source="user", note=note, status="chosen")


Entry = Sourced[float] | Sourced[str]
BySize = tuple[Sourced[float], Sourced[float], Sourced[float], Sourced[float]]


@dataclass(frozen=True, slots=True)
class Modality:
    """A local treatment of metastases.

    Attributes
    ----------
    name, title : str
        Name in files and options; name for people.
    approaches : tuple of str
        Of open, minimally invasive, percutaneous, external.
    kind : str
        removes, destroys, radiates or embolises.
    session : str
        The kind of session in which it is given, of `SESSIONS`.
    joins_operation : bool
        Whether liver lesions are treated during an abdominal operation if there is one.
    debulking : bool
        Whether it counts as debulking and a plan may choose it.
    near_vessel : Sourced
        Beside a large vessel: ok, reduced control, not possible.
    max_diameter_mm : Sourced
        Largest lesion it treats.
    mortality_90_days, major_complication : Sourced
        Probability of death within 90 days and of a complication of grade 3 or more, a session.
    pause_before_days, pause_after_days : Sourced
        Days without systemic therapy around a session.
    resume_probability : Sourced
        Probability that systemic therapy is taken up again afterwards.
    surge : Sourced
        Growth stimulus as a share of that after hepatectomy, for the share of the liver taken; 0
        where none is taken.
    recovery_weeks : Sourced
        Weeks one session takes before the next.
    max_lesions : mapping of organ to Sourced
        Organs where it is used, and the most lesions there in one session.
    local_control : mapping of organ to four Sourced
        Probability, by size class, that a treated lesion never grows back.
    whole_organ : bool
        Whether it acts on every lesion of the organ, seen or not.
    remnant_use : four Sourced, or None
        Share of the liver taken with one lesion, by size class (resection of the liver alone).
    minimal_remnant : Sourced or None
        Smallest share of the liver that may stay (resection of the liver alone).
    """

    name: str
    title: str
    approaches: tuple[Approach, ...]
    kind: Kind
    session: Session
    joins_operation: bool
    debulking: bool
    near_vessel: Sourced[str]
    max_diameter_mm: Sourced[float]
    mortality_90_days: Sourced[float]
    major_complication: Sourced[float]
    pause_before_days: Sourced[float]
    pause_after_days: Sourced[float]
    resume_probability: Sourced[float]
    surge: Sourced[float]
    recovery_weeks: Sourced[float]
    max_lesions: Mapping[str, Sourced[float]]
    local_control: Mapping[str, BySize]
    whole_organ: bool = False
    remnant_use: BySize | None = None
    minimal_remnant: Sourced[float] | None = None

    @property
    def organs(self) -> tuple[str, ...]:
        """Organs where it can be used."""
        return tuple(self.max_lesions)

    def entries(self) -> dict[str, Entry]:
        """Every sourced entry by its path within the card."""
        found: dict[str, Entry] = {"near_vessel": self.near_vessel}
        for name in NUMBERS:
            found[name] = getattr(self, name)
        for organ, most in self.max_lesions.items():
            found[f"max_lesions.{organ}"] = most
        for organ, by_size in self.local_control.items():
            found.update(_named(f"local_control.{organ}", by_size))
        if self.remnant_use is not None:
            found.update(_named("remnant_use", self.remnant_use))
        if self.minimal_remnant is not None:
            found["minimal_remnant"] = self.minimal_remnant
        return found

    def sources(self) -> Iterator[tuple[str, str]]:
        """Dotted path and evidence key of every entry that has one."""
        yield from entry_sources(f"modalities.{self.name}", self.entries())

    def parameters(self) -> Iterator[Parameter]:
        """Every entry as a parameter of a result's provenance."""
        yield from entry_parameters(f"modalities.{self.name}", self.entries())


@dataclass(frozen=True, slots=True)
class OrganRule:
    """What a panel tries in one organ.

    Attributes
    ----------
    operation : str
        Modality preferred if it can treat every lesion of the organ; empty for none.
    otherwise : tuple of tuple of str
        Modalities tried in turn when it cannot; of each inner tuple the first that is at hand.
    max_lesions : Sourced
        The most lesions treated in the organ by all modalities together.
    """

    operation: str
    otherwise: tuple[tuple[str, ...], ...]
    max_lesions: Sourced[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """How those who judge treatability go about it, and how much they differ.

    Attributes
    ----------
    sigma_liver_only, sigma_more_sites : Sourced
        Standard deviation, between panels, of the logarithm of the limits of size and number.
    organs : mapping of organ to OrganRule
        The order of modalities; an organ that is absent is not planned.
    """

    sigma_liver_only: Sourced[float]
    sigma_more_sites: Sourced[float]
    organs: Mapping[str, OrganRule] = field(default_factory=dict)

    def entries(self) -> dict[str, Entry]:
        """Every sourced entry by its path within the card."""
        found: dict[str, Entry] = {
            "sigma_liver_only": self.sigma_liver_only,
            "sigma_more_sites": self.sigma_more_sites,
        }
        found.update(
            {f"max_lesions.{each}": rule.max_lesions for each, rule in self.organs.items()}
        )
        return found

    def sources(self) -> Iterator[tuple[str, str]]:
        """Dotted path and evidence key of every entry that has one."""
        yield from entry_sources("panel", self.entries())

    def parameters(self) -> Iterator[Parameter]:
        """Every entry as a parameter of a result's provenance."""
        yield from entry_parameters("panel", self.entries())


def stages_of(
    rule: OrganRule, organ: str, modalities: Mapping[str, Modality]
) -> tuple[str | None, tuple[str, ...]]:
    """Preferred operation and the modalities tried otherwise, of those at hand for debulking.

    Parameters
    ----------
    rule : OrganRule
        The rule of the organ.
    organ : str
        The organ.
    modalities : mapping of str to Modality
        The cards at hand.
    """

    def at_hand(name: str) -> bool:
        card = modalities.get(name)
        return card is not None and card.debulking and organ in card.max_lesions

    operation = rule.operation if at_hand(rule.operation) else None
    firsts = (next(filter(at_hand, each), None) for each in rule.otherwise)
    return operation, tuple(each for each in firsts if each is not None)


def entry_sources(prefix: str, entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """Dotted path and evidence key of every entry that has one."""
    for path, entry in entries.items():
        for key in entry.keys():  # noqa: SIM118 - not a mapping
            yield f"{prefix}.{path}", key


def entry_parameters(prefix: str, entries: Mapping[str, Entry]) -> Iterator[Parameter]:
    """Every entry as a parameter of a result's provenance."""
    for path, entry in entries.items():
        yield Parameter(
            f"{prefix}.{path}", entry.value, entry.status, entry.source, entry.note, entry.unit
        )


def _named(prefix: str, by_size: BySize) -> dict[str, Entry]:
    return {f"{prefix}.{name}": each for name, each in zip(SIZE_CLASSES, by_size, strict=True)}
