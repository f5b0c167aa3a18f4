"""The packaged cards, and cards of a user's own."""

from __future__ import annotations

import functools
from importlib.resources import as_file, files
from pathlib import Path

from debulk.core.errors import InputError, nearest
from debulk.core.yaml_files import YamlDocument, read_yaml, validated
from debulk.treatments.cards import Modality, Panel
from debulk.treatments.regimens import Regimen
from debulk.treatments.schema import BackboneModel, ModalityModel, PanelModel


def load_modalities(directory: Path | str | None = None) -> dict[str, Modality]:
    """Cards of local modalities by name, in alphabetical order.

    Parameters
    ----------
    directory : path, optional
        Folder of YAML cards of the user's own; they replace the packaged ones of the same name
        and stand beside the others.

    Raises
    ------
    InputError
        If the folder has no cards or a card does not fit: file, line, field, remedy.
    """
    cards = dict(_packaged_modalities())
    for document in [] if directory is None else _documents(Path(directory)):
        card = _modality(document)
        cards[card.name] = card
    return dict(sorted(cards.items()))


def load_regimens(directory: Path | str | None = None) -> dict[str, Regimen]:
    """Cards of systemic regimens by name, in alphabetical order.

    Parameters
    ----------
    directory : path, optional
        Folder of YAML cards of the user's own; they replace the packaged ones of the same name
        and stand beside the others.

    Raises
    ------
    InputError
        If the folder has no cards or a card does not fit: file, line, field, remedy.
    """
    cards = dict(_packaged_regimens())
    for document in [] if directory is None else _documents(Path(directory)):
        cards.update((card.name, card) for card in validated(BackboneModel, document).cards())
    return dict(sorted(cards.items()))


def load_panel(path: Path | str | None = None) -> Panel:
    """How treatability is judged.

    Parameters
    ----------
    path : Path or str, optional
        A card of the user's own; default: the packaged one.

    Returns
    -------
    Panel

    Raises
    ------
    InputError
        If the card does not fit: file, line, field, remedy.
    """
    return _packaged_panel() if path is None else _panel(read_yaml(Path(path)))


@functools.cache
def _packaged_modalities() -> dict[str, Modality]:
    with as_file(files("debulk.data") / "treatments" / "modalities") as folder:
        return {card.name: card for card in map(_modality, _documents(folder))}


@functools.cache
def _packaged_regimens() -> dict[str, Regimen]:
    with as_file(files("debulk.data") / "treatments" / "regimens") as folder:
        return {
            card.name: card
            for document in _documents(folder)
            for card in validated(BackboneModel, document).cards()
        }


@functools.cache
def _packaged_panel() -> Panel:
    with as_file(files("debulk.data") / "treatments" / "panel.yaml") as path:
        return _panel(read_yaml(path))


def _modality(document: YamlDocument) -> Modality:
    card = validated(ModalityModel, document).card()
    stem = Path(document.name).stem
    if stem != card.name:
        raise document.error(
            ("name",), f"{card.name!r} in a file named {stem!r}", "Give both the same name"
        )
    return card


def _panel(document: YamlDocument) -> Panel:
    panel = validated(PanelModel, document).card()
    known = _packaged_modalities()
    for organ, rule in panel.organs.items():
        named = [rule.operation] if rule.operation else []
        for name in [*named, *(each for stage in rule.otherwise for each in stage)]:
            if name not in known:
                raise document.error(
                    ("organs", organ), f"unknown modality {name!r}", nearest(name, known)
                )
    return panel


def _documents(folder: Path) -> list[YamlDocument]:
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "Name the folder that holds the YAML cards")
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError(str(folder), "holds no *.yaml file", "Put the cards there")
    return [read_yaml(path) for path in paths]
