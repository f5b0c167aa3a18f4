"""Suggestions beside fields of free words, and the further questions of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from debulk.core.strings import entries

LIVER_SITES = (
    "caudate S1",
    *("left S2", "left S3", "left S4"),
    *("right S5", "right S6", "right S7", "right S8"),
)
LUNG_SITES = (
    *("right upper lobe", "right middle lobe", "right lower lobe"),
    *("left upper lobe", "left lower lobe"),
)
NODE_STATIONS = ("para_aortic", "coeliac", "liver_hilum", "mediastinal", "pelvic")

SITES = {"liver": LIVER_SITES, "lung": LUNG_SITES, "lymph_node": NODE_STATIONS}
"""Sites suggested by organ; elsewhere the site is told in words."""


@dataclass(frozen=True, slots=True)
class TrialQuestion:
    """A criterion that no field of the form answers, asked once for all trials that word it alike.

    Attributes
    ----------
    text : str
        The requirement.
    keys : tuple of str
        ``"protocol/criterion"`` of each.
    trials : tuple of str
        Their names, for people.
    """

    text: str
    keys: tuple[str, ...]
    trials: tuple[str, ...]


@cache
def treatment_names() -> tuple[str, ...]:
    """Names of regimens and of local treatments, written so that their cards are found again."""
    from debulk.treatments import load_regimens

    regimens = (each.title.replace(" with ", " + ") for each in load_regimens().values())
    local = (name.upper() if len(name) < 5 else name for name in modality_titles())
    return (*regimens, "resection", *(name.replace("_", " ") for name in local))


@cache
def modality_titles() -> Mapping[str, str]:
    """Title of each packaged modality, by its name."""
    from debulk.treatments import load_modalities

    return {name: each.title for name, each in load_modalities().items()}


@cache
def panellists() -> tuple[str, ...]:
    """Disciplines at the table."""
    return tuple(str(each) for each in entries("case_form.panellists").values())


@cache
def reasons() -> tuple[str, ...]:
    """Reasons for which a lesion is not treatable."""
    return tuple(str(each) for each in entries("case_form.reasons").values())


@cache
def _hand_criteria() -> tuple[tuple[str, str, str], ...]:
    """Text, key and trial of each criterion of the packaged protocols that has no rule."""
    from debulk.protocols import load_protocol, packaged_protocols

    return tuple(
        (" ".join(each.text.split()), f"{name}/{each.id}", protocol.published_as or protocol.name)
        for name in packaged_protocols()
        for protocol in (load_protocol(name),)
        for each in protocol.criteria.values()
        if each.rule is None
    )


def trial_questions(answers: Mapping[str, str]) -> list[TrialQuestion]:
    """The further questions; those of the same words but other answers so far stay apart."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for words, key, trial in _hand_criteria():
        groups.setdefault((words, answers.get(key, "")), []).append((key, trial))
    return [
        TrialQuestion(
            words, tuple(key for key, _ in found), tuple(dict.fromkeys(t for _, t in found))
        )
        for (words, _), found in groups.items()
    ]


def known_keys() -> frozenset[str]:
    """Keys of every criterion that is answered by hand."""
    return frozenset(key for _, key, _ in _hand_criteria())
