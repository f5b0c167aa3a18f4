"""Which bias a study is taken to have: rules that the user writes, from how it was coded."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from debulk.core.errors import InputError, nearest
from debulk.core.yaml_files import YamlDocument, read_yaml, validated
from debulk.evidence.pooling.bias import BiasEstimate
from debulk.evidence.pooling.bias_table import LARGEST_BIAS, SITUATION, BiasTable
from debulk.evidence.schema import CODES

RANDOMISED = ("randomised", "pooled randomised")
"""Designs whose arms were formed by chance: they get no bias, whatever the rules say."""

Situation = tuple[str, str, str, str]
"""Analysis, scenario, selection, unmeasured."""

Codes = Mapping[str, str | Sequence[str]]
"""How a study is coded: a word, or several, by code."""


@dataclass(frozen=True, slots=True)
class BiasRule:
    """For studies coded so, a bias as in these situations of the laboratory.

    Attributes
    ----------
    when : dict of str to tuple of str
        Code to the words that fit; all codes named must fit. Of a code with several words, such as
        the organs of a study, one must.
    situations : tuple of (analysis, scenario, selection, unmeasured)
        Their biases are averaged, and their spread added to the standard deviation; empty means
        that such studies are taken as unbiased.
    extra_sd : float
        Standard deviation by which a real study's bias may differ from the simulated one; the
        user's own judgement.
    why : str
        The reason, in words.
    place : str
        Where the rule stands, for messages.
    """

    when: dict[str, tuple[str, ...]]
    situations: tuple[Situation, ...]
    extra_sd: float
    why: str
    place: str = "a rule"

    def fits(self, codes: Codes) -> bool:
        """Whether a study coded so falls under the rule."""
        return all(set(_words(codes[code])) & set(words) for code, words in self.when.items())


class _Situation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    analysis: str
    scenario: str
    selection: str
    unmeasured: str

    @field_validator("scenario", mode="before")
    @classmethod
    def _the_word_null(cls, value: Any) -> Any:
        # The scenario without effect is called null, which YAML reads as nothing.
        return "null" if value is None else value


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    when: Annotated[dict[str, str | list[str]], Field(min_length=1)]
    situations: list[_Situation]
    extra_sd: Annotated[float, Field(ge=0.0, le=LARGEST_BIAS, allow_inf_nan=False)] | None = None
    why: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _a_bias_has_a_spread(self) -> _Rule:
        if self.situations and self.extra_sd is None:
            raise ValueError(
                "Add extra_sd: how far a real study's bias may lie from the simulated one"
            )
        if not self.situations and self.extra_sd:
            raise ValueError("Drop extra_sd: without situations the studies are unbiased")
        return self


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: Annotated[list[_Rule], Field(min_length=1)]


def read_bias_rules(path: str | Path) -> tuple[BiasRule, ...]:
    """Read the rules that give studies their biases.

    Parameters
    ----------
    path : path
        A YAML file with ``rules``, a list of groups with ``when`` (code: word, or list of words),
        ``situations`` (a list of groups with analysis, scenario, selection, unmeasured; an empty
        list for unbiased), ``extra_sd`` and ``why``.

    Raises
    ------
    InputError
        If the file cannot be read or does not fit, or a code of the packaged tables has a word that
        they do not know; with its line.
    """
    document = read_yaml(Path(path))
    told = validated(_Rules, document)
    for index, each in enumerate(told.rules):
        for code, words in each.when.items():
            place = ("rules", index, "when", code)
            _check_words(code, _words(words), document, place)
    return tuple(
        BiasRule(
            when={code: _words(words) for code, words in each.when.items()},
            situations=tuple(
                (one.analysis, one.scenario, one.selection, one.unmeasured)
                for one in each.situations
            ),
            extra_sd=each.extra_sd or 0.0,
            why=each.why,
            place=f"{document.name}, line {document.line_of(('rules', index))}",
        )
        for index, each in enumerate(told.rules)
    )


def _words(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_words(
    code: str, words: tuple[str, ...], document: YamlDocument, place: tuple[str | int, ...]
) -> None:
    """Words of a packaged code are those of its list; a code of one's own has any words."""
    known = CODES.words.get(code, words)
    for word in words:
        if word not in known:
            raise document.error(place, f"{code} is never {word!r}", nearest(word, known))


def assign_bias(
    codes: Mapping[str, Codes], rules: tuple[BiasRule, ...], table: BiasTable
) -> tuple[BiasEstimate | None, ...]:
    """Give every study its bias.

    Parameters
    ----------
    codes : mapping of str to mapping of str to str or sequence of str
        Study to its codes: ``design``, and those that the rules name, such as ``immortal_time``
        and ``selection_on_response``. In the order of the effects to be pooled.
    rules : tuple of BiasRule
        Exactly one must fit each study that is not randomised.
    table : BiasTable
        The laboratory's.

    Returns
    -------
    tuple of BiasEstimate or None
        None for randomised studies, and where the rule says unbiased.

    Raises
    ------
    InputError
        If a study lacks a code, no rule or more than one fits it, or the laboratory has not
        simulated a situation.
    """
    biases = [_bias_of(rule, table) for rule in rules]
    told: list[BiasEstimate | None] = []
    for study, own in codes.items():
        if set(_words(own.get("design", ()))) & set(RANDOMISED):
            told.append(None)
            continue
        told.append(biases[_only_rule(study, own, rules)])
    return tuple(told)


def _only_rule(study: str, own: Codes, rules: tuple[BiasRule, ...]) -> int:
    where = f"codes, study {study!r}"
    for rule in rules:
        for code in rule.when:
            if code not in own:
                found = f"{code!r} is not coded, but {rule.place} asks for it"
                raise InputError(where, found, nearest(code, own))
    fitting = [index for index, rule in enumerate(rules) if rule.fits(own)]
    coded = ", ".join(
        f"{each} {' + '.join(_words(own[each]))!r}"
        for each in sorted({code for rule in rules for code in rule.when})
    )
    if not fitting:
        raise InputError(where, f"no rule fits {coded}", "Add a rule, or leave the study out")
    if len(fitting) > 1:
        places = " and ".join(rules[index].place for index in fitting)
        raise InputError(where, f"{places} both fit {coded}", "Narrow one of the rules")
    return fitting[0]


def _bias_of(rule: BiasRule, table: BiasTable) -> BiasEstimate | None:
    if not rule.situations:
        return None
    try:
        cells = [table.cell(*each) for each in rule.situations]
    except InputError as error:
        raise InputError(f"{rule.place}, {error.where}", error.found, error.remedy) from None
    means = [each.mean for each in cells]
    spread = statistics.stdev(means) if len(means) > 1 else 0.0
    simulated = math.hypot(*(each.monte_carlo_error for each in cells)) / len(cells)
    situation = {
        name: "; ".join(dict.fromkeys(getattr(each, name) for each in cells)) for name in SITUATION
    }
    return BiasEstimate(
        mean=statistics.fmean(means),
        sd=math.hypot(rule.extra_sd, spread, simulated),
        monte_carlo_error=simulated,
        note=rule.why,
        inputs={name: sha for each in cells for name, sha in each.inputs.items()},
        **situation,
    )
