"""What randomised trials say of local treatment against none in patients like this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from debulk.board.alike.effects import PrintedEffect, of_treatment
from debulk.core.strings import entries, text

Says = Literal["hazard ratio", "no hazard ratio", "another question", "no result"]

_QUESTION = "local against none"
"""The comparison that the board asks about."""

_USUAL = {"resection", "ablation", "radiotherapy", "any local treatment"}


@dataclass(frozen=True, slots=True)
class TrialTold:
    """A randomised trial that included such patients, and what it can say.

    Attributes
    ----------
    study : str
    says : {"hazard ratio", "no hazard ratio", "another question", "no result"}
        A hazard ratio of death with its limits, a result without one, a result on something else
        than local treatment against none, or nothing yet.
    apart : str
        What tells it from a trial of the usual local treatments in patients with colorectal cancer
        as this one is now; mostly empty.
    effect : PrintedEffect or None
        The hazard ratio of death.
    """

    study: str
    says: Says
    apart: str = ""
    effect: PrintedEffect | None = None

    @property
    def name(self) -> str:
        """The trial, with what sets it apart."""
        if not self.apart:
            return self.study
        return text("alike.in_trials.apart", study=self.study, apart=self.apart)

    @property
    def result(self) -> str:
        """Its hazard ratio with limits, and what they leave open."""
        assert self.effect is not None
        lower, upper = self.effect.lower, self.effect.upper
        assert lower is not None  # as `trial_told` keeps them
        assert upper is not None
        meaning = "gain" if upper < 1.0 else "harm" if lower > 1.0 else "open"
        return text(
            "alike.in_trials.result",
            study=self.name,
            value=f"{self.effect.value:.2f}",
            lower=f"{lower:.2f}",
            upper=f"{upper:.2f}",
            meaning=entries("alike.in_trials.meaning")[meaning],
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        effect = None if self.effect is None else self.effect.to_dict()
        return {"study": self.study, "says": self.says, "apart": self.apart, "effect": effect}


def trial_told(
    study: Mapping[str, Any], effects: Sequence[PrintedEffect], *, at_entry: bool
) -> TrialTold | None:
    """What a randomised trial of patients like the case can say; None where it says nothing.

    Parameters
    ----------
    study : mapping
        A row of the table of studies with its codes.
    effects : sequence of PrintedEffect
        What is shown of it.
    at_entry : bool
        Whether it is of patients as this one was at entry.
    """
    unusual = [] if _USUAL & set(study["modality"]) else [*study["modality"]]
    if study["domain"] == "several cancers":
        unusual.append(text("alike.in_trials.several_cancers"))
    if at_entry:
        unusual.append(text("alike.why.at_entry"))
    apart = ", ".join(unusual)
    if study["comparison"] != _QUESTION:
        return TrialTold(study["study"], "another question", apart) if effects else None
    ratio = next((each for each in effects if _of_death(each)), None)
    says: Says = "no result" if not effects else "hazard ratio" if ratio else "no hazard ratio"
    return TrialTold(study["study"], says, apart, ratio)


def _of_death(effect: PrintedEffect) -> bool:
    known = effect.lower is not None and effect.upper is not None
    return known and effect.outcome == "overall survival" and of_treatment(effect)


def statement_of(trials: Iterable[TrialTold]) -> tuple[str, ...]:
    """The statement *in trials*: first every hazard ratio with its limits, then the other trials by
    name, a sentence for each kind of them.
    """  # noqa: D205
    by_what: dict[Says, list[TrialTold]] = {}
    for each in trials:
        by_what.setdefault(each.says, []).append(each)
    told = by_what.pop("hazard ratio", [])
    results = "; ".join(each.result for each in told)
    some = text("alike.in_trials.some", count=len(told), each=results)
    said = [some if told else text("alike.in_trials.none")]
    for says in ("no hazard ratio", "another question", "no result"):
        names = ", ".join(each.name for each in by_what.get(says, ()))
        if names:
            said.append(text(f"alike.in_trials.{says.replace(' ', '_')}", names=names))
    return tuple(said)
