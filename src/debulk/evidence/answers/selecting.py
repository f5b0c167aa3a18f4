"""Which studies a command pools, and the words that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.core.complaints import naming_options
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from debulk.core.provenance import Exclusion
    from debulk.evidence.effects.study_effects import StudyEffects

_MIXING = ("domain", "organ", "modality", "comparison", "line", "extent", "design")
"""Columns whose values tell populations and questions apart."""

_FILTERS = (
    *("outcome", "quantity", "key", "study"),
    *("design", "domain", "organ", "modality", "line", "extent", "comparison", "role", "risk"),
)
_EVENTS = {
    "overall survival": "death",
    "cancer-specific survival": "death from cancer",
    "progression-free survival": "progression or death",
    "disease-free survival": "recurrence or death",
}
ANY = "any"
"""The word with which ``--comparison`` asks nothing."""

_SPELT = {
    "mcrc": "metastatic colorectal cancer",
    "ovarian": "ovarian cancer",
    "multi_organ": "multi-organ",
}
_SAY_WHICH = (
    "Give a table, or filters, as in --outcome 'overall survival' --design randomised --domain mcrc"
)


@dataclass(frozen=True)
class Filters:
    """What the options of a command choose.

    Attributes
    ----------
    table : Path or None
        A table of one's own, instead of the packaged findings.
    outcome, quantity, key, design, domain, organ, modality, line, extent, comparison, role, risk
        As the options that choose findings.
    study, without, measure, own, favours
        As the options.
    scale, correction, corrected, survival
        As the options: how effects are made of proportions and counts.
    """

    table: Path | None = None
    outcome: str | None = None
    quantity: str | None = None
    key: list[str] | None = None
    design: list[str] | None = None
    domain: list[str] | None = None
    organ: list[str] | None = None
    modality: list[str] | None = None
    line: list[str] | None = None
    extent: list[str] | None = None
    comparison: list[str] | None = None
    role: list[str] | None = None
    risk: list[str] | None = None
    study: list[str] | None = None
    without: list[str] | None = None
    measure: str | None = None
    own: list[Path] | None = None
    favours: str | None = None
    scale: str | None = None
    correction: float | None = None
    corrected: str | None = None
    survival: bool = False

    @classmethod
    def among(cls, options: Mapping[str, Any]) -> Filters:
        """The filters among all options of a command, which bear the names of the fields."""
        given = {each.name: options[each.name] for each in fields(cls) if each.name in options}
        return cls(**{n: v.value if isinstance(v, Enum) else v for n, v in given.items()})

    def made(self) -> dict[str, Any]:
        """How effects are made of the rows of a table, as far as an option says it."""
        from debulk.evidence.effects.continuity import Correction

        given = {
            "amount": self.correction,
            "corrected": None if self.corrected is None else self.corrected.replace("-", " "),
        }
        policy: dict[str, Any] = {name: each for name, each in given.items() if each is not None}
        with naming_options({"correction": "--correction"}):
            correction = Correction(**policy) if policy else None
        return {**self.on_scale(), "correction": correction, "survival": self.survival}

    def of_findings(self) -> dict[str, Any]:
        """The filters of findings, by the column that each is about."""
        from debulk.evidence.answers.names import risk_filters

        asked = {name: getattr(self, name) for name in _FILTERS if name != "risk"}
        return {**asked, "comparison": without_any(self.comparison), **risk_filters(self.risk)}

    @property
    def modality_words(self) -> list[str]:
        """The treatments asked for."""
        return self.modality or []

    def on_scale(self) -> dict[str, Any]:
        """The scale of proportions, where an option says it."""
        return {} if self.scale is None else {"scale": self.scale.replace("-", " ")}


@dataclass(frozen=True)
class Chosen:
    """Effects with the words around them.

    Attributes
    ----------
    effects : StudyEffects
    title : str
        Of figures and pages.
    outcome : str
        What happened to patients, where that is known.
    favours : tuple of str
        What lies left and right of no effect; empty: not said.
    inputs : dict of str to str
        Name of each file read, and the SHA-256 of its bytes.
    """

    effects: StudyEffects
    title: str
    outcome: str
    favours: tuple[str, str]
    inputs: dict[str, str]

    def words(self) -> dict[str, Any]:
        """What the answer says beside its numbers."""
        from debulk.core.results import plain

        return {
            "title": self.title,
            "outcome": self.outcome,
            "measure": self.effects.measure,
            "scale": self.effects.scale,
            "no_effect": self.effects.no_effect,
            "favours": list(self.favours),
            "mixed": mixed(self.effects),
            "remarks": list(self.effects.remarks),
            "exclusions": [plain(each) for each in self.effects.exclusions],
            "inputs": dict(self.inputs),
        }


def mixed(effects: StudyEffects) -> list[dict[str, Any]]:
    """Columns in which the studies differ, with how many studies have each value."""
    found = []
    for name in _MIXING:
        counts: dict[str, int] = {}
        for value in effects.groups.get(name, ()):
            shown = "not known" if value in (None, "") else _as_read(str(value))
            counts[shown] = counts.get(shown, 0) + 1
        if len(counts) > 1:
            found.append({"column": name, "values": counts})
    return found


def chosen(filters: Filters) -> Chosen:
    """The effects that the options choose.

    Raises
    ------
    InputError
        That names the option or the file, if nothing can be pooled.
    """
    from debulk.evidence.effects.study_effects import a_measure

    told = _from_findings(filters) if filters.table is None else _from_table(filters, filters.table)
    if filters.scale is not None and told.effects.measure != "proportion":
        found = f"is of proportions, and {a_measure(told.effects.measure)} is pooled"
        raise InputError("--scale", found, "Leave it out")
    return told


def _from_findings(filters: Filters) -> Chosen:
    from debulk.evidence.answers.filtering import filtered_findings, leaving_studies_out
    from debulk.evidence.answers.findings_to_pool import (
        about_local_treatment,
        of_one_measure,
        one_of_each_study,
        patients_of,
        with_codes,
    )
    from debulk.evidence.answers.names import hashes_of
    from debulk.evidence.effects.from_findings import effects_from_findings
    from debulk.evidence.tables import study_codes

    for name in ("correction", "corrected", "survival"):
        if getattr(filters, name):
            remedy = f"Leave out --{name}, or give a table"
            raise InputError(
                f"--{name}", "is about a table, and packaged findings are pooled", remedy
            )
    own = filters.own or []
    if not any(getattr(filters, name) for name in _FILTERS):
        raise InputError("debulk evidence", "nothing says which findings to pool", _SAY_WHICH)
    rows = filtered_findings(own, **filters.of_findings())
    rows, left_out = leaving_studies_out(rows, filters.without)
    rows, measure, unlike = of_one_measure(rows, filters.measure)
    rows = with_codes(rows, study_codes(own=own))
    elsewhere: list[Exclusion] = []
    if measure != "proportion" and not (filters.comparison or filters.study or filters.key):
        rows, elsewhere = about_local_treatment(rows, systemic="systemic" in filters.modality_words)
    rows, others = one_of_each_study(rows)
    counts = patients_of(rows) if measure != "proportion" else {}
    effects = effects_from_findings(rows, measure=measure, patients=counts, **filters.on_scale())
    told = (*left_out, *unlike, *elsewhere, *others, *effects.exclusions)
    effects = replace(effects, exclusions=told)
    return Chosen(
        effects=effects,
        title=_title(filters, measure),
        outcome=_outcome(filters, measure),
        favours=_favours(filters, measure, ("favours experimental arm", "favours control arm")),
        inputs=hashes_of(own),
    )


def _from_table(filters: Filters, path: Path) -> Chosen:
    from debulk.evidence.answers.filtering import refuse_unknown
    from debulk.evidence.effects.from_table import effects_from_table

    for name in (*_FILTERS, "own"):
        if getattr(filters, name):
            option = "--with" if name == "own" else f"--{name}"
            remedy = f"Leave out {option}, or leave out the table"
            raise InputError(option, "chooses packaged findings, and a table is given too", remedy)
    with naming_options({"measure": "--measure"}):
        effects = effects_from_table(
            path,
            measure=filters.measure,  # type: ignore[arg-type]
            **filters.made(),
        )
    if filters.without:
        refuse_unknown(filters.without, effects.names)
        with naming_options({"names": "--without"}):
            effects = effects.without(filters.without)
    return Chosen(
        effects=effects,
        title=f"Studies of {path.name}",
        outcome="",
        favours=_favours(filters, effects.measure, ("", "")),
        inputs=dict(effects.inputs),
    )


def _outcome(filters: Filters, measure: str) -> str:
    """What the effect is about; a ratio of hazards is about an event."""
    what = filters.quantity or filters.outcome or ""
    return _EVENTS.get(what, what) if measure == "hazard ratio" else what


def _title(filters: Filters, measure: str) -> str:
    what = filters.quantity or filters.outcome
    head = f"{what[0].upper()}{what[1:]}" if what else measure.capitalize()
    words = (filters.design, filters.domain, filters.organ, filters.modality, filters.line)
    return head + words_chosen((*words, filters.extent, without_any(filters.comparison)))


def words_chosen(filters: Iterable[Sequence[str] | None]) -> str:
    """What filters chose, to stand behind a title."""
    told = [_as_read(each) for values in filters for each in values or ()]
    return f": {', '.join(told)}" if told else ""


def without_any(comparison: Sequence[str] | None) -> list[str]:
    """The comparisons asked for; none where any will do."""
    return [] if not comparison or ANY in comparison else list(comparison)


def _as_read(word: str) -> str:
    """A word of the tables as a reader sees it."""
    return _SPELT.get(word, word.replace("_", " "))


def _favours(filters: Filters, measure: str, usual: tuple[str, str]) -> tuple[str, str]:
    if filters.favours is None:
        return usual if measure == "hazard ratio" else ("", "")
    left, bar, right = filters.favours.partition("|")
    if not bar:
        found = f"{filters.favours!r} has no |"
        raise InputError("--favours", found, "Write --favours 'favours A|favours B'")
    return left.strip(), right.strip()
