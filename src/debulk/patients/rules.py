"""Rules: Boolean SQL expressions over one row of the feature table.

``organs_involved >= 2 and treatable_share >= 0.8`` is a rule. Polars evaluates it
(`polars.sql_expr`); nothing is ever passed to `eval`. The text is first read token by token
against a short grammar, since the SQL parser alone accepts aggregates, windows, bare numbers
and names that do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.features import feature_types
from debulk.patients.lesion_features import COUNTS
from debulk.survival.options import check_kind

KEYWORDS = ("and", "or", "not", "in", "is", "null", "true", "false", "between")
"""Words of the rule language."""

FUNCTIONS = ("abs", "coalesce")
"""Functions a rule may call; each keeps a row to itself."""

_AGGREGATES = frozenset({"avg", "count", "first", "last", "max", "mean", "median", "min", "sum"})
_MOST_CHARACTERS, _MOST_DEPTH, _LARGEST_NUMBER = 2_000, 50, 1e9
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|<>|!=|[<>=+\-*/(),]))",
    re.ASCII,
)
_UPWARD, _DOWNWARD = frozenset({">", ">="}), frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read and can be evaluated.

    Attributes
    ----------
    text : str
        The rule as written.
    names : tuple of str
        The features it asks for, in order of appearance.
    rising : bool
        Whether it asks of counts only that they exceed numbers, or only that they do not, so
        that its answers at a lower bound and at infinity bracket every answer between them.
    """

    text: str
    names: tuple[str, ...]
    rising: bool

    @property
    def expression(self) -> pl.Expr:
        """The Polars expression, Boolean and three-valued: null is unknown."""
        return _expression(self.text)


@lru_cache(maxsize=1_024)
def _expression(text: str) -> pl.Expr:
    return pl.sql_expr(text)


def parse_rule(
    text: str, *, where: str = "rule", extra: Mapping[str, pl.DataType] | None = None
) -> Rule:
    """Read a rule.

    Parameters
    ----------
    text : str
        Feature names, numbers, words in single quotes; ``and or not in is null true false
        between``; ``= != <> < <= > >= + - * /``; the functions abs and coalesce.
    where : str
        How an error calls the place the rule stands at.
    extra : mapping of str to polars type, optional
        Names beyond `debulk.patients.FEATURES` and the columns of the patients table.

    Returns
    -------
    Rule
        Row-wise and Boolean.

    Raises
    ------
    InputError
        If the text is empty or no expression, names something unknown, calls a function
        outside the short list, compares a column with a word it never holds, or its answer is
        not true or false.
    """
    check_kind(text, str, "rule", "Write one, as organs_involved >= 2")
    check_kind(where, str, "where")
    return _parsed(text, where, tuple((extra or {}).items()))


@lru_cache(maxsize=1_024)
def _parsed(text: str, where: str, extra: tuple[tuple[str, pl.DataType], ...]) -> Rule:
    """Read a rule; kept, since thousands of trials are judged by the same few."""
    types = feature_types() | dict(extra)
    if not text.strip():
        raise InputError(where, "the rule is empty", "Write one, as organs_involved >= 2")
    if len(text) > _MOST_CHARACTERS:
        raise InputError(where, f"the rule has {len(text)} characters", "Split it into several")
    tokens = list(_tokens(text, where))
    names = _names(tokens, types, where)
    if not names:
        raise InputError(
            where, f"{_short(text)} names no feature", "Compare a feature, as organs_involved >= 2"
        )
    _check_tokens(tokens, where)
    _check_words(tokens, names, types, where)
    _check_answer(text, names, types, where)
    return Rule(text, names, rising=_rising(tokens, types))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")


