"""Scores read from YAML: packaged ones by name, one's own by path."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8
from debulk.core.yaml_files import YamlDocument, parse_yaml, validated
from debulk.patients.columns import Column
from debulk.patients.rules import parse_rule
from debulk.prognosis.scores.derived import DERIVED
from debulk.prognosis.scores.formula import (
    Group,
    Item,
    Level,
    Published,
    Score,
    Source,
    WantedScore,
)
from debulk.prognosis.scores.schema import InputEntry, ScoreFile, SourceEntry, WantedFile

_FOLDER = resources.files("debulk.data").joinpath("scores")
_WANTED = "wanted.yaml"


def packaged_scores() -> list[str]:
    """Names of the scores that come with the program, sorted."""
    files = (each.name for each in _FOLDER.iterdir())
    return sorted(
        name.removesuffix(".yaml") for name in files if name.endswith(".yaml") and name != _WANTED
    )


def wanted_scores() -> tuple[WantedScore, ...]:
    """Published scores that are not packaged, and what is missing of each."""
    text = _FOLDER.joinpath(_WANTED).read_text(encoding="utf-8")
    entries = validated(WantedFile, parse_yaml(text, _WANTED)).wanted
    return tuple(
        WantedScore(each.name, each.title, each.missing, _source(each.source)) for each in entries
    )


def load_score(name_or_path: str | Path) -> Score:
    """Read a score.

    Parameters
    ----------
    name_or_path : str or Path
        A packaged score's name, or a path that ends in .yaml or .yml.

    Returns
    -------
    Score

    Raises
    ------
    InputError
        If there is no such score (of one that is wanted, what is missing is said), or its file
        does not fit; with line and field.

    Examples
    --------
    >>> load_score("fong").highest
    5.0
    """
    if not isinstance(name_or_path, str | Path):
        found = f"{name_or_path!r:.60} is neither a name nor a path"
        raise InputError("score", found, "Give a packaged name, or the path of a YAML file")
    given = str(name_or_path)
    if given.endswith((".yaml", ".yml")):
        return score_from_text(read_utf8(Path(given)), given)
    return _packaged(given)


@cache
def _packaged(name: str) -> Score:
    if name not in packaged_scores():
        for wanted in wanted_scores():
            if wanted.name == name.casefold():
                found = f"{wanted.title} is wanted, not packaged: {wanted.missing}"
                remedy = "Write its file yourself if you have the publication, and give its path"
                raise InputError(f"score {name!r}", found, remedy)
        remedy = f"{nearest(name, packaged_scores())} A score of your own is given by its path"
        raise InputError("score", f"no score is called {name!r}", f"{remedy} (.yaml)")
    text = _FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return score_from_text(text, f"{name}.yaml")


def score_from_text(text: str, name: str) -> Score:
    """Read a score from the text of its file; `name` is how complaints call it.

    Raises
    ------
    InputError
        With file, line, field, what was found and what to do.
    """
    document = parse_yaml(text, name)
    entries = validated(ScoreFile, document)
    inputs = {each.name: _column(each) for each in entries.inputs}
    _check_rules(entries, inputs, document)
    return Score(
        name=entries.name,
        title=entries.title,
        year=entries.year,
        sources=tuple(_source(each) for each in entries.sources),
        population=entries.population.text,
        within=entries.population.within,
        outcome=entries.outcome,
        horizon_months=entries.horizon_months,
        items=tuple(
            Item(
                each.id,
                each.text,
                each.judged,
                tuple(Level(level.points, level.rule) for level in each.levels),
                each.value,
            )
            for each in entries.items
        ),
        groups=tuple(Group(each.name, each.least) for each in entries.groups),
        published=tuple(
            Published(
                each.measure,
                each.value,
                each.months,
                each.outcome,
                each.group,
                each.points,
                _source(each.source),
            )
            for each in entries.published
        ),
        inputs=inputs,
        input_texts={each.name: each.text for each in entries.inputs},
        unknown=entries.unknown,
        notes=tuple(entries.notes),
    )


def _source(entry: SourceEntry) -> Source:
    return Source(entry.says, entry.key, entry.doi, entry.pmid, entry.address)


def _column(entry: InputEntry) -> Column:
    return Column(entry.kind, words=tuple(entry.words))


def _check_rules(entries: ScoreFile, inputs: dict[str, Column], document: YamlDocument) -> None:
    """Every rule is read now, so that a mistake in one names its line."""
    extra = extra_types(inputs)
    for number, item in enumerate(entries.items):
        if item.value:
            _check_value(item.value, extra, ("items", number, "value"), document)
        for place, level in enumerate(item.levels):
            _check_rule(level.rule, extra, ("items", number, "levels", place, "rule"), document)
    if entries.population.within:
        _check_rule(entries.population.within, extra, ("population", "within"), document)


def extra_types(inputs: dict[str, Column]) -> dict[str, pl.DataType]:
    """Names a score's rules may use beyond patients' columns and features, with their types."""
    derived = {name: each.dtype for name, each in DERIVED.items()}
    return derived | {name: each.dtype for name, each in inputs.items()}


def _check_rule(
    rule: str, extra: dict[str, pl.DataType], place: tuple[str | int, ...], document: YamlDocument
) -> None:
    try:
        parse_rule(rule, extra=extra)
    except InputError as error:
        raise document.error(place, error.found, error.remedy) from None


def _check_value(
    name: str, extra: dict[str, pl.DataType], place: tuple[str | int, ...], document: YamlDocument
) -> None:
    """A value is the name of a number: a comparison of it must be a rule, and it no expression."""
    if not name.isidentifier():
        raise document.error(place, f"{name!r} is no name", "Give the name of one feature")
    _check_rule(f"{name} >= 0", extra, place, document)
