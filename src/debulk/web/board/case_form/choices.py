"""Suggestions beside fields of free words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from debulk.core.strings import entries


@cache
def treatment_names() -> tuple[str, ...]:
    """Names of regimens and of local treatments, written so that their cards are found again."""
    from debulk.treatments import load_regimens

    regimens = (each.title.replace(" with ", " + ") for each in load_regimens().values())
    local = (name.upper() if len(name) < 5 else name for name in modality_titles())
    return (*regimens, "resection", *(name.replace("_", " ") for name in local))


@cache
def modality_titles() -> Mapping[str, str]:
    """Title of each packaged modality, by its name."""
    from debulk.treatments import load_modalities

    return {name: each.title for name, each in load_modalities().items()}


@cache
def panellists() -> tuple[str, ...]:
    """Disciplines at the table."""
    return tuple(str(each) for each in entries("case_form.panellists").values())


@cache
def reasons() -> tuple[str, ...]:
    """Reasons for which a lesion is not treatable."""
    return tuple(str(each) for each in entries("case_form.reasons").values())
