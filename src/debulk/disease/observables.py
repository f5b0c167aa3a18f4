"""What tests show of a tumour: CEA, ctDNA, WHO performance status, utility.

Functions of the columns of `debulk.disease.course.outcome.Watch`, one after the other: nothing here
acts on the course of the disease. NaN, as after death, stays NaN. Constants and their sources are
those of ``data/disease/observables.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.yaml_files import parse_yaml

Floats = npt.NDArray[np.float64]

CELLS_PER_ML = 1e9


@dataclass(frozen=True, slots=True)
class ObservableConstant:
    """One constant as packaged.

    Attributes
    ----------
    name, unit, meaning, note : str
        What it is.
    value : float
        Its value.
    source : str
        ``assumption``, or evidence keys and names of patient summaries, joined by ``;``.
    """

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    note: str


@lru_cache(maxsize=1)
def observable_constants() -> Mapping[str, ObservableConstant]:
    """Every constant of this module by name."""
    file = resources.files("debulk") / "data" / "disease" / "observables.yaml"
    content = parse_yaml(file.read_text(encoding="utf-8"), "disease/observables.yaml").content
    return MappingProxyType(
        {
            name: ObservableConstant(name=name, **entry)
            for name, entry in content["constants"].items()
        }
    )


def constant(name: str) -> float:
    """Value of one constant."""
    return observable_constants()[name].value


def cea_ug_l(
    volume_ml: npt.ArrayLike,
    *,
    secretion_ug_l_per_ml: npt.ArrayLike | None = None,
    background_ug_l: npt.ArrayLike | None = None,
) -> Floats:
    """Carcinoembryonic antigen in serum.

    Parameters
    ----------
    volume_ml : array-like
        Volume of the tumour in the whole body, living and dead, at least 0.
    secretion_ug_l_per_ml : array-like, optional
        What a millilitre adds, at least 0; by default that of the median patient who secretes.
    background_ug_l : array-like, optional
        CEA without a tumour, above 0; by default that of the median patient.

    Returns
    -------
    ndarray of float64
        ug/L, of the arguments' common shape: ``background + secretion * volume``. CEA is cleared
        within days, so that it follows the volume at once.

    Raises
    ------
    InputError
        If a volume, secretion or background is below 0.

    Examples
    --------
    >>> cea_ug_l([0.0, 10.0, 100.0]).tolist()
    [2.0, 6.8, 50.0]
    """
    secretion = _or_median(secretion_ug_l_per_ml, "cea_secretion_ug_l_per_ml")
    background = _or_median(background_ug_l, "cea_background_ug_l")
    volume = _at_least_zero(volume_ml, "volume_ml")
    return np.asarray(background + secretion * volume)


def ctdna_vaf(living_cells: npt.ArrayLike, *, odds_per_ml: npt.ArrayLike | None = None) -> Floats:
    """Variant allele frequency of a mutation of the tumour in plasma.

    Parameters
    ----------
    living_cells : array-like
        Of the whole body, at least 0.
    odds_per_ml : array-like, optional
        DNA of the tumour over that of other cells, by 1e9 living cells; by default that of the
        median patient.

    Returns
    -------
    ndarray of float64
        From 0 without a tumour to the share of the tumour's DNA that carries the mutation.

    Raises
    ------
    InputError
        If a number of cells or odds is below 0.

    Examples
    --------
    >>> ctdna_vaf([0.0, 1e10]).round(4).tolist()
    [0.0, 0.001]
    """
    odds = _or_median(odds_per_ml, "ctdna_odds_per_ml")
    odds = odds * _at_least_zero(living_cells, "living_cells") / CELLS_PER_ML
    return np.asarray(constant("ctdna_allele_share") * odds / (1.0 + odds))


def who_ps(
    load: npt.ArrayLike,
    *,
    frailty: npt.ArrayLike = 0.0,
    weight: npt.ArrayLike = 0.0,
    thresholds: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    months_since_local: npt.ArrayLike = np.nan,
) -> Floats:
    """WHO performance status from the load of the organs and from frailty.

    Parameters
    ----------
    load : array-like
        Sum over organs of volume over the volume at which the organ fails, at least 0.
    frailty : array-like
        The patient's latent frailty, standard normal.
    weight : array-like
        Weight of frailty in the logarithm of the load (`who_frailty` of the disease model).
    thresholds : three array-likes
        Loads from which the status is 1, 2 and 3 (`who_1` to `who_3` of the disease model).
    months_since_local : array-like
        Since local treatment; NaN or below 0 where there has been none.

    Returns
    -------
    ndarray of float64
        0 to 4, whole numbers; NaN where the load is.

    Raises
    ------
    InputError
        If a load is below 0.
    """
    felt = _at_least_zero(load, "load") * np.exp(np.multiply(weight, frailty))
    status = np.where(np.isnan(felt), np.nan, 0.0)
    for least in (*thresholds, constant("who_4")):
        status = status + (felt >= np.asarray(least))
    since = np.asarray(months_since_local, dtype=np.float64)
    recovering = (since >= 0.0) & (since < constant("who_operation_months"))
    return np.asarray(np.minimum(status + recovering, 4.0))


def utility(
    status: npt.ArrayLike,
    *,
    drug: npt.ArrayLike = 0.0,
    months_since_local: npt.ArrayLike = np.nan,
) -> Floats:
    """Quality of life as a utility: 1 full health, 0 dead.

    Parameters
    ----------
    status : array-like
        WHO performance status, 0 to 4 whole numbers, or NaN.
    drug : array-like
        Share of the time on drug, 0 to 1.
    months_since_local : array-like
        Since local treatment; NaN or below 0 where there has been none.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    InputError
        If a status is none of 0 to 4.

    Notes
    -----
    All numbers are assumptions: no source of utilities is packaged.

    Examples
    --------
    >>> utility([0, 1, 4]).tolist()
    [0.85, 0.75, 0.2]
    >>> utility([0, 0], drug=[0, 1], months_since_local=[1.0, float("nan")]).round(3).tolist()
    [0.775, 0.81]
    """
    given = np.asarray(status, dtype=np.float64)
    known = np.isfinite(given)
    wrong = ~(np.isnan(given) | np.isin(given, (0.0, 1.0, 2.0, 3.0, 4.0)))
    if wrong.any():
        raise InputError("status", f"{given[wrong][0]:g}", "Give a WHO status from 0 to 4")
    levels = np.array([constant(f"utility_who_{each}") for each in range(5)])
    value = np.where(known, levels[np.where(known, given, 0.0).astype(np.int64)], np.nan)
    since = np.asarray(months_since_local, dtype=np.float64)
    after = np.where(since >= 0.0, since, np.inf)  # without a local treatment nothing is lost
    lost = np.exp2(-after / constant("utility_operation_half_life_months"))
    on_drug = constant("utility_drug") * np.asarray(drug, dtype=np.float64)
    return np.asarray(value - on_drug - constant("utility_operation") * lost)


def _or_median(values: npt.ArrayLike | None, name: str) -> Floats:
    return _at_least_zero(constant(name) if values is None else values, name)


def _at_least_zero(values: npt.ArrayLike, where: str) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    below = numbers < 0.0
    if below.any():
        raise InputError(where, f"{numbers[below].flat[0]!r} is below 0", "Give 0 or more")
    return numbers
