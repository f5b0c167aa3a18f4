"""Trials held against a case, criterion by criterion, in every wording they are registered with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.board.case import BoardCase
from debulk.board.facts.facts_of_case import entry_months
from debulk.board.matching.board_trials import BoardTrial, TrialVersion
from debulk.board.matching.otherwise import WhatIf
from debulk.board.matching.remedies import Remedy, remedy_of_not_met, remedy_of_unknown
from debulk.board.matching.shown_values import shown_value
from debulk.board.matching.trial_match import CriterionMatch, Fit, State, TrialMatch, VersionMatch
from debulk.core.strings import text
from debulk.patients import Criterion, states
from debulk.patients.criteria import MOMENTS
from debulk.patients.features import FEATURES

_STATES: dict[int, State] = {1: "met", 0: "not met", -1: "unknown"}
_FITS: dict[int, Fit] = {1: "fits", 0: "does not fit", -1: "may fit"}
_UNKNOWN = -1
Codes = npt.NDArray[np.int8]


def features_asked(
    trials: Sequence[BoardTrial], moments: Collection[str] = ("now", "entry")
) -> frozenset[str]:
    """Features that some rule of some trial asks for that is judged at one of the moments."""
    names = {
        name
        for trial in trials
        for version in trial.versions
        for criterion in version.criteria
        if MOMENTS[criterion.judged] in moments
        if (rule := criterion.parsed()) is not None
        for name in rule.names
    }
    return frozenset(names & FEATURES.keys())


def hold_trials(
    case: BoardCase, trials: Sequence[BoardTrial], seen: WhatIf
) -> tuple[TrialMatch, ...]:
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
    found = states(keys.values(), seen.features).select(
        pl.exclude("patient_id").cast(pl.Int8).fill_null(_UNKNOWN)
    )
    return {key: found[each.id].to_numpy() for key, each in keys.items()}


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
        return (_FITS[_UNKNOWN],) * changes
    table = np.stack(columns)[:, 1:]
    unknown = np.where((table == _UNKNOWN).any(axis=0), _UNKNOWN, 1)
    whole = np.where((table == 0).any(axis=0), 0, unknown)
    return tuple(map(_FITS.__getitem__, whole.tolist()))


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
    remedy = Remedy("", "", can_change=False, field=None)
    if state == "unknown":
        remedy = remedy_of_unknown(case, trial.name, criterion, value)
    elif state == "not met" and by_hand:
        said = text("matching.remedies.by_hand", text=criterion.text)
        short = text("matching.remedies.by_hand_short")
        remedy = Remedy(said, short, can_change=True, field=f"answers.{trial.name}/{criterion.id}")
    elif state == "not met":
        met = np.flatnonzero(column[1:] == 1)
        remedy = remedy_of_not_met(
            criterion,
            [seen.changes[i] for i in met if seen.changes[i].kind != "panel"],
            value=value,
            value_now=shown_value(criterion, seen.seen("now")),
            entry_months=entry_months(case, row),
            line_begun=row["first_line_months"] is not None,
        )
    if answer is not None and not by_hand and bool(raw[0]) != answer:
        noted = text("matching.remedies.contradicted")
        remedy = replace(
            remedy,
            text=f"{remedy.text} {noted}".strip(),
            change=f"{remedy.change} {noted}".strip(),
        )
    return CriterionMatch(
        id=criterion.id,
        text=criterion.text,
        state=state,
        value=value,
        judged=criterion.judged,
        source=trial.sources.get(criterion.id, ""),
        assumed=state == "unknown" and criterion.assume == "met",
        remedy=remedy.text,
        change=remedy.change,
        can_change=remedy.can_change,
        field=remedy.field,
        answered_by_hand=by_hand,
    )


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
