"""Designs side by side on the same virtual patients, the null world beside the hoped-for one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import debulk
from debulk.core.compiled import use_threads
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.survival.options import shown
from debulk.trials.alternatives.assumptions import DesignAssumptions
from debulk.trials.alternatives.designs import DESIGNS, Enrolled, parallel_trial
from debulk.trials.alternatives.eligible import check_consent, eligible_patients
from debulk.trials.alternatives.performance import (
    Conducted,
    DesignResult,
    conduct_design,
    design_result,
)
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.running.checks import check_call
from debulk.trials.running.run import trial_settings

if TYPE_CHECKING:
    from pathlib import Path

    from debulk.disease import DiseaseModel
    from debulk.protocols import Protocol
    from debulk.treatments import Modality, Regimen
    from debulk.trials.recruitment.generator import PatientGenerator
    from debulk.trials.recruitment.randomised import Randomised
    from debulk.trials.running.settings import TrialSettings

_SINGLE = "single-arm-external"
_WEIGHTED = f"{_SINGLE}-weighted"


@dataclass(frozen=True)
class DesignComparison:
    """Designs on the same virtual patients.

    Attributes
    ----------
    protocol, title : str
        What was compared for.
    trials, seed : int
    world : {"hoped-for", "null"}
    endpoint : {"os", "pfs"}
        The primary endpoint.
    eligible : float
        Mean patients of a trial at the end of the funnel, whether they would consent or not.
    consenting : float
        Share of them who would consent to the parallel trial.
    designs : tuple of DesignResult
        The single arm twice where it is adjusted too.
    adjusted_for : tuple of str
        Features that the weighted analysis of the single arm knows.
    assumptions : DesignAssumptions
    provenance : Provenance
    """

    protocol: str
    title: str
    trials: int
    seed: int
    world: str
    endpoint: str
    eligible: float
    consenting: float
    designs: tuple[DesignResult, ...]
    adjusted_for: tuple[str, ...]
    assumptions: DesignAssumptions
    provenance: Provenance

    def design(self, name: str) -> DesignResult:
        """One design by its name.

        Raises
        ------
        InputError
            If it was not compared.
        """
        found = {each.name: each for each in self.designs}
        if name not in found:
            raise InputError("design", f"{name!r} was not compared", nearest(name, found))
        return found[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        content: dict[str, Any] = plain(
            {
                **{name: getattr(self, name) for name in self.__dataclass_fields__},
                "designs": [each.to_dict() for each in self.designs],
                "adjusted_for": list(self.adjusted_for),
                "assumptions": self.assumptions.to_dict(),
            }
        )
        return content


def compare_designs(
    protocol: Protocol | str | Path,
    *,
    model: DiseaseModel | PatientGenerator | None = None,
    modalities: Mapping[str, Modality] | None = None,
    regimens: Mapping[str, Regimen] | None = None,
    trials: int = 200,
    seed: int = 1,
    designs: Sequence[str] = tuple(DESIGNS),
    assumptions: DesignAssumptions | None = None,
    adjust_for: Sequence[str] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DesignComparison:
    """Run a protocol's question in several designs, on the same virtual patients.

    The parallel trial is that of `run_trial`, patient for patient (with learning centres up to what
    they learned on refusers).

    Parameters
    ----------
    protocol, model, modalities, regimens, trials, seed, workers, progress
        As in `debulk.trials.run_trial`.
    designs : sequence of str
        Some of ``rct``, ``registry-rct``, ``twics``, ``single-arm-external``.
    assumptions : DesignAssumptions, optional
        How they differ; the defaults have no source.
    adjust_for : sequence of str, optional
        Features with levels for the single arm's adjustment. Default: those on which consent
        depends, as far as they have levels; none is no adjustment.

    Returns
    -------
    DesignComparison

    Raises
    ------
    InputError
        If there is no such design or feature, a number is out of range, the protocol marks no step
        as consent, or it does not hold together.
    """
    settings = trial_settings(
        protocol, model=model, modalities=modalities, regimens=regimens, seed=seed
    )
    trials = check_call(trials, progress)
    names = _checked(settings, designs)
    known = _adjustment(settings, adjust_for)
    chosen = DesignAssumptions() if assumptions is None else assumptions
    if not isinstance(chosen, DesignAssumptions):
        found = f"{shown(chosen)} is something else"
        raise InputError("assumptions", found, "Give DesignAssumptions(...), or leave it out")
    pool = eligible_patients(
        settings, trials, covariates=known, workers=use_threads(workers), progress=progress
    )
    own = settings.protocol
    reference = parallel_trial(own, seed, pool, trials, chosen)
    trial = conduct_design(reference, seed, trials)
    results: list[DesignResult] = []
    for name in names:
        title, make = DESIGNS[name]
        enrolled = reference if name == "rct" else make(own, seed, pool, trials, chosen)
        features = known if name == _SINGLE else ()
        found = trial if name == "rct" else conduct_design(enrolled, seed, trials, features)
        results.append(design_result(name, title, enrolled, found, trial.truth))
        if found.weighted is not None:
            results.append(_weighted_result(enrolled, found, trial, known))
    return DesignComparison(
        protocol=own.name,
        title=own.title,
        trials=trials,
        seed=seed,
        world="null" if settings.null else "hoped-for",
        endpoint=primary_endpoint(own),
        eligible=pool.size / trials,
        consenting=float(pool.consents.mean()) if pool.size else math.nan,
        designs=tuple(results),
        adjusted_for=known if _SINGLE in names else (),
        assumptions=chosen,
        provenance=_provenance(settings, chosen, pool, results, trials),
    )


def _weighted_result(
    enrolled: Enrolled, found: Conducted, trial: Conducted, known: tuple[str, ...]
) -> DesignResult:
    title = f"the same, weighted for {', '.join(known)}"
    remark = "tested by the weighted Cox model with a robust standard error, without looks"
    return design_result(
        _WEIGHTED, title, enrolled, found, trial.truth, weighted=True, remarks=(remark,)
    )


def _checked(settings: TrialSettings, designs: Sequence[str]) -> tuple[str, ...]:
    """The designs asked for, in the order of `DESIGNS`."""
    given = _names(designs, "designs")
    if not given:
        raise InputError("designs", "is empty", "Give a list of names")
    for name in given:
        if name not in DESIGNS:
            raise InputError("designs", f"there is no {name!r}", nearest(name, DESIGNS))
    check_consent(settings.protocol)
    return tuple(each for each in DESIGNS if each in given)


def _names(given: Any, where: str) -> tuple[str, ...]:
    """A list of names that a user gave."""
    remedy = "Give a list of names"
    if not isinstance(given, Sequence) or isinstance(given, str | bytes | bytearray | memoryview):
        raise InputError(where, f"found {shown(given)}", remedy)
    for each in given:
        if not isinstance(each, str):
            raise InputError(where, f"{shown(each)} is no name", remedy)
    return tuple(given)


def _adjustment(settings: TrialSettings, adjust_for: Sequence[str] | None) -> tuple[str, ...]:
    """Features that the single arm's adjustment knows."""
    if adjust_for is not None:
        adjust_for = _names(adjust_for, "adjust_for")
    if not settings.generator.features:
        if adjust_for:
            found = f"{settings.generator.name} have no {adjust_for[0]!r}"
            raise InputError("adjust_for", found, "Leave it out")
        return ()
    levels = _features_with_levels()
    if adjust_for is None:
        steps = [step for step in settings.protocol.funnel if step.consent]
        named = [each.feature for step in steps for each in step.leanings]
        return tuple(dict.fromkeys(each for each in named if each in levels))
    for name in adjust_for:
        if name not in levels:
            found = f"there is no feature {name!r} with levels"
            raise InputError("adjust_for", found, nearest(name, levels))
    return tuple(dict.fromkeys(adjust_for))


def _features_with_levels() -> frozenset[str]:
    """Features that may be strata: whole numbers, truths, words of a list."""
    import polars as pl

    from debulk.patients.features import feature_types

    return frozenset(
        name
        for name, kind in feature_types().items()
        if kind.is_integer() or isinstance(kind, pl.Boolean | pl.Enum)
    )


def _provenance(
    settings: TrialSettings,
    assumptions: DesignAssumptions,
    pool: Randomised,
    results: Sequence[DesignResult],
    trials: int,
) -> Provenance:
    lacking = tuple(
        Exclusion(f"{each.name}: trials without a hazard ratio", count)
        for each in results
        if (count := trials - each.log_hazard_ratio.trials)
    )
    remarks = [
        *settings.generator.remarks,
        "Research use; not a medical device.",
        "How the designs differ rests on assumptions without a source; each can be changed.",
    ]
    if pool.size and pool.consents.all():
        remarks.append("Everybody consents: nobody is left as an external control by refusal.")
    return Provenance(
        version=debulk.__version__,
        seed=settings.seed,
        inputs={settings.protocol.source_name: settings.protocol.sha256},
        parameters=(*settings.parameters, *assumptions.parameters()),
        exclusions=lacking,
        remarks=tuple(remarks),
    )
