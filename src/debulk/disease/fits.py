"""Does the model give the patients we know? Posterior predictive checks beside aggregates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from debulk import __version__
from debulk.core.provenance import Provenance
from debulk.disease.continuum import LEVEL, check_sizes, drawn_model
from debulk.disease.fits_checks import FitPanel, FitPoint, Gathering
from debulk.disease.fits_cohorts import COHORTS
from debulk.disease.fits_panels import PANELS
from debulk.disease.model import DiseaseModel, load_model

LEAST_REPLICATES = 200
"""Replicated data sets over all draws, at least: with few draws each gives several."""


@dataclass(frozen=True)
class Fits:
    """Every panel of the fits.

    Attributes
    ----------
    panels : tuple of FitPanel
    draws, replicates : int
        Parameter sets; replicated data sets over all of them.
    structures : mapping of str to int
        Draws of each structure.
    patients : int
        People with bowel cancer in each draw, of whom cohorts are selected.
    assumptions : mapping of str to tuple of str
        By cohort.
    sources : mapping of str to str
        Licence and caveats of each data set.
    provenance : Provenance
    posterior_sha256 : str or None
    """

    panels: tuple[FitPanel, ...]
    draws: int
    replicates: int
    structures: Mapping[str, int]
    patients: int
    assumptions: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]
    provenance: Provenance
    posterior_sha256: str | None

    @property
    def points(self) -> tuple[FitPoint, ...]:
        """Every point of every panel."""
        return tuple(point for panel in self.panels for point in panel.points)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        points = self.points
        inside = sum(each.inside for each in points)
        return {
            "panels": [each.to_dict() for each in self.panels],
            "level": LEVEL,
            "points": len(points),
            "inside": inside,
            "inside_share": inside / len(points) if points else None,
            "draws": self.draws,
            "replicates": self.replicates,
            "structures": dict(self.structures),
            "patients_per_draw": self.patients,
            "assumptions": {name: list(each) for name, each in self.assumptions.items()},
            "sources": dict(self.sources),
            "posterior": {"draws": self.draws, "sha256": self.posterior_sha256},
            "provenance": self.provenance.to_dict(),
        }


def compute_fits(
    model: DiseaseModel | None = None,
    *,
    draws: int | None = None,
    patients: int = 8000,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Fits:
    """Hold the model against aggregates of patients' data, by posterior predictive checks.

    For each draw virtual cohorts are selected and treated like the patients; a replicate is as
    many of them as the data has patients.

    Parameters
    ----------
    model : DiseaseModel, optional
        The calibrated one if left out.
    draws : int, optional
        Parameter sets of the posterior, from 1 to all; at most
        `debulk.disease.continuum.MOST_DRAWS` if left out.
    patients : int
        People with bowel cancer lived through in each draw, 1 to 10 million over all draws.
    seed : int
        0 or above. Same seed, same bytes, whatever the threads.
    progress : callable, optional
        Called with draws done and all draws.

    Returns
    -------
    Fits

    Raises
    ------
    InputError
        If a number is out of its range.

    Notes
    -----
    The aggregates went into the calibration: this checks the fit, and predicts nothing new.
    """
    model = drawn_model(load_model() if model is None else model, draws)
    check_sizes(patients, model.draws, seed)
    replicates = math.ceil(LEAST_REPLICATES / model.draws)
    gathering = [Gathering.of(spec) for spec in PANELS]
    for draw in range(model.draws):
        for cohort in COHORTS:
            sample = cohort.draw(model, seed, draw, patients)
            for each in gathering:
                if each.spec.cohort == cohort.name:
                    each.add(sample, seed=seed, draw=draw, replicates=replicates)
        if progress is not None:
            progress(draw + 1, model.draws)
    return Fits(
        panels=tuple(each.panel() for each in gathering),
        draws=model.draws,
        replicates=replicates * model.draws,
        structures=model.structure_counts,
        patients=patients,
        assumptions={each.title: each.assumptions for each in COHORTS},
        sources=_sources(gathering),
        provenance=Provenance(
            version=__version__,
            seed=seed,
            parameters=model.parameter_records(),
            remarks=(
                "Research use; not a medical device, and no prognosis of a patient.",
                "The aggregates went into the calibration: it checks the fit, validates nothing.",
            ),
        ),
        posterior_sha256=None if model.posterior is None else model.posterior.sha256,
    )


def _sources(gathering: list[Gathering]) -> dict[str, str]:
    sources = {each.summaries[0].source.name: each.summaries[0].source for each in gathering}
    return {
        name: f"{each.study}. {each.data}. Licence: {each.licence}. {each.caveats}"
        for name, each in sources.items()
    }
