"""What comes out where a trial is held against a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from debulk.board.matching.board_trials import BoardTrial
from debulk.core.strings import text

State = Literal["met", "not met", "unknown"]
Fit = Literal["fits", "may fit", "does not fit"]


@dataclass(frozen=True, slots=True)
class CriterionMatch:
    """One criterion held against the case.

    Attributes
    ----------
    id, text : str
        The criterion.
    state : {"met", "not met", "unknown"}
        Unknown stays unknown: what a simulation may assume counts for nothing here.
    value : str
        What its rule saw; empty where no column can answer.
    judged : str
        Moment of the judgement.
    source : str
        Where the criterion stands.
    assumed : bool
        Whether a simulation would take an unknown state for met.
    remedy : str
        What would make it met, or that nothing can; what is unknown. Empty where it is met.
    change : str
        The same without the criterion and what was found: for a table that shows them.
    can_change : bool
        Whether an answer, a view or time can make it met.
    field : str or None
        Field of the form to go to.
    answered_by_hand : bool
        Whether the state is the board's answer.
    """

    id: str
    text: str
    state: State
    value: str
    judged: str
    source: str
    assumed: bool
    remedy: str
    change: str
    can_change: bool
    field: str | None
    answered_by_hand: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class VersionMatch:
    """One wording of a trial held against the case.

    Attributes
    ----------
    version, says : str
        The wording and what sets it apart.
    criteria : tuple of CriterionMatch
        In the trial's order.
    fits_if : tuple of str
        The fit under each change tried, in the order of the changes.
    """

    version: str
    says: str
    criteria: tuple[CriterionMatch, ...]
    fits_if: tuple[Fit, ...]

    def count(self, state: State) -> int:
        """Criteria in a state."""
        return sum(each.state == state for each in self.criteria)

    @property
    def eligible(self) -> State:
        """Met when all are met, not met when one is not, else unknown."""
        if self.count("not met"):
            return "not met"
        return "unknown" if self.count("unknown") or not self.criteria else "met"

    @property
    def fit(self) -> Fit:
        """Fits when all are met, may fit when none is not met, else does not fit."""
        fits: dict[State, Fit] = {"met": "fits", "unknown": "may fit", "not met": "does not fit"}
        return fits[self.eligible]

    @property
    def deciding(self) -> CriterionMatch | None:
        """What decides: the first that cannot change, else the first not met, else unknown."""
        not_met = [each for each in self.criteria if each.state == "not met"]
        fixed = [each for each in not_met if not each.can_change]
        unknown = [each for each in self.criteria if each.state == "unknown"]
        return next(iter([*fixed, *not_met, *unknown]), None)

    @property
    def summary(self) -> str:
        """How many are met, not met and unknown, in a sentence."""
        if not self.criteria:
            return text("matching.summary.nothing_judged")
        return text(
            f"matching.summary.{self.fit.replace(' ', '_')}",
            met=self.count("met"),
            not_met=self.count("not met"),
            unknown=self.count("unknown"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        decides = self.deciding
        return {
            "version": self.version,
            "says": self.says,
            "criteria": [each.to_dict() for each in self.criteria],
            "met": self.count("met"),
            "not_met": self.count("not met"),
            "unknown": self.count("unknown"),
            "fit": self.fit,
            "eligible": self.eligible,
            "summary": self.summary,
            "deciding": None
            if decides is None
            else {"id": decides.id, "text": decides.text, "state": decides.state},
        }


@dataclass(frozen=True, slots=True)
class TrialMatch:
    """A trial held against the case, in its wordings, the one in force first.

    Attributes
    ----------
    trial : BoardTrial
        The trial.
    versions : tuple of VersionMatch
        Its wordings.
    differing : tuple of str
        A sentence for each criterion whose state differs between wordings.
    """

    trial: BoardTrial
    versions: tuple[VersionMatch, ...]
    differing: tuple[str, ...]

    @property
    def in_force(self) -> VersionMatch:
        """The wording in force."""
        return self.versions[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        trial = self.trial
        return {
            "protocol": trial.name,
            "title": trial.title,
            "status": trial.status or text("matching.status_unknown"),
            "status_source": trial.status_source,
            "registrations": list(trial.registrations),
            **self.in_force.to_dict(),
            "versions": [each.to_dict() for each in self.versions] if self.versions[1:] else [],
            "versions_differ": list(self.differing),
            "left_out": [{"id": e.id, "text": e.text} for e in trial.left_out],
            "curated": trial.curated,
            "free_text": trial.free_text,
        }
