"""Chance of cure and of occult metastases over the extent of disease."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.core.shrinkage import without_noise
from debulk.disease.continuum_evidence import Published, published_points
from debulk.disease.continuum_tally import HORIZON_MONTHS, MEASURES, Tally, count_chunk
from debulk.disease.extents import EXTENTS, STAGES, Extent
from debulk.disease.model import DiseaseModel, load_model
from debulk.treatments.library import load_modalities
from debulk.treatments.tables import modality_tables

LEVEL = 0.90
"""Level of the bands over draws."""

MOST_DRAWS = 100
"""Draws of the posterior taken where nobody says how many."""

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "cure": (
            "No living tumour cell is left. Stages I to III: no metastasis survives the "
            "resection of the primary, immune clearance and, where given, adjuvant "
            "chemotherapy. With metastases: all that imaging shows is treated at once; no "
            "recurrence is ever seen, and no living metastatic cell is left at death from "
            "another cause or after "
            f"{HORIZON_MONTHS / 12.0:.0f} years. Death within 90 days of the treatment is no cure."
        ),
        "occult": (
            "At the time of treatment at least one living metastasis, of one cell or more, that "
            "imaging does not show then. Immunity or drug may still clear it: cure and occult "
            "disease do not exclude each other."
        ),
    }
)
"""What the two lines are."""

ASSUMPTIONS = (
    "The primary is resected in every patient.",
    "Operations by the panel's rule for each organ; liver metastases beyond the limits of liver "
    "resection are ablated. All is treated whatever its number: beyond the resectable extents "
    "this is an experiment on the model, not a practice.",
    "What an operation finds below the threshold of imaging, in an organ where imaging shows a "
    "metastasis, is treated too.",
    "Local control, deaths and growth stimulus are those of the modality cards; drug from the "
    "first recurrence on, and recurrences are resected as often as the model says.",
)
"""How all that imaging shows is treated."""

_MOST_PEOPLE = 10_000_000
_CHUNK_PEOPLE = 40_000
_MEDIAN_EFFICIENCY = math.sqrt(math.pi / 2.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A share over draws of the parameters.

    Attributes
    ----------
    median, lower, upper : float
        Over draws, central `LEVEL`, Monte Carlo error taken out (see `band`); NaN where no patient
        has the extent.
    patients_se : float
        Monte Carlo standard error within one draw, from the share over all draws and the mean
        of one over the number of patients.
    draws_se : float
        Monte Carlo standard error of the median, from the number of draws; NaN with one draw.
    """

    median: float
    lower: float
    upper: float
    patients_se: float
    draws_se: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ExtentChances:
    """What the model says of one extent, beside what was published.

    Attributes
    ----------
    extent : Extent
    patients : int
        Virtual patients in all draws.
    draws : int
        Draws in which anybody has the extent.
    cure, occult : Band
    measures : mapping of str to Band
        For comparison with series: see `debulk.disease.continuum_tally.MEASURES`.
    by_structure : mapping of str to mapping of str to float
        Median of cure and of occult disease over the draws of each structure.
    published : tuple of Published
    """

    extent: Extent
    patients: int
    draws: int
    cure: Band
    occult: Band
    measures: Mapping[str, Band]
    by_structure: Mapping[str, Mapping[str, float]]
    published: tuple[Published, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "extent": self.extent.name,
            "extent_class": self.extent.extent_class,
            "label": self.extent.label,
            "definition": self.extent.definition,
            "patients": self.patients,
            "draws": self.draws,
            "cure": self.cure.to_dict(),
            "occult": self.occult.to_dict(),
            "measures": {name: each.to_dict() for name, each in self.measures.items()},
            "by_structure": plain(self.by_structure),
            "published": [each.to_dict() for each in self.published],
        }


@dataclass(frozen=True)
class Continuum:
    """Chance of cure and of occult metastases from stage I to extensive disease.

    Attributes
    ----------
    extents : tuple of ExtentChances
        In the order of the axis.
    draws : int
        Parameter sets.
    structures : mapping of str to int
        Draws of each structure of the model.
    patients : int
        People with bowel cancer lived through in each draw.
    provenance : Provenance
        With those left out.
    posterior_sha256 : str or None
        Hash of the posterior sample; None where the model has one parameter set.
    """

    extents: tuple[ExtentChances, ...]
    draws: int
    structures: Mapping[str, int]
    patients: int
    provenance: Provenance
    posterior_sha256: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "extents": [each.to_dict() for each in self.extents],
            "level": LEVEL,
            "draws": self.draws,
            "structures": dict(self.structures),
            "patients_per_draw": self.patients,
            "horizon_months": HORIZON_MONTHS,
            "definitions": dict(DEFINITIONS),
            "measures": dict(MEASURES),
            "assumptions": list(ASSUMPTIONS),
            "posterior": {"draws": self.draws, "sha256": self.posterior_sha256},
            "provenance": self.provenance.to_dict(),
        }


