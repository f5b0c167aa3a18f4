"""A case discussed: every part that the page, the print and the JSON twin show, joined."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from debulk import __version__
from debulk.board.alike.evidence_alike import evidence_for
from debulk.board.alike.patient import FEATURES_SEEN
from debulk.board.asked_case import answers_passed_over, asked_case
from debulk.board.case import BoardCase
from debulk.board.facts.facts_of_case import LOOKED_AT, Facts, facts_at, panels
from debulk.board.facts.lesion_table import LesionRow, lesion_table
from debulk.board.facts.local_plans import LocalPlan, local_plans
from debulk.board.first_sentences import in_short
from debulk.board.matching.board_trials import BoardTrial, packaged_trials
from debulk.board.matching.criteria_met import features_asked, hold_trials
from debulk.board.matching.missing import FUTURES_NEED, MissingAnswer, missing_answers
from debulk.board.matching.otherwise import what_if
from debulk.board.matching.possible_changes import possible_changes
from debulk.board.matching.trial_match import TrialMatch
from debulk.board.scores_of_case import features_scored, scores_for
from debulk.board.settings import BoardSettings
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion, Parameter, Provenance, sha256_of
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.protocols import packaged_protocols
from debulk.survival.options import check_flag, check_kind
from debulk.treatments import load_panel

if TYPE_CHECKING:
    from debulk.patients import Cohort


@dataclass(frozen=True, slots=True)
class Discussion:
    """What the board sees of a patient.

    Attributes
    ----------
    case : BoardCase
        The case as it was given.
    settings : BoardSettings
        The department's settings.
    now, at_entry : Facts
        What follows from definitions at both moments.
    lesions : tuple of LesionRow
        Each metastasis.
    plans : tuple of LocalPlan
        What each plan leaves and takes.
    trials : tuple of TrialMatch
        Trials held against the case, in the order of their names; no order of merit.
    evidence, scores, futures, equipoise
        Parts that other modules compute, as plain values; futures and equipoise are None where
        they were not asked for.
    missing : tuple of MissingAnswer
        Answers that would change what is seen, widest first.
    in_short : tuple of str
        The page's first sentences.
    provenance : Provenance
        Inputs, settings, version.
    """

    case: BoardCase
    settings: BoardSettings
    now: Facts
    at_entry: Facts
    lesions: tuple[LesionRow, ...]
    plans: tuple[LocalPlan, ...]
    trials: tuple[TrialMatch, ...]
    evidence: Mapping[str, Any]
    scores: Sequence[Mapping[str, Any]]
    futures: Mapping[str, Any] | None
    equipoise: Mapping[str, Any] | None
    missing: tuple[MissingAnswer, ...]
    in_short: tuple[str, ...]
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: what the twin of the page holds."""
        case = self.case
        return {
            "case_id": case.case_id,
            "title": case.title,
            "question": case.question,
            "board_months": case.board_months,
            "patient": plain(case.patient),
            "judged_at": "now",
            "in_short": list(self.in_short),
            "now": self.now.to_dict(),
            "at_entry": self.at_entry.to_dict(),
            "lesions": [each.to_dict() for each in self.lesions],
            "plans": [each.to_dict() for each in self.plans],
            "trials": [each.to_dict() for each in self.trials],
            "evidence": plain(self.evidence),
            "scores": plain(list(self.scores)),
            "futures": plain(self.futures),
            "equipoise": plain(self.equipoise),
            "missing": [each.to_dict() for each in self.missing],
            "settings": self.settings.to_dict(),
            "provenance": self.provenance.to_dict(),
        }