def _tokens(text: str, where: str) -> Iterator[tuple[str, str]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            bad = text[place:].strip()[:10]
            raise InputError(
                where,
                f"{_short(text)} cannot be read at {bad!r}",
                "Use feature names, numbers, words in single quotes, and, or, not, comparisons",
            )
        kind = match.lastgroup or ""
        yield kind, match[kind]
        place = match.end()


def _names(
    tokens: list[tuple[str, str]], types: Mapping[str, pl.DataType], where: str
) -> tuple[str, ...]:
    """Names of features in a rule; an unknown name or a function call is refused."""
    names = []
    following = [*tokens[1:], ("", "")]
    for (kind, value), (_, after) in zip(tokens, following, strict=True):
        if kind != "name" or value.lower() in KEYWORDS:
            continue
        if after == "(":
            _check_function(value, where)
        elif value not in types:
            raise InputError(where, f"no feature is called {value!r}", nearest(value, types))
        else:
            names.append(value)
    return tuple(dict.fromkeys(names))


def _check_function(name: str, where: str) -> None:
    if name.lower() in FUNCTIONS:
        return
    if name.lower() in _AGGREGATES:
        raise InputError(
            where,
            f"{name}() sums patients up, and a rule speaks of one patient",
            "Compare a feature of the patient, as largest_diameter_mm <= 30",
        )
    raise InputError(where, f"{name}() cannot be called here", f"Allowed: {', '.join(FUNCTIONS)}")


def _check_tokens(tokens: list[tuple[str, str]], where: str) -> None:
    depth = 0
    before = [("", ""), *tokens[:-1]]
    after = [*tokens[1:], ("", "")]
    for (kind, value), (_, last), (kind_next, following) in zip(tokens, before, after, strict=True):
        depth += (value == "(") - (value == ")")
        if depth > _MOST_DEPTH:
            raise InputError(where, "too many brackets in one another", "Write it simpler")
        if kind == "number" and float(value) > _LARGEST_NUMBER:
            raise InputError(where, f"the number {value} is too large", "Use a smaller one")
        if value == "-" and last == "-":
            raise InputError(where, "'--' starts a comment", "Leave the comment out")
        if value == "/" and (kind_next != "number" or float(following) == 0.0):
            raise InputError(
                where, "divides by something other than a number", "Multiply the other side instead"
            )
        if value.lower() == "null" and last.lower() not in ("is", "not"):
            raise InputError(
                where, "compares with null, which is never true", "Write is null or is not null"
            )


def _check_words(
    tokens: list[tuple[str, str]],
    names: tuple[str, ...],
    types: Mapping[str, pl.DataType],
    where: str,
) -> None:
    """A quoted word must be one that some column of the rule can hold."""
    allowed: set[str] = set()
    for name in names:
        dtype = types[name]
        if isinstance(dtype, pl.Enum):
            allowed.update(dtype.categories.to_list())
        elif dtype == pl.String:
            return
    for kind, value in tokens:
        word = value[1:-1].replace("''", "'")
        if kind == "text" and word not in allowed:
            raise InputError(
                where, f"{word!r} is no word of {' or '.join(names)}", nearest(word, allowed)
            )


def _rising(tokens: list[tuple[str, str]], types: Mapping[str, pl.DataType]) -> bool:
    """Whether the rule's counts stand in comparisons of one direction with numbers alone."""
    directions = set()
    before = [("", ""), *tokens[:-1]]
    after = [*tokens[1:], ("", "")]
    for (_, value), (_, last), (kind, following) in zip(tokens, before, after, strict=True):
        if value in COUNTS:
            compared = last.lower() in ("", "(", "and", "or") and following in _UPWARD | _DOWNWARD
            if not compared:
                return False
            directions.add(following in _UPWARD)
        elif last in COUNTS and kind != "number":
            return False
        # Turning round a single truth is harmless, turning round a comparison is not.
        if value.lower() == "not" and types.get(following) != pl.Boolean:
            return False
    return len(directions) <= 1


def _check_answer(
    text: str, names: tuple[str, ...], types: Mapping[str, pl.DataType], where: str
) -> None:
    remedy = "Write a comparison that is true or false for each patient"
    trial = pl.DataFrame({name: pl.Series([None, None], dtype=types[name]) for name in names})
    try:
        expression = pl.sql_expr(text)
        answer = trial.select(expression.alias("answer"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "not an expression"
        raise InputError(where, f"{_short(text)} is no rule ({reason})", remedy) from None
    if not set(expression.meta.root_names()) <= set(names):
        raise InputError(where, f"{_short(text)} is no rule", remedy)
    if answer.height != trial.height or answer.schema["answer"] != pl.Boolean:
        found = f"{_short(text)} gives {answer.schema['answer']}, not true or false"
        raise InputError(where, found, remedy)
