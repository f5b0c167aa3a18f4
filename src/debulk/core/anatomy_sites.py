"""Where in its organ a lesion lies: lobes, segments, nodal stations, as people write them.

A site is kept in one spelling, so that a rule on a lobe or a station finds what was meant.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator

from debulk.core.anatomy import ORGANS
from debulk.core.errors import nearest
from debulk.core.strings import text

LESION_LETTERS = dict(zip(ORGANS, "LUVCNBHAOXP", strict=True))
"""Letter of a lesion's name by organ; U is the lung, C peritoneal carcinomatosis."""

LOBES = ("right", "left", "caudate")
"""Lobes of the liver."""

LOBE_OF_SEGMENT = {"S1": "caudate"} | {
    f"S{number}": "left" if number < 5 else "right" for number in range(2, 9)
}
"""Lobe of each segment of the liver."""

LUNG_LOBES = {
    "rul": "right upper lobe",
    "rml": "right middle lobe",
    "rll": "right lower lobe",
    "lul": "left upper lobe",
    "lll": "left lower lobe",
}
"""Lobes of the lung by their abbreviations."""

STATIONS = (
    *("para_aortic", "coeliac", "liver_hilum", "mediastinal", "pelvic"),
    *("mesenteric", "inguinal", "supraclavicular", "axillary"),
)
"""Nodal stations; the criteria of trials ask about the first two."""

SITES = {
    "liver": tuple(f"{lobe} {segment}" for segment, lobe in LOBE_OF_SEGMENT.items()),
    "lung": tuple(LUNG_LOBES.values()),
    "lymph_node": STATIONS,
}
"""Sites to choose from by organ; elsewhere the site is told in words."""

STATION_WORDS = {
    **{station: station for station in STATIONS},
    **dict.fromkeys(("paraaortic", "aortic", "retroperitoneal"), "para_aortic"),
    **dict.fromkeys(("aortocaval", "interaortocaval", "paracaval"), "para_aortic"),
    **dict.fromkeys(("aorto_caval", "inter_aortocaval", "para_caval"), "para_aortic"),
    **dict.fromkeys(("celiac", "truncus"), "coeliac"),
    **dict.fromkeys(("hilum", "hilar", "portal", "hepatic_hilum"), "liver_hilum"),
    **dict.fromkeys(("liver_hilar", "hepatic_hilar"), "liver_hilum"),
    "mediastinum": "mediastinal",
    "iliac": "pelvic",
}
"""Station that a word means."""

_BESIDE_A_STATION = {"left", "right", "both", "bilateral", "lymph", "node", "nodes", "station"}
_LIVER_WORD = re.compile(r"s(?:eg(?:ment)?)?[ .]?(\d{1,9})[ab]?|(right|left|caudate)(?: lobe)?")
_APART = re.compile(r"[\s,;]+")


class NoSite(ValueError):
    """Words that tell no place in an organ.

    Attributes
    ----------
    reason, found : str
        What is wrong, and with which word.
    near : str
        The nearest word that would be understood, as a question; empty where none is near.
    impossible : bool
        Whether there is no such place, rather than one this program does not know.
    """

    def __init__(
        self, problem: str, found: str, near: str = "", *, impossible: bool = False, **values: str
    ) -> None:
        self.reason = text(f"anatomy.{problem}", found=found, **values)
        super().__init__(self.reason)
        self.found, self.near, self.impossible = found, near, impossible


def site_of(organ: str | None, words: str) -> str:
    """The site that words mean, in the one spelling that is kept.

    Parameters
    ----------
    organ : str or None
        Out of `debulk.core.anatomy.ORGANS`.
    words : str
        As typed. In the liver a lobe, a segment or both; of a node its station; else any words, of
        which abbreviations of the lobes of the lung are written out.

    Raises
    ------
    NoSite
        If they name no lobe, segment or station, or a segment of the other lobe.
    """
    plain = " ".join(_APART.split(words.casefold().strip()))
    if organ == "liver":
        return _liver_site(plain)
    if organ == "lymph_node":
        return _station(words, plain)
    return LUNG_LOBES.get(plain, words) if organ == "lung" else words


def tells_place(organ: str | None, site: str | None) -> bool:
    """Whether a site is known well enough for a rule: a node whose station nobody knows is not."""
    if not site:
        return False
    return organ != "lymph_node" or station_of(site) is not None


def station_of(site: str) -> str | None:
    """The nodal station that a site names; None where it is none of them."""
    try:
        return site_of("lymph_node", site)
    except NoSite:
        return None


def closed_site(organ: str, site: str) -> str | None:
    """The site out of the closed lists that words mean; None where it is told in words alone."""
    try:
        found = site_of(organ, site)
    except NoSite:
        return None
    return found if organ == "liver" or found in SITES.get(organ, ()) else None


def lesion_names(organ: str, taken: Container[str]) -> Iterator[str]:
    """Names of lesions of an organ that nobody has: its letter and the next numbers."""
    return free_names(LESION_LETTERS[organ], taken)


def free_names(first: str, taken: Container[str]) -> Iterator[str]:
    """A letter with each number that is not taken, from 1."""
    names = (f"{first}{number}" for number in itertools.count(1))
    return (name for name in names if name not in taken)


def _station(words: str, plain: str) -> str:
    named = [each for each in re.split(r"[-_\s]+", plain) if each not in _BESIDE_A_STATION]
    station = STATION_WORDS.get("_".join(named))
    if station is None:
        near = _near("_".join(named), STATION_WORDS)
        raise NoSite("no_station", words, near)
    return station


def _liver_site(plain: str) -> str:
    """Lobe and segment must agree; a segment alone tells its lobe."""
    lobes, segments = [], []
    left = plain
    while left:
        found = _LIVER_WORD.match(left)
        if found is None or left[found.end() : found.end() + 1].strip():
            unknown = left.split()[0]
            raise NoSite("no_place", unknown, _near(unknown, LOBES))
        if found[1] is not None:
            segments.append(_segment(found[0], int(found[1])))
        else:
            lobes.append(found[2])
        left = left[found.end() :].strip()
    if len(lobes) > 1 or len(segments) > 1:
        raise NoSite("no_place", plain)
    if not segments:
        return " ".join(lobes)
    lobe = LOBE_OF_SEGMENT[segments[0]]
    if lobes and lobes[0] != lobe:
        raise NoSite("no_side", segments[0], impossible=True, lobe=lobe, said=lobes[0])
    return f"{lobe} {segments[0]}"


def _segment(typed: str, number: int) -> str:
    if f"S{number}" not in LOBE_OF_SEGMENT:
        raise NoSite("no_segment", typed.upper(), impossible=True)
    return f"S{number}"


def _near(word: str, known: Iterable[str]) -> str:
    offered = nearest(word, known, most=1)
    return offered if offered.startswith("Did") else ""
