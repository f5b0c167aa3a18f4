"""The card that a typed name of a treatment means."""

from __future__ import annotations

import functools
import re

from debulk.treatments.library import load_modalities, load_regimens


def card_named(name: str) -> str | None:
    """The packaged card that a typed name means.

    Case, signs, "with" and "and" do not tell cards apart: "CAPOX + bevacizumab" is
    ``capox_bevacizumab``. A card is known by its name and by its title.

    Parameters
    ----------
    name : str
        Of a local treatment or a regimen, as somebody typed it.

    Returns
    -------
    str or None
        The card's name; ``"resection"`` for a resection of nothing named; None without a card.
    """
    return _by_words().get(_words(name))


@functools.cache
def _by_words() -> dict[str, str]:
    titles = {name: card.title for name, card in load_modalities().items()}
    titles |= {name: card.title for name, card in load_regimens().items()}
    by_title = {_words(title): name for name, title in titles.items()}
    return by_title | {_words(name): name for name in (*titles, "resection")}


def _words(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.casefold())
    return "_".join(each for each in words if each not in ("with", "and"))
