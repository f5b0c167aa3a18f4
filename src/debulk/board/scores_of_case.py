"""Published scores for one patient, each with what is known of its accuracy elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from debulk.board.case import BoardCase
from debulk.board.matching.otherwise import WhatIf
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.core.yaml_files import parse_yaml
from debulk.evidence.record import citation, finding
from debulk.patients.columns import schema
from debulk.patients.features import FEATURES
from debulk.patients.rules import parse_rule
from debulk.prognosis import load_score, packaged_scores, wanted_scores
from debulk.prognosis.scores.asked import features_asked, names_asked, rules_of, with_inputs
from debulk.prognosis.scores.formula import Item, Score, Source
from debulk.prognosis.scores.library import extra_types
from debulk.prognosis.scores.typed import TypedPoints, met_rules, points_of_row, rules_of_levels

State = Literal["computed", "not computed"]

_SIZES = ("largest_liver_diameter_mm", "largest_diameter_mm", "tumour_burden_score")
_FIELD_OF_DERIVED = {"disease_free_interval_months": "synchronous", "local_treatment": "lesions"}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often a score ordered pairs correctly in patients outside its own series.

    Attributes
    ----------
    concordance, lower, upper : float
        Harrell's concordance with its 95 % limits.
    n, deaths : int
    of : str
        Whose, in words.
    source : str
    """

    concordance: float
    lower: float
    upper: float
    n: int
    deaths: int
    of: str
    source: str

    @property
    def text(self) -> str:
        """The accuracy in one sentence."""
        return text(
            "scores.accuracy",
            n=self.n,
            of=self.of,
            estimate=f"{100.0 * self.concordance:.1f}",
            lower=f"{100.0 * self.lower:.1f}",
            upper=f"{100.0 * self.upper:.1f}",
        )


@dataclass(frozen=True, slots=True)
class ScoreOfCase:
    """One score for one patient.

    Attributes
    ----------
    score, title : str
    state : {"computed", "not computed"}
        Computed too where an item is unknown but every value it could have gives one group.
    value : float or None
        Points; None where an item is unknown.
    lowest, highest : float or None
        Points possible.
    most : float or None
        Most points the score can give; None for a measurement.
    group : str or None
    missing : tuple of str
        Fields that are unknown and needed, as the form names them.
    why_not : str
        Why there is no value; empty where there is one.
    inside : bool or None
        Whether the patient belongs to the patients the score was made in.
    validated : Accuracy or None
        None where no validation is known to this program.
    text, found, about : str
        All of it in words; its first sentence, what was found; the others.
    source : str
        Where the formula was published.
    """

    score: str
    title: str
    state: State
    value: float | None
    lowest: float | None
    highest: float | None
    most: float | None
    group: str | None
    missing: tuple[str, ...]
    why_not: str
    inside: bool | None
    validated: Accuracy | None
    text: str
    found: str
    about: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class ScoreNotShipped:
    """A published score that cannot be computed here, and why."""

    score: str
    title: str
    text: str
    source: str

    def to_dict(self) -> dict[str, str]:
        """Plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@cache
def features_scored() -> frozenset[str]:
    """Features that some packaged score asks for."""
    return names_asked(map(load_score, packaged_scores()), schema("patients"))


def scores_for(case: BoardCase, seen: WhatIf | None = None) -> tuple[ScoreOfCase, ...]:
    """Every packaged score for the patient of a case, in alphabetical order.

    Parameters
    ----------
    case : BoardCase
        The patient is judged at the board's month.
    seen : WhatIf, optional
        Features of the case where they are known already, `features_scored` among them.

    Returns
    -------
    tuple of ScoreOfCase
    """
    scores = [load_score(name) for name in packaged_scores()]
    known = None if seen is None else seen.features["now"].head(1)
    features = features_asked(scores, case.cohort, known=known)
    inputs = {name: column for each in scores for name, column in each.inputs.items()}
    table = with_inputs(inputs, features, case.cohort)
    rules = [rule for each in scores for rule in (*rules_of_levels(each), each.within) if rule]
    met, row = met_rules(rules, table), table.row(0, named=True)
    return tuple(_score_of(each, met, points_of_row(each, met, row)) for each in scores)


def scores_not_shipped() -> tuple[ScoreNotShipped, ...]:
    """Published scores that are wanted, and what is missing of each."""
    return tuple(
        ScoreNotShipped(
            score=each.name,
            title=each.title,
            text=text("scores.not_shipped", title=each.title, missing=each.missing),
            source=identifiers(each.source),
        )
        for each in wanted_scores()
    )


def _score_of(score: Score, met: Mapping[str, bool | None], found: TypedPoints) -> ScoreOfCase:
    items = [each for each in score.items if each.id in found.missing_items]
    most = None if _is_measured(score) else score.highest
    state: State = "not computed" if found.points is None and found.group is None else "computed"
    missing = tuple(dict.fromkeys(name for each in items for name in _fields(each, score)))
    why_not = "" if found.points is not None else _why_not(score, items, missing)
    accuracy, accuracy_words = validation_known(score.name)
    inside = met[score.within] if score.within else None
    said = why_not if state == "not computed" else points_words(score, found, items)
    words = (said, accuracy_words, text("scores.says_nothing"), _population(score, inside=inside))
    return ScoreOfCase(
        score=score.name,
        title=score.title,
        state=state,
        value=found.points,
        lowest=found.lowest,
        highest=found.highest,
        most=most,
        group=found.group,
        missing=missing,
        why_not=why_not,
        inside=inside,
        validated=accuracy,
        text=" ".join(each for each in words if each),
        found=words[0],
        about=" ".join(each for each in words[1:] if each),
        source=identifiers(score.sources[0]),
    )


def _is_measured(score: Score) -> bool:
    """Whether it is a measurement, which has no most points."""
    return any(each.value for each in score.items)


def points_words(score: Score, found: TypedPoints, items: list[Item]) -> str:
    """The points in one sentence, or between which they lie.

    Parameters
    ----------
    score : Score
    found : TypedPoints
    items : list of Item
        Those that are unknown.
    """
    measured = _is_measured(score)
    most = "" if measured else f"{score.highest:g}"
    group = text("scores.computed.group", group=found.group) if found.group else ""
    if found.points is None:
        return text(
            "scores.computed.bounds",
            title=score.title,
            least=f"{found.lowest:g}",
            most_possible=f"{found.highest:g}",
            most=most,
            group=group,
            items=_listed(items),
        )
    points = f"{found.points:.3g}" if measured else f"{found.points:g}"
    if measured:
        return text("scores.computed.value", title=score.title, points=points, group=group)
    return text("scores.computed.points", title=score.title, points=points, most=most, group=group)


def _why_not(score: Score, items: list[Item], missing: tuple[str, ...]) -> str:
    fields = ", ".join(text(f"scores.fields.{each}") for each in missing)
    said = text("scores.not_computed", title=score.title, items=_listed(items), fields=fields)
    after = [each for each in items if each.judged == "after local treatment"]
    return f"{said} {text('scores.only_after', items=_listed(after))}" if after else said


def _listed(items: list[Item]) -> str:
    return "; ".join(_lower(each.text) for each in items)


def _lower(words: str) -> str:
    """Without a capital in front, unless the first word is written in capitals."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def _fields(item: Item, score: Score) -> tuple[str, ...]:
    """The fields of the form that an item asks for."""
    return tuple(_field(name) for rule in rules_of(item) for name in _names_in(rule, score.name))


