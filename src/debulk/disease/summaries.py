"""Aggregates of patients' tables that calibration may use, as packaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from debulk.core.errors import InputError, nearest
from debulk.core.yaml_files import parse_yaml

FILE = "disease/patient_summaries.yaml"


@dataclass(frozen=True, slots=True)
class SummarySource:
    """Where aggregates come from.

    Attributes
    ----------
    name : str
        ``ffcd``, ``colon`` or ``tcia``.
    data, study, licence, caveats : str
        The table, the study behind it, the licence of the table, and what to beware of.
    """

    name: str
    data: str
    study: str
    licence: str
    caveats: str


@dataclass(frozen=True, slots=True)
class PatientSummary:
    """One aggregate of a table of patients.

    Attributes
    ----------
    name : str
        Source, group of patients, quantity and time, such as
        ``ffcd/combination/overall-survival/year-1``.
    value : float
        The estimate.
    lower, upper : float
        Limits of 95 %.
    standard_error : float
        Of the value; for quantiles and the hazard ratio the width of the limits over 3.92.
    n : int
        Patients that went in.
    unit : str
        ``share``, ``months``, ``mm``, ``days``, ``1/month``, ``ratio`` or ``ug/L``.
    meaning, method : str
        What was estimated, and how.
    source : SummarySource
        The table and its study.
    """

    name: str
    value: float
    lower: float
    upper: float
    standard_error: float
    n: int
    unit: str
    meaning: str
    method: str
    source: SummarySource


@lru_cache(maxsize=1)
def patient_summaries() -> Mapping[str, PatientSummary]:
    """Every packaged aggregate by name, in the order of the file.

    Returns
    -------
    mapping of str to PatientSummary
        Of FFCD 2000-05 (tumour size, new lesions and survival under first-line chemotherapy), of
        the adjuvant trial behind R survival's ``colon`` (recurrence after resection of stage III)
        and of TCIA's Colorectal-Liver-Metastases (after liver resection).

    Examples
    --------
    >>> found = patient_summaries()["ffcd/all/overall-survival/median"]
    >>> round(found.value, 1), found.unit, found.n
    (14.7, 'months', 150)
    """
    content = _packaged()
    sources = {
        name: SummarySource(name=name, **words) for name, words in content["sources"].items()
    }
    return MappingProxyType(
        {
            name: PatientSummary(name=name, source=sources[name.partition("/")[0]], **entry)
            for name, entry in content["summaries"].items()
        }
    )


def patient_summary(name: str) -> PatientSummary:
    """One aggregate.

    Raises
    ------
    InputError
        If no aggregate has this name; the message offers the nearest.
    """
    known = patient_summaries()
    if name not in known:
        raise InputError("patient summary", f"{name!r} is not known", nearest(name, known))
    return known[name]


def _packaged() -> Any:
    file = resources.files("debulk") / "data" / "disease" / "patient_summaries.yaml"
    return parse_yaml(file.read_text(encoding="utf-8"), FILE).content