def compute_continuum(
    model: DiseaseModel | None = None,
    *,
    draws: int | None = None,
    patients: int = 4000,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Continuum:
    """Chance of cure and of occult metastases over the extent of disease.

    Parameters
    ----------
    model : DiseaseModel, optional
        The calibrated one if left out.
    draws : int, optional
        Parameter sets of the posterior, from 1 to all; at most `MOST_DRAWS` if left out.
    patients : int
        People with bowel cancer lived through in each draw, 1 to 10 million over all draws.
    seed : int
        0 or above. Same seed, same bytes, whatever the threads.
    progress : callable, optional
        Called with draws done and all draws.

    Returns
    -------
    Continuum

    Raises
    ------
    InputError
        If a number is out of its range.
    """
    model = drawn_model(load_model() if model is None else model, draws)
    check_sizes(patients, model.draws, seed)
    tally = Tally.empty(model.draws)
    tables = modality_tables(load_modalities())
    step = max(1, _CHUNK_PEOPLE // patients)
    for first in range(0, model.draws, step):
        last = min(first + step, model.draws)
        count_chunk(tally, model, tables, seed=seed, trials=range(first, last), births=patients)
        if progress is not None:
            progress(last, model.draws)
    return gathered(tally, model, patients=patients, seed=seed)


def drawn_model(model: DiseaseModel, draws: int | None) -> DiseaseModel:
    """The model with as many draws as asked for; at most `MOST_DRAWS` where nobody asks.

    One draw is the central set, as in trials.

    Raises
    ------
    InputError
        If there are not so many.
    """
    if model.posterior is None:
        if draws in (None, 1):
            return model
        raise InputError("draws", f"{draws} asked for, the model has one parameter set", "Give 1")
    if draws == 1:
        return model.central()
    return model.with_draws(min(MOST_DRAWS, model.draws) if draws is None else draws)


def check_sizes(patients: int, draws: int, seed: int) -> None:
    """Refuse numbers of patients and seeds that make no sense, or would not fit a machine.

    Raises
    ------
    InputError
        With the argument that is out of range.
    """
    if patients < 1:
        raise InputError("patients", f"{patients} is below 1", "Give 1 or more")
    if patients * draws > _MOST_PEOPLE:
        found = f"{patients:,} in each of {draws:,} draws are more than {_MOST_PEOPLE:,}"
        raise InputError("patients", found, f"Give at most {_MOST_PEOPLE // draws:,}")
    if not 0 <= seed < 2**63:
        raise InputError("seed", f"{seed} is out of range", "Give 0 to 2^63 - 1")


def gathered(tally: Tally, model: DiseaseModel, *, patients: int, seed: int) -> Continuum:
    """Bands over the draws of a tally, beside the published numbers."""
    points = published_points()
    rows = []
    for column, extent in enumerate(EXTENTS):
        shares = {name: tally.share(name, column) for name in tally.counts}
        known = tally.patients[:, column]
        bands = {name: band(each, known) for name, each in shares.items()}
        rows.append(
            ExtentChances(
                extent=extent,
                patients=int(known.sum()),
                draws=int((known > 0).sum()),
                cure=bands["cure"],
                occult=bands["occult"],
                measures={
                    name: bands[name]
                    for name in MEASURES
                    if not (name.startswith("alive") and extent in STAGES)
                },
                by_structure=_by_structure(shares, model.structures),
                published=tuple(each for each in points if extent.name in each.extents),
            )
        )
    return Continuum(
        extents=tuple(rows),
        draws=model.draws,
        structures=model.structure_counts,
        patients=patients,
        provenance=Provenance(
            version=__version__,
            seed=seed,
            parameters=model.parameter_records(),
            exclusions=(
                Exclusion(
                    "more than 5 metastases in one organ other than the liver", tally.off_axis
                ),
            ),
            remarks=_remarks(model),
        ),
        posterior_sha256=None if model.posterior is None else model.posterior.sha256,
    )


def band(shares: npt.NDArray[np.float64], patients: npt.NDArray[np.int64]) -> Band:
    """Median and central `LEVEL` of shares over draws, with their Monte Carlo errors.

    Parameters
    ----------
    shares : float64[draws]
        NaN in draws without patients, which are left out.
    patients : int64[draws]
        On whom each share rests.
    """
    known = np.isfinite(shares)
    if not known.any():
        return Band(*(math.nan,) * 5)
    shares, patients = shares[known], patients[known]
    # Over all draws, with one added success and failure: a share of 0 or 1 is uncertain too.
    pooled = (float(shares @ patients) + 1.0) / (float(patients.sum()) + 2.0)
    within = math.sqrt(pooled * (1.0 - pooled) * float(np.mean(1.0 / patients)))
    spread = float(shares.std(ddof=1)) if shares.size > 1 else math.nan
    tail = (1.0 - LEVEL) / 2.0
    drawn = of_parameters(shares, patients)
    lower, median, upper = np.quantile(drawn, [tail, 0.5, 1.0 - tail])
    error = _MEDIAN_EFFICIENCY * spread / math.sqrt(shares.size)
    return Band(float(median), float(lower), float(upper), within, error)


def of_parameters(
    shares: npt.NDArray[np.float64], patients: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Shares that spread as parameters alone make them.

    The binomial variance within draws, estimated without bias, is taken from the variance between
    them. Without it rare extents would have bands of nothing but Monte Carlo error. The shares stay
    as they are where fewer than two draws have two patients.

    Parameters
    ----------
    shares : float64[draws]
    patients : int64[draws]
        At least 1 each.
    """
    several = patients > 1
    if several.sum() < 2:
        return shares
    own, of = shares[several], patients[several]
    # A draw with one patient cannot tell its own error: it has the mean one, for one patient.
    each = own * (1.0 - own) / (of - 1.0)
    alone = float(np.mean(each * of))
    noise = (float(each.sum()) + alone * float((~several).sum())) / shares.size
    return np.clip(without_noise(shares, noise), 0.0, 1.0)


def _by_structure(
    shares: Mapping[str, npt.NDArray[np.float64]], names: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(names):
        rows = np.array([each == name for each in names])
        found[name] = {
            line: float(np.median(own)) if (own := _finite(shares[line][rows])).size else math.nan
            for line in ("cure", "occult")
        }
    return found


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(values[np.isfinite(values)])


def _remarks(model: DiseaseModel) -> tuple[str, ...]:
    remarks = ["Research use; not a medical device, and no prognosis of a patient."]
    if model.posterior is None:
        remarks.append("One parameter set: its uncertainty is not shown, and there are no bands.")
    return tuple(remarks)
