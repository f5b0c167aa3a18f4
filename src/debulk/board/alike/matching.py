"""Whether a study is about patients like this one: why, how they differ, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.board.alike.patient import PatientAsStudied
from debulk.board.alike.populations import FEW_LESIONS, Population, populations
from debulk.core.strings import text
from debulk.evidence.record import finding
from debulk.evidence.schema import LOCAL_QUESTIONS

LOCAL_COMPARISONS = (*LOCAL_QUESTIONS, "local against local", "more local against less")
_NOT_LOCAL = {"systemic", "none", "unclear"}
_ORGAN_OF_CODE = {"lymph nodes": "lymph_node"}
_ANY_LINE = ("any", "unclear", "perioperative", "adjuvant", "not applicable")

Study = Mapping[str, Any]
"""A row of the table of studies with its codes."""


@dataclass(slots=True)
class StudyComparison:
    """How a study's patients compare with this one.

    Attributes
    ----------
    not_shown : str
        The entry of ``alike.not_shown`` that says why it does not match; empty where it does.
    why, differs : list of str
        Reasons it is shown, and what tells its patients from this one.
    at_entry : bool
        Whether the patient as it was at entry is compared.
    """

    not_shown: str = ""
    why: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    at_entry: bool = False


def compare_study(study: Study, patient: PatientAsStudied) -> StudyComparison:
    """Hold the codes and the population of a study against one patient."""
    if study["domain"] not in ("mcrc", "several cancers"):
        return StudyComparison("domain")
    if not _asks_about_local_treatment(study):
        return StudyComparison("systemic")
    found = StudyComparison(at_entry=patient.moment == "entry")
    if study["organ"] == ["primary"]:
        _primary(found, patient)
    else:
        _organs(found, study, patient)
    for judge in (_extent, _line):
        if not found.not_shown:
            judge(found, study, patient)
    if not found.not_shown:
        _population(found, populations().get(study["study"], Population()), patient)
    if study["domain"] == "several cancers":
        found.differs.append(text("alike.differs.several_cancers"))
    if found.at_entry:
        found.why.append(text("alike.why.at_entry"))
    return found


def _asks_about_local_treatment(study: Study) -> bool:
    if study["design"] in ("randomised", "pooled randomised"):
        return study["comparison"] in LOCAL_COMPARISONS
    return bool(set(study["modality"]) - _NOT_LOCAL)


def _primary(found: StudyComparison, patient: PatientAsStudied) -> None:
    if patient.primary_in_situ is not True:
        found.not_shown = "primary"
    found.why.append(text("alike.why.primary"))


def _organs(found: StudyComparison, study: Study, patient: PatientAsStudied) -> None:
    named = {_ORGAN_OF_CODE.get(each, each) for each in study["organ"]}
    if named & {"several organs", "unclear"}:
        return
    if not named & patient.organs:
        found.not_shown = "organ"
        return
    beyond = patient.organs - named
    if beyond:
        # A series of one organ says nothing of its extent: other organs cannot be assumed in it.
        if study["extent"] == "unclear":
            found.not_shown = "extent"
        found.differs.append(
            text("alike.differs.organs", study=_words(named), organs=_words(beyond))
        )
    else:
        found.why.append(text("alike.why.organs", organs=patient.organ_words))


def _words(organs: Iterable[str]) -> str:
    return ", ".join(text(f"alike.organs.{each}") for each in sorted(organs))


def _extent(found: StudyComparison, study: Study, patient: PatientAsStudied) -> None:
    coded = study["extent"]
    if coded == "mixed":
        mine = text(f"alike.extents.{patient.extent}") if patient.extent else patient.organ_words
        found.why.append(text("alike.why.includes", extent=mine))
        found.differs.append(text("alike.differs.extent_mixed"))
    elif coded == "unclear":
        found.differs.append(text("alike.differs.extent_unclear"))
    elif coded == patient.extent:
        found.why.append(text("alike.why.extent", extent=text(f"alike.extents.{coded}")))
    elif coded == patient.extent_k4:
        words = text(f"alike.extents.{coded}")
        found.why.append(text("alike.why.wide", extent=words, k=4))
    elif (
        coded == "oligometastatic" and patient.extent == "liver_only" and patient.meets[FEW_LESIONS]
    ):
        found.why.append(text("alike.why.few"))
        found.differs.append(text("alike.differs.extent_few"))
    else:
        found.not_shown = "extent"


def _line(found: StudyComparison, study: Study, patient: PatientAsStudied) -> None:
    coded = study["line"]
    if coded == patient.line:
        found.why.append(text("alike.why.line", line=coded))
        if patient.progressed:
            found.differs.append(text("alike.differs.progressed"))
    elif coded == "second or later" and patient.progressed:
        found.why.append(text("alike.why.progressed"))
    elif coded not in _ANY_LINE:
        found.not_shown = "line"
    elif coded in ("any", "perioperative"):
        found.differs.append(text(f"alike.differs.line_{coded}"))
    else:
        found.differs.append(text("alike.differs.line_unclear"))


def _population(found: StudyComparison, population: Population, patient: PatientAsStudied) -> None:
    for each in population.took:
        met = patient.meets[each.rule]
        if met is None:
            found.differs.append(text("alike.differs.took_unknown", rule=each.text))
        elif not met and _about_lesions(each.rule):
            found.not_shown = "took"
        elif not met:
            found.differs.append(text("alike.differs.took", rule=each.text))
    for share in population.shares:
        met, percent = patient.meets[share.rule], finding(share.key).value
        if percent is None or (met and percent >= 50.0):
            continue
        form = {True: "share_with", False: "share_without", None: "share_unknown"}[met]
        said = text(f"alike.differs.{form}", share=f"{percent:g}", rule=share.text)
        found.differs.append(said)


def _about_lesions(rule: str) -> bool:
    """Whether a rule is about number and place of lesions; age and fitness only differ."""
    return any(word in rule for word in ("lesions", "organs_involved", "has_"))