@cache
def _names_in(rule: str, score: str) -> tuple[str, ...]:
    return parse_rule(rule, extra=extra_types(load_score(score).inputs)).names


def _field(name: str) -> str:
    if name in _FIELD_OF_DERIVED:
        return _FIELD_OF_DERIVED[name]
    if name in _SIZES:
        return "diameter_mm"
    return "lesions" if name in FEATURES else name


def _population(score: Score, *, inside: bool | None) -> str:
    if inside:
        return ""
    form = "outside_unknown" if inside is None else "outside"
    return text(f"scores.{form}", population=score.population)


def validation_known(score: str) -> tuple[Accuracy | None, str]:
    """How a score did outside its own series: its concordance where known, and all in words."""
    told = _accuracies().get(score, {})
    if "concordance" in told:
        known = dict(told["concordance"])
        accuracy = Accuracy(concordance=known.pop("estimate"), **known)
        return accuracy, accuracy.text
    if "separation" in told:
        return None, _separation(told["separation"])
    return None, text("scores.no_validation")


def _separation(groups: list[Mapping[str, str]]) -> str:
    rows = [(each["group"], finding(each["key"])) for each in groups]
    said = ", ".join(
        text("scores.separation_group", group=group, months=f"{row.value:g}") for group, row in rows
    )
    first = rows[0][1]
    return f"{text('scores.separation', n=f'{first.n:,}', groups=said)} ({citation(first)})"


@cache
def _accuracies() -> Mapping[str, Any]:
    file = files("debulk.data").joinpath("board", "score_accuracy.yaml")
    content: Mapping[str, Any] = parse_yaml(file.read_text("utf-8"), file.name).content
    return content


def identifiers(source: Source) -> str:
    """What names a source: its DOI and PubMed number, else its address or its row."""
    named = {"doi": source.doi, "PMID": source.pmid}
    told = [f"{name}:{value}" for name, value in named.items() if value]
    return "; ".join(told) or source.address or source.key
