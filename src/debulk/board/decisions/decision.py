"""What a board decided, with votes, dissent and what was not known: no names, no dates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from debulk.board.decisions.views import Views
from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.core.strings import entries
from debulk.core.strings import text as string
from debulk.patients.columns import MOST_MONTHS

LONGEST_TEXT = 4_000
LONGEST_TITLE = 120
MOST_VOTES = 40
ABSTAINS = "abstains"
OTHER = "other"
"""Key of the option that a board words itself."""
SYSTEMIC_ALONE = "systemic_alone"
"""Key of the option without local treatment."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OptionConsidered:
    """One option that the board looked at.

    Attributes
    ----------
    option : str
        Key in small letters, such as ``systemic_alone``.
    title : str
        For people.
    """

    option: str
    title: str

    def __post_init__(self) -> None:
        _check_key("option", self.option)
        _check_text(f"option {self.option}, title", self.title, LONGEST_TITLE)


@dataclass(frozen=True, slots=True)
class Vote:
    """The view of one member, under the member's discipline.

    Attributes
    ----------
    discipline : str
        One of ``decision.disciplines``; never a name.
    vote : str
        An option, an outcome, or ``"abstains"``.
    randomise : bool or None
        Whether the member would randomise this patient; None: not asked.
    """

    discipline: str
    vote: str
    randomise: bool | None = None

    def __post_init__(self) -> None:
        _check_choice("votes, discipline", self.discipline, entries("decision.disciplines"))
        if self.randomise is not None and not isinstance(self.randomise, bool):
            found = string("decision.errors.truth", found=_quoted(self.randomise))
            raise InputError("votes, randomise", found, string("decision.errors.truth_remedy"))


