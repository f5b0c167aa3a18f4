"""A protocol and its treatment cards, changed to what the trial reported of its delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.protocols import Protocol, load_protocol
from debulk.treatments import Modality, override
from debulk.trials.retrodiction.facts import Fact, TrialFacts

_DELIVERED, _WITHDRAWN = ".delivered", "conduct.withdrawn"


@dataclass(frozen=True)
class Change:
    """One number that a fact of delivery changed.

    Attributes
    ----------
    number : str
        Dotted path, as ``--set`` takes it.
    before, after : float
        As packaged, and as delivered.
    source : str
        Row of the evidence.
    """

    number: str
    before: float
    after: float
    source: str


@dataclass(frozen=True)
class Reached:
    """A reported figure beside what the simulation makes of it.

    Attributes
    ----------
    what : str
        The fact in words.
    figure : str or None
        Name of the simulated figure; None where the simulation reports none.
    printed : str
        As the trial reported it.
    reported, blind, as_delivered : float or None
        As a number; of the blind simulation, and of the one as delivered.
    source, reasoning : str
        Row of the evidence; why it changes what it changes.
    """

    what: str
    figure: str | None
    printed: str
    reported: float
    blind: float | None
    as_delivered: float | None
    source: str
    reasoning: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain(vars(self)))


@dataclass(frozen=True)
class Delivered:
    """Protocol and cards as delivered, with what was changed."""

    protocol: Protocol
    modalities: Mapping[str, Modality]
    changes: tuple[Change, ...]


def as_delivered(
    protocol: Protocol,
    modalities: Mapping[str, Modality],
    facts: TrialFacts,
    simulated: Mapping[str, float | None],
) -> Delivered:
    """Change a protocol and cards to what a trial reported of its delivery.

    Parameters
    ----------
    protocol : Protocol
        A packaged one.
    modalities : mapping of str to Modality
        Cards as packaged.
    facts : TrialFacts
    simulated : mapping of str to float or None
        Figures of the experimental arm's delivery in the blind simulation.
    """
    own: dict[str, float] = {}
    changes: list[Change] = []

    def change(number: str, before: float, after: float, source: str) -> None:
        changes.append(Change(number, before, after, source))

    packaged = _numbers(protocol)
    for fact in facts.as_delivered:
        key = fact.reported.source
        for number in fact.numbers:
            if number.startswith("modalities."):
                before = _of_card(modalities, number)
                after = _new_value(fact, before, simulated, _taken_off(fact, modalities, number))
                modalities = override(modalities, number, after)
                change(number, before, after, key)
                continue
            before, kept = packaged[number], 1.0
            if number.endswith(_DELIVERED):
                # Refusals are inside the reported share: delivered carries them, withdrawn is 0.
                kept = 1.0 - packaged[_WITHDRAWN]
                own[_WITHDRAWN] = 0.0
                change(_WITHDRAWN, packaged[_WITHDRAWN], 0.0, key)
            own[number] = _new_value(fact, before * kept, simulated, 0.0)
            change(number, before, own[number], key)
    texts = {number: repr(value) for number, value in own.items()}
    return Delivered(load_protocol(protocol.name, changes=texts), modalities, tuple(changes))


def reached(
    facts: TrialFacts,
    blind: Mapping[str, float | None],
    delivered: Mapping[str, float | None],
) -> tuple[Reached, ...]:
    """Every reported fact beside what both simulations have of it."""
    return tuple(
        Reached(
            what=each.what,
            figure=each.figure,
            printed=each.reported.words,
            reported=each.reported.converted,
            blind=blind.get(each.figure or ""),
            as_delivered=delivered.get(each.figure or ""),
            source=each.reported.source,
            reasoning=each.reasoning,
        )
        for each in facts.as_delivered
    )


def _new_value(
    fact: Fact, before: float, simulated: Mapping[str, float | None], less: float
) -> float:
    if fact.how == "set":
        return max(0.0, fact.reported.converted - less)
    found = simulated.get(fact.figure or "")
    if not found:
        raise InputError(
            f"retrodiction/trials.yaml, {fact.what}",
            f"the blind simulation has no {fact.figure} to hold the reported share against",
            "Simulate more trials, or set the number instead",
        )
    return min(1.0, before * fact.reported.converted / found)


def _taken_off(fact: Fact, modalities: Mapping[str, Modality], number: str) -> float:
    """Value of the entry of the same card that a reported number includes."""
    if not fact.reported.less:
        return 0.0
    return _of_card(modalities, f"{number.rpartition('.')[0]}.{fact.reported.less}")


def _of_card(modalities: Mapping[str, Modality], number: str) -> float:
    _, name, entry = number.split(".", 2)
    return float(modalities[name].entries()[entry].value)


def _numbers(protocol: Protocol) -> dict[str, float]:
    return {
        each.name: float(each.value)
        for each in protocol.parameters
        if isinstance(each.value, int | float)
    }
