"""`--set KEY=VALUE`: whose number a key means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from debulk.core.errors import InputError, number_remedy

if TYPE_CHECKING:
    from debulk.treatments import Modality, Regimen


@dataclass
class Changes:
    """Changes sorted by what they change; values as the user wrote them."""

    protocol: dict[str, str] = field(default_factory=dict)
    disease: dict[str, float] = field(default_factory=dict)
    modalities: dict[str, str] = field(default_factory=dict)
    regimens: dict[str, str] = field(default_factory=dict)

    def cards(self) -> tuple[Mapping[str, Modality], Mapping[str, Regimen]]:
        """The packaged cards of modalities and regimens, changed.

        Raises
        ------
        InputError
            If a path or a value is wrong.
        """
        from debulk.treatments import load_modalities, load_regimens, override, override_regimens

        modalities, regimens = load_modalities(), load_regimens()
        for path, value in self.modalities.items():
            modalities = override(modalities, path, value)
        for path, value in self.regimens.items():
            regimens = override_regimens(regimens, path, value)
        return modalities, regimens


def read_changes(options: list[str]) -> Changes:
    """Sort ``KEY=VALUE`` options into those for the protocol, the disease model and the cards.

    Raises
    ------
    InputError
        If an option has no ``=``, an empty key, or no number where one is needed; or a key
        comes twice.
    """
    changes = Changes()
    seen: set[str] = set()
    for option in options:
        key, equals, value = option.partition("=")
        key, value = key.strip(), value.strip()
        if not (equals and key and value):
            raise InputError(
                f"--set {option}", "is not KEY=VALUE", "Write for instance conduct.withdrawn=0.1"
            )
        if key in seen:
            raise InputError(f"--set {key}", "is given twice", "Give it once")
        seen.add(key)
        room, _, rest = key.partition(".")
        if room == "disease" and rest:
            changes.disease[rest] = _number(key, value)
        elif room == "modalities" and rest:
            changes.modalities[key] = value
        elif room == "regimens" and rest:
            changes.regimens[key] = value
        else:
            changes.protocol[key] = value
    return changes


def _number(key: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        found = f"{value!r} is not a number"
        raise InputError(f"--set {key}", found, number_remedy(value)) from None
