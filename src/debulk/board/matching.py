"""Trials held against a case, criterion by criterion, in every wording they are registered with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.board.board_trials import BoardTrial, TrialVersion
from debulk.board.case import BoardCase
from debulk.board.facts_of_case import entry_months
from debulk.board.fields import label
from debulk.board.otherwise import WhatIf
from debulk.board.remedies import Remedy, remedy_of_not_met, remedy_of_unknown
from debulk.core.strings import entries, text
from debulk.patients import Criterion, states
from debulk.patients.criteria import MOMENTS
from debulk.patients.features import FEATURES
from debulk.patients.lesion_features import COUNTS

State = Literal["met", "not met", "unknown"]
Fit = Literal["fits", "may fit", "does not fit"]

_STATES: dict[int, State] = {1: "met", 0: "not met", -1: "unknown"}
_FITS: dict[int, Fit] = {1: "fits", 0: "does not fit", -1: "may fit"}
_UNKNOWN = -1
Codes = npt.NDArray[np.int8]


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
            "curated": trial.curated,
            "free_text": trial.free_text,
        }


def features_asked(trials: Sequence[BoardTrial]) -> frozenset[str]:
    """Features that some rule of some trial asks for."""
    names = {
        name
        for trial in trials
        for version in trial.versions
        for criterion in version.criteria
        if (rule := criterion.parsed()) is not None
        for name in rule.names
    }
    return frozenset(names & FEATURES.keys())


def match(case: BoardCase, trials: Sequence[BoardTrial], seen: WhatIf) -> tuple[TrialMatch, ...]:
    """Hold trials against a case and all its variants.

    Parameters
    ----------
    case : BoardCase
        The case, whose answers by hand fill what no column tells.
    trials : sequence of BoardTrial
        The trials.
    seen : WhatIf
        The case with its variants.

    Returns
    -------
    tuple of TrialMatch
        In the order of the trials.
    """
    codes = _all_states(trials, seen)
    return tuple(_trial_match(case, each, seen, codes) for each in trials)


Key = tuple[str | None, str]


def _all_states(trials: Sequence[BoardTrial], seen: WhatIf) -> dict[Key, Codes]:
    """State of each rule at each moment for every variant: many trials share their rules."""
    keys: dict[Key, Criterion] = {}
    for trial in trials:
        for version in trial.versions:
            for each in version.criteria:
                name = f"rule {len(keys)}"
                keys.setdefault(
                    (each.rule, each.judged), Criterion(name, "", each.judged, each.rule)
                )
    found = states(keys.values(), seen.features)
    return {
        key: found[each.id].cast(int).fill_null(_UNKNOWN).to_numpy().astype(np.int8)
        for key, each in keys.items()
    }


def _trial_match(
    case: BoardCase, trial: BoardTrial, seen: WhatIf, codes: Mapping[Key, Codes]
) -> TrialMatch:
    versions = tuple(_version_match(case, trial, each, seen, codes) for each in trial.versions)
    return TrialMatch(trial, versions, tuple(_differences(versions)))


def _version_match(
    case: BoardCase,
    trial: BoardTrial,
    version: TrialVersion,
    seen: WhatIf,
    codes: Mapping[Key, Codes],
) -> VersionMatch:
    columns = []
    matches = []
    for criterion in version.criteria:
        answer = case.answers.get(f"{trial.name}/{criterion.id}")
        raw = codes[criterion.rule, criterion.judged]
        column = raw if answer is None else np.where(raw == _UNKNOWN, np.int8(answer), raw)
        columns.append(column)
        matches.append(_criterion_match(case, trial, criterion, seen, column, raw, answer))
    return VersionMatch(
        version.name, version.says, tuple(matches), _fits(columns, len(seen.changes))
    )


def _fits(columns: Sequence[Codes], changes: int) -> tuple[Fit, ...]:
    if not columns:
        return ("may fit",) * changes
    table = np.stack(columns)[:, 1:]
    lost, open_ = (table == 0).any(axis=0), (table == _UNKNOWN).any(axis=0)
    return tuple(
        _FITS[0 if no else -1 if unknown else 1]
        for no, unknown in zip(lost.tolist(), open_.tolist(), strict=True)
    )


def _criterion_match(
    case: BoardCase,
    trial: BoardTrial,
    criterion: Criterion,
    seen: WhatIf,
    column: Codes,
    raw: Codes,
    answer: bool | None,
) -> CriterionMatch:
    state = _STATES[int(column[0])]
    by_hand = answer is not None and raw[0] == _UNKNOWN
    row = seen.seen(MOMENTS[criterion.judged])
    value = shown_value(criterion, row)
    remedy = Remedy("", can_change=False, field=None)
    if state == "unknown":
        remedy = remedy_of_unknown(case, trial.name, criterion, value)
    elif state == "not met" and by_hand:
        said = text("matching.remedies.by_hand", text=criterion.text)
        remedy = Remedy(said, can_change=True, field=f"answers.{trial.name}/{criterion.id}")
    elif state == "not met":
        met = np.flatnonzero(column[1:] == 1)
        remedy = remedy_of_not_met(
            criterion,
            [seen.changes[i] for i in met if seen.changes[i].kind != "panel"],
            value=value,
            entry_months=entry_months(case, row),
            line_begun=row["first_line_months"] is not None,
        )
    if answer is not None and not by_hand and bool(raw[0]) != answer:
        noted = text("matching.remedies.contradicted")
        remedy = Remedy(f"{remedy.text} {noted}".strip(), remedy.can_change, remedy.field)
    return CriterionMatch(
        id=criterion.id,
        text=criterion.text,
        state=state,
        value=value,
        judged=criterion.judged,
        source=trial.sources.get(criterion.id, ""),
        assumed=state == "unknown" and criterion.assume == "met",
        remedy=remedy.text,
        can_change=remedy.can_change,
        field=remedy.field,
        answered_by_hand=by_hand,
    )


def shown_value(criterion: Criterion, row: Mapping[str, Any]) -> str:
    """What a rule saw: each feature it names, in words, with its value."""
    rule = criterion.parsed()
    if rule is None:
        return ""
    partial = row.get("lesion_list_complete") is False
    return "; ".join(_shown(name, row, partial) for name in rule.names)


def _shown(name: str, row: Mapping[str, Any], partial: bool) -> str:
    value, words = row[name], _words(name)
    if value is None:
        return text("matching.values.unknown", name=words)
    if isinstance(value, bool):
        answer = text("missing.answer_yes" if value else "missing.answer_no")
        return text("matching.values.is_so", name=words, value=answer)
    if name == "treatable_share" and row["lesions"]:
        treatable = f"{value * row['lesions']:.3g}"
        return text(
            "matching.values.treatable",
            treatable=treatable,
            lesions=row["lesions"],
            percent=f"{100 * value:.0f}",
        )
    shown = f"{value:.4g}" if isinstance(value, float) else str(value).replace("_", " ")
    if name.endswith("_mm"):
        shown = text("matching.values.mm", value=shown)
    elif name.endswith("_months") and name != "life_expectancy_months":
        shown = text("matching.values.months", value=shown)
    key = "at_least" if partial and name in COUNTS else "is_so"
    return text(f"matching.values.{key}", name=words, value=shown)


def _words(name: str) -> str:
    """What a feature is called."""
    known = entries("matching.features")
    return str(known.get(name) or label(f"patients.{name.removeprefix('has_')}"))


def _differences(versions: Sequence[VersionMatch]) -> list[str]:
    """A sentence for each criterion whose state is not the same in every wording."""
    said = []
    for alike in zip(*(each.criteria for each in versions), strict=False):
        if len({each.state for each in alike}) < 2:
            continue
        sides = [
            text(
                "matching.remedies.version",
                state=each.state,
                version=version.version,
                says=version.says,
            )
            for each, version in zip(alike, versions, strict=True)
        ]
        said.append(text("matching.remedies.versions", id=alike[0].id, sides=", ".join(sides)))
    return said
