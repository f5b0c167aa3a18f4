"""Published evidence for patients like this one: randomised trials and series, never mixed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from debulk import __version__
from debulk.board.alike.effects import PrintedEffect, printed_effects
from debulk.board.alike.flags import BiasFlag, bias_flags
from debulk.board.alike.in_trials import TrialTold, statement_of, trial_told
from debulk.board.alike.matching import Study, StudyComparison, compare_study
from debulk.board.alike.patient import PatientAsStudied, patients_as_studied
from debulk.board.case import BoardCase
from debulk.board.matching.otherwise import WhatIf
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.strings import text
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.evidence.tables import CODED_BY, studies, study_codes

State = Literal["known", "not_enough_known"]


@dataclass(frozen=True, slots=True)
class StudyAlike:
    """A study whose population matches.

    Attributes
    ----------
    study, title, design : str
        Acronym or first author, title, and design as coded.
    randomised : bool
        Whether its arms were formed by chance.
    n : int or None
        Patients.
    effects : tuple of PrintedEffect
        What it reports of survival, all groups of one measure; never empty.
    why : str
        Why it is shown.
    differs : tuple of str
        How its patients differ from this one, as far as its tables tell.
    flags : tuple of BiasFlag
        Biases that are not low.
    role : str
        What its results may be used for elsewhere; here they are only shown.
    source : str
        Identifiers joined by "|".
    """

    study: str
    title: str
    design: str
    randomised: bool
    n: int | None
    effects: tuple[PrintedEffect, ...]
    why: str
    differs: tuple[str, ...]
    flags: tuple[BiasFlag, ...]
    role: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "study": self.study,
            "title": self.title,
            "design": self.design,
            "randomised": self.randomised,
            "n": self.n,
            "effect": self.effects[0].to_dict(),
            "effects": [each.to_dict() for each in self.effects],
            "effect_text": "; ".join(each.text for each in self.effects),
            "why": self.why,
            "differs": list(self.differs),
            "differs_text": text("alike.differs.sentence", differences="; ".join(self.differs)),
            "flags": [each.to_dict() for each in self.flags],
            "role": self.role,
            "role_text": text(f"alike.roles.{self.role}"),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class EvidenceAlike:
    """Evidence for patients like this one.

    Attributes
    ----------
    state : {"known", "not_enough_known"}
    randomised, series : tuple of StudyAlike
        In the order of the tables of evidence: no order of merit.
    trials : tuple of TrialTold
        The randomised trials of such patients in short: those shown, and those that ask about local
        treatment against none and have no result yet.
    not_shown : tuple of Exclusion
        Studies left out, by reason.
    text : str
        The part in one sentence.
    in_trials_sentences : tuple of str
        What the trials say on the question of the board: the hazard ratios first, then the others.
    provenance : Provenance
    """

    state: State
    randomised: tuple[StudyAlike, ...]
    series: tuple[StudyAlike, ...]
    trials: tuple[TrialTold, ...]
    not_shown: tuple[Exclusion, ...]
    text: str
    in_trials_sentences: tuple[str, ...]
    provenance: Provenance

    @property
    def in_trials(self) -> str:
        """The statement *in trials* as a whole."""
        return " ".join(self.in_trials_sentences)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; ``studies`` holds the randomised first, then the series."""
        return {
            "state": self.state,
            "studies": [each.to_dict() for each in (*self.randomised, *self.series)],
            "counts": {"randomised": len(self.randomised), "series": len(self.series)},
            "not_shown": [
                {"reason": each.reason, "studies": each.count} for each in self.not_shown
            ],
            "text": self.text,
            "in_trials": {
                "trials": [each.to_dict() for each in self.trials],
                "text": self.in_trials,
                "others": list(self.in_trials_sentences[1:]),
            },
            "provenance": self.provenance.to_dict(),
        }


def evidence_for(case: BoardCase, seen: WhatIf | None = None) -> EvidenceAlike:
    """Studies of the packaged evidence whose population matches the patient of a case.

    A study matches by the codes of its domain, organs, extent and line, and by its rules on number
    and place of lesions, now or, failing that, as the patient was at entry. Fitness, age and
    markers do not decide; where they differ that is said. Studies of systemic therapy alone, and
    those that printed no survival, are left out and counted.

    Parameters
    ----------
    case : BoardCase
    seen : WhatIf, optional
        Features of the case where they are known already, `FEATURES_SEEN` among them.

    Returns
    -------
    EvidenceAlike
        Its state is ``not_enough_known`` where no study matches.
    """
    patients = patients_as_studied(case, seen)
    found: list[StudyAlike] = []
    trials: list[TrialTold | None] = []
    left_out: Counter[str] = Counter()
    for study in _studies():
        told = _best(study, patients)
        effects = printed_effects(study["study"])
        if not told.not_shown and study["design"] in RANDOMISED:
            trials.append(trial_told(study, effects, at_entry=told.at_entry))
        reason = told.not_shown or ("" if effects else "no_result")
        if reason:
            left_out[reason] += 1
        else:
            found.append(_alike(study, told, effects))
    randomised = tuple(each for each in found if each.randomised)
    series = tuple(each for each in found if not each.randomised)
    told_trials = tuple(each for each in trials if each is not None)
    not_shown = tuple(
        Exclusion(text(f"alike.not_shown.{reason}"), n) for reason, n in left_out.items()
    )
    return EvidenceAlike(
        state="known" if found else "not_enough_known",
        randomised=randomised,
        series=series,
        trials=told_trials,
        not_shown=not_shown,
        text=_text(randomised, series, patients),
        in_trials_sentences=statement_of(told_trials)
        if patients
        else (text("alike.in_trials.unknown"),),
        provenance=Provenance(
            version=__version__,
            exclusions=not_shown,
            remarks=(f"{CODED_BY}.", text("alike.not_used"), text("alike.apart")),
        ),
    )


def _best(study: Study, patients: tuple[PatientAsStudied, ...]) -> StudyComparison:
    """How a study matches now, or else at entry."""
    told = [compare_study(study, each) for each in patients] or [StudyComparison("extent")]
    return next((each for each in told if not each.not_shown), told[0])


def _alike(study: Study, told: StudyComparison, effects: tuple[PrintedEffect, ...]) -> StudyAlike:
    return StudyAlike(
        study=study["study"],
        title=study["title"] or study["population"],
        design=study["design"],
        randomised=study["design"] in RANDOMISED,
        n=study["n"],
        effects=effects,
        why=text("alike.why.sentence", reasons="; ".join(told.why)),
        differs=tuple(told.differs) or (text("alike.differs.none_known"),),
        flags=_flags(study["study"]),
        role=effects[0].role,
        source=study["source"],
    )


def _text(
    randomised: tuple[StudyAlike, ...],
    series: tuple[StudyAlike, ...],
    patients: tuple[PatientAsStudied, ...],
) -> str:
    if not patients:
        return text("alike.not_enough_known_extent")
    if not randomised and not series:
        return text("alike.not_enough_known", patient=patients[0].words)
    return text("alike.in_short", randomised=len(randomised), series=len(series))


@cache
def _studies() -> tuple[Study, ...]:
    return tuple(studies().iter_rows(named=True))


@cache
def _flags(study: str) -> tuple[BiasFlag, ...]:
    return bias_flags(_codes()[study])


@cache
def _codes() -> dict[str, Study]:
    return {each["study"]: each for each in study_codes().iter_rows(named=True)}