@dataclass(frozen=True, slots=True)
class Dissent:
    """A dissent in the member's own words."""

    discipline: str
    text: str

    def __post_init__(self) -> None:
        _check_choice("dissent, discipline", self.discipline, entries("decision.disciplines"))
        _check_text("dissent, text", self.text, LONGEST_TEXT, empty=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on one version of a case.

    Attributes
    ----------
    case_id : str
    case_version : int
        Version of the case that was shown.
    board_months : float
        Moment of the meeting, in months since the diagnosis of the bowel cancer.
    options : tuple of OptionConsidered
        At least one.
    taken : str
        The option taken, or one of ``trial``, ``more_diagnosis``, ``not_enough_known``.
    votes : tuple of Vote
        One a member; may be empty.
    dissent : tuple of Dissent
    first_views : Views or None
        What members noted before the futures were opened; None where nobody did.
    reasons, patients_wish, guideline_text : str
        In the board's own words.
    review_months : float or None
        When the decision is looked at again, on the same clock as `board_months`.
    review_trigger : str
        One of ``decision.triggers``, or empty.
    unknown_at_the_time : tuple of str
        Fields that were unknown and mattered.
    version : int
        Of this decision; an amendment is the next one.
    signed_role : str
        One of ``decision.roles``; empty while it is not signed.

    Raises
    ------
    InputError
        If a field does not fit; said in the field's own words.
    """

    case_id: str
    case_version: int
    board_months: float
    options: tuple[OptionConsidered, ...]
    taken: str
    votes: tuple[Vote, ...] = ()
    dissent: tuple[Dissent, ...] = ()
    reasons: str = ""
    patients_wish: str = ""
    guideline_text: str = ""
    review_months: float | None = None
    review_trigger: str = ""
    unknown_at_the_time: tuple[str, ...] = ()
    version: int = 1
    signed_role: str = ""
    first_views: Views | None = None

    def __post_init__(self) -> None:
        _check_text("case id", self.case_id, LONGEST_TITLE, empty=False)
        _check_whole("case version", self.case_version, 1, 100_000)
        _check_whole("decision version", self.version, 1, 100_000)
        _check_months("board_months", self.board_months)
        _check_options(self.options)
        choices = self.choices
        _check_choice("decision taken", self.taken, choices)
        _check_votes(self.votes, choices)
        self._check_dissent()
        for field in ("reasons", "patients_wish", "guideline_text"):
            _check_text(field.replace("_", " "), getattr(self, field), LONGEST_TEXT)
        for each in self.unknown_at_the_time:
            _check_text("unknown at the time", each, LONGEST_TITLE, empty=False)
        self._check_review()
        self._check_signature()

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be decided: the options considered, then the outcomes that are none of them."""
        return (*(each.option for each in self.options), *entries("decision.outcomes"))

    @property
    def free_texts(self) -> dict[str, str]:
        """What the board wrote on this patient, by field, to be looked through for names."""
        fields = ("reasons", "patients_wish")
        told = {name: getattr(self, name) for name in fields if getattr(self, name)}
        return told | {f"dissent.{n}": each.text for n, each in enumerate(self.dissent)}

    @property
    def signed(self) -> bool:
        """Whether it stands: a signed decision is amended, never changed."""
        return bool(self.signed_role)

    @property
    def agreement(self) -> float | None:
        """Share of the votes for what was decided, abstentions left out; None without votes."""
        cast = [each.vote for each in self.votes if each.vote != ABSTAINS]
        return cast.count(self.taken) / len(cast) if cast else None

    @property
    def randomise_share(self) -> float | None:
        """Share of the members asked who would randomise; None where none was asked."""
        asked = [each.randomise for each in self.votes if each.randomise is not None]
        return sum(asked) / len(asked) if asked else None

    @property
    def views(self) -> Views | None:
        """Members asked whether they would randomise, by what they would do; None: none asked."""
        asked = [each for each in self.votes if each.randomise is not None]
        if not asked:
            return None
        others = [each.vote for each in asked if not each.randomise]
        elsewhere = {OTHER, ABSTAINS, *entries("decision.outcomes")}
        none_of_these = sum(vote in elsewhere for vote in others)
        not_treat = others.count(SYSTEMIC_ALONE)
        return Views(
            randomise=len(asked) - len(others),
            treat=len(others) - none_of_these - not_treat,
            not_treat=not_treat,
            none_of_these=none_of_these,
        )

    @property
    def text(self) -> str:
        """The decision in one sentence, with votes counted."""
        taken = self.title_of(self.taken)
        cast = [each.vote for each in self.votes if each.vote != ABSTAINS]
        if not cast:
            return string("decision.no_votes", taken=taken)
        asked = [each.randomise for each in self.votes if each.randomise is not None]
        return string(
            "decision.in_short",
            taken=taken,
            with_it=cast.count(self.taken),
            votes=len(cast),
            randomising=string("decision.randomising", randomise=sum(asked), asked=len(asked))
            if asked
            else "",
        )

    def title_of(self, choice: str) -> str:
        """What people call an option, an outcome or an abstention."""
        titles = {each.option: each.title for each in self.options}
        titles |= {key: str(value) for key, value in entries("decision.outcomes").items()}
        titles[ABSTAINS] = string("decision.votes.abstains")
        return titles[choice]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; `decision_from_dict` reads them back."""
        told = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}
        return {
            **told,
            "agreement": self.agreement,
            "randomise_share": self.randomise_share,
            "text": self.text,
        }

    def _check_dissent(self) -> None:
        against = {each.discipline for each in self.votes if each.vote != self.taken}
        for each in self.dissent:
            if self.votes and each.discipline not in against:
                found = string("decision.errors.dissent_without", discipline=each.discipline)
                raise InputError("dissent", found, string("decision.errors.dissent_remedy"))

    def _check_review(self) -> None:
        if self.review_trigger:
            _check_choice("review trigger", self.review_trigger, entries("decision.triggers"))
        if self.review_months is None:
            return
        _check_months("review_months", self.review_months)
        if self.review_months <= self.board_months:
            found = string(
                "decision.errors.review_before",
                review=f"{self.review_months:g}",
                board=f"{self.board_months:g}",
            )
            remedy = string("decision.errors.review_before_remedy")
            raise InputError("review_months", found, remedy)

    def _check_signature(self) -> None:
        if not self.signed_role:
            return
        _check_choice("signed role", self.signed_role, entries("decision.roles"))
        if not self.reasons.strip():
            found = string("decision.errors.signed_without_reasons")
            remedy = string("decision.errors.signed_without_reasons_remedy")
            raise InputError("reasons", found, remedy)


def decision_from_dict(given: Mapping[str, Any], *, where: str = "decision") -> Decision:
    """A decision out of plain values, as `Decision.to_dict` writes them.

    Parameters
    ----------
    given : mapping
        Keys as the attributes of `Decision`; those that are computed are ignored.
    where : str
        How errors call the place.

    Raises
    ------
    InputError
        If a key is missing or a value does not fit.
    """
    fields = _group(where, given)
    _check_keys(where, fields, ("case_id", "case_version", "board_months", "options", "taken"))
    parts = {"options": OptionConsidered, "votes": Vote, "dissent": Dissent}
    read: dict[str, Any] = {
        name: value for name, value in fields.items() if name in Decision.__dataclass_fields__
    }
    for name, kind in parts.items():
        read[name] = tuple(
            _part(kind, _group(f"{where}, {name}", each), f"{where}, {name}")
            for each in _list(f"{where}, {name}", fields.get(name, ()))
        )
    if (views := fields.get("first_views")) is not None:
        place = f"{where}, first views"
        read["first_views"] = _part(Views, _group(place, views), place)
    unknown = _list(f"{where}, unknown at the time", fields.get("unknown_at_the_time", ()))
    return Decision(**{**read, "unknown_at_the_time": tuple(unknown)})


def _part(kind: Any, fields: Mapping[str, Any], where: str) -> Any:
    known = kind.__dataclass_fields__
    _check_keys(where, fields, [name for name, e in known.items() if e.default is MISSING])
    return kind(**{name: value for name, value in fields.items() if name in known})


def _check_keys(where: str, fields: Mapping[str, Any], required: Iterable[str]) -> None:
    for key in required:
        if key not in fields:
            remedy = string("decision.errors.key_missing_remedy", key=key)
            raise InputError(where, string("decision.errors.key", key=key), remedy)


def _group(where: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        found = string("decision.errors.no_group", found=_quoted(given))
        remedy = string("decision.errors.key_missing_remedy", key="fields")
        raise InputError(where, found, remedy)
    return given


def _list(where: str, given: Any) -> list[Any]:
    if not isinstance(given, list | tuple):
        found = string("decision.errors.no_list", found=_quoted(given))
        raise InputError(where, found, string("decision.errors.list_remedy"))
    return list(given)


def _check_options(options: tuple[OptionConsidered, ...]) -> None:
    if not options:
        found = string("decision.errors.no_options")
        raise InputError("options", found, string("decision.errors.no_options_remedy"))
    keys = [each.option for each in options]
    for key in keys:
        if keys.count(key) > 1 or key in entries("decision.outcomes") or key == ABSTAINS:
            found = string("decision.errors.twice", key=repr(key))
            raise InputError("options", found, string("decision.errors.twice_remedy"))


def _check_votes(votes: tuple[Vote, ...], choices: tuple[str, ...]) -> None:
    _check_whole("number of votes", len(votes), 0, MOST_VOTES)
    for each in votes:
        _check_choice("votes, vote", each.vote, (*choices, ABSTAINS))


def _check_key(where: str, value: Any) -> None:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise InputError(where, _quoted(value), string("decision.errors.key_remedy"))


def _check_choice(where: str, value: Any, known: Any) -> None:
    if not isinstance(value, str) or value not in known:
        found = string("decision.errors.choice", found=_quoted(value))
        raise InputError(where, found, nearest(str(value)[:60], known))


def _check_text(where: str, value: Any, most: int, *, empty: bool = True) -> None:
    if not isinstance(value, str) or (not empty and not value.strip()):
        found = string("decision.errors.not_text", found=_quoted(value))
        raise InputError(where, found, string("decision.errors.not_text_remedy"))
    if len(value) > most:
        found = string("decision.errors.too_long", n=f"{len(value):,}")
        remedy = string("decision.errors.too_long_remedy", most=f"{most:,}")
        raise InputError(where, found, remedy)


def _check_whole(where: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        first, last = f"{least:,}", f"{most:,}"
        found = string("decision.errors.whole", found=_quoted(value), least=first, most=last)
        remedy = string("decision.errors.whole_remedy", least=first, most=last)
        raise InputError(where, found, remedy)


def _check_months(where: str, value: Any) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0.0 <= value <= MOST_MONTHS:
        found = string("decision.errors.months", found=_quoted(value))
        remedy = string("decision.errors.months_remedy", least="0", most=f"{MOST_MONTHS:,.0f}")
        raise InputError(where, found, remedy)


def _quoted(value: Any) -> str:
    return f"{value!r:.60}"