def discuss(
    case: BoardCase | Cohort,
    *,
    question: str = "",
    board_months: float | None = None,
    answers: Mapping[str, bool | None] | None = None,
    settings: BoardSettings | None = None,
    with_futures: bool = True,
    registry_trials: Sequence[BoardTrial] = (),
) -> Discussion:
    """Compute all that the board sees of one patient.

    Parameters
    ----------
    case : BoardCase or Cohort
        A case, or a cohort of one patient.
    question : str
        What the board is asked; the case's own if left out.
    board_months : float, optional
        Moment of the judgement, in months since the diagnosis; the case's own, or the cohort's
        `board_months`, if left out.
    answers : mapping of str to bool or None, optional
        Answers by hand, by ``"protocol/criterion"``, beside the case's own.
    settings : BoardSettings, optional
        The department's settings.
    with_futures : bool
        Whether futures are simulated, which takes seconds.
    registry_trials : sequence of BoardTrial
        Imported trials, matched beside the packaged protocols.

    Returns
    -------
    Discussion

    Raises
    ------
    InputError
        If a cohort does not hold exactly one patient, its moment is missing, or an answer names
        no criterion.
    """
    settings = BoardSettings() if settings is None else settings
    check_kind(settings, BoardSettings, "settings")
    check_flag(with_futures, "with_futures")
    trials = (*packaged_trials(), *_checked_trials(registry_trials))
    given = asked_case(case, question, board_months, answers, trials)
    changes = (*panels(settings), *possible_changes(given))
    needed, at_entry = _features_needed(trials)
    seen = what_if(given, changes, only=needed, at_entry=at_entry)
    now, entry = (facts_at(given, seen, moment, settings) for moment in ("now", "entry"))
    matches = hold_trials(given, trials, seen)
    lesions = lesion_table(given)
    scores = [each.to_dict() for each in scores_for(given, seen)]
    futures, equipoise = _futures(given, settings) if with_futures else (None, None)
    evidence = evidence_for(given, seen).to_dict()
    missing = missing_answers(
        seen,
        matches,
        lesions,
        scores_need={e["score"]: e.get("missing") or () for e in scores},
        futures_need=_futures_need(futures),
    )
    return Discussion(
        case=given,
        settings=settings,
        now=now,
        at_entry=entry,
        lesions=lesions,
        plans=local_plans(given, settings),
        trials=matches,
        evidence=evidence,
        scores=scores,
        futures=futures,
        equipoise=equipoise,
        missing=missing,
        in_short=in_short(now, settings, matches, futures, equipoise, evidence, missing),
        provenance=_provenance(given, settings, trials),
    )


def _checked_trials(trials: Sequence[BoardTrial]) -> Sequence[BoardTrial]:
    check_kind(trials, Sequence, "registry_trials", "Give a list of imported trials")
    taken = set(packaged_protocols())
    for each in trials:
        check_kind(each, BoardTrial, "registry_trials", "Give trials, as registry_trial makes them")
        if each.name in taken:
            found = f"{each.name} comes twice"
            raise InputError("registry_trials", found, "Give each trial once")
        taken.add(each.name)
    return trials


def _features_needed(trials: Sequence[BoardTrial]) -> tuple[frozenset[str], frozenset[str]]:
    """Features that some part looks at, and those it looks at as they were at entry.

    A case and its variants are seen once for all parts.
    """
    always = LOOKED_AT | FEATURES_SEEN
    now = always | features_scored() | features_asked(trials)
    return now, always | features_asked(trials, ("entry",))


def _futures(
    case: BoardCase, settings: BoardSettings
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    from debulk.board.futures.front import futures_of

    found = futures_of(case, settings=settings)
    return found.to_dict(), found.equipoise.to_dict()


def _futures_need(futures: Mapping[str, Any] | None) -> frozenset[str]:
    """Fields whose lack kept futures from being shown; without futures, those always needed."""
    if futures is None:
        return FUTURES_NEED
    reasons = futures.get("reasons") or ()
    return frozenset(field for each in reasons for field in each.get("fields") or ())


def _provenance(
    case: BoardCase, settings: BoardSettings, trials: Sequence[BoardTrial]
) -> Provenance:
    content = json.dumps(case.to_dict(), sort_keys=True).encode("utf-8")
    usual = BoardSettings()
    parameters = [
        Parameter(
            f"board.{each.name}",
            getattr(settings, each.name),
            "default" if getattr(settings, each.name) == getattr(usual, each.name) else "chosen",
            "assumption",
            text("facts.settings_note"),
        )
        for each in fields(settings)
    ]
    parameters += [each for each in load_panel().parameters() if "sigma" in each.name]
    records = [each.status_source for each in trials if each.free_text]
    passed_over = len(answers_passed_over(case, trials))
    return Provenance(
        version=__version__,
        inputs={"case": sha256_of(content)},
        parameters=tuple(parameters),
        exclusions=(Exclusion(text("matching.passed_over"), passed_over),) * bool(passed_over),
        remarks=(text("facts.research_use"), *records),
    )
