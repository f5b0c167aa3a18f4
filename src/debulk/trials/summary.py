"""From finished chunks of trials to their operating characteristics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

import debulk
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.evidence import published_result
from debulk.trials.characteristics import ProtocolCharacteristics
from debulk.trials.conduct.allocation import Allocation, allocate
from debulk.trials.conduct.assessments import with_missed_visits
from debulk.trials.conduct.conducting import LANDMARKS_MONTHS, conduct_trials
from debulk.trials.conduct.worlds import primary_endpoint, worlds_of
from debulk.trials.delivery import delivery
from debulk.trials.effect import effect_of, monitoring_of
from debulk.trials.endpoints.results import EndpointResult, endpoint_results
from debulk.trials.estimands.contrast import Contrast
from debulk.trials.estimands.observed import trial_data
from debulk.trials.estimands.table import EstimandTable, estimand_table
from debulk.trials.over_trials import mean, median, quantile, spread
from debulk.trials.recruitment.funnel import DIED
from debulk.trials.recruitment.planned import PatientsFromPlan
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.recruitment.virtual import VirtualPatients
from debulk.trials.truth import Truth, true_effect, truths_of_trials
from debulk.trials.uncertainty import told_apart

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.protocols import Protocol
    from debulk.trials.running.chunks import Chunk
    from debulk.trials.running.settings import TrialSettings

Table = dict[str, "npt.NDArray[np.float64]"]


def summarise(settings: TrialSettings, chunks: Sequence[Chunk]) -> ProtocolCharacteristics:
    """Conduct and analyse the trials of some chunks, and add up what they show.

    Parameters
    ----------
    settings : TrialSettings
    chunks : sequence of Chunk
        In the order of their trials.

    Returns
    -------
    ProtocolCharacteristics
    """
    protocol, seed = settings.protocol, settings.seed
    trials = sum(each.trials for each in chunks)
    pool = Randomised.joined([each.randomised for each in chunks])
    allocation = allocate(protocol, seed, pool)
    starts = pool.starts(0, trials)
    at_margin = _at_margin(settings, pool)
    conducted = conduct_trials(protocol, seed, pool, allocation, starts, at_margin)
    rows = [each.row() for each in conducted]
    table: Table = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    seen = with_missed_visits(seed, protocol.conduct.missed_visits, pool)
    patients = table["patients_control"] + table["patients_experimental"]
    table = {"patients": patients, **table}
    names = (protocol.control.name, protocol.experimental.name)
    planned = _known(table["planned_cutoff_months"], protocol)
    cutoff = planned[pool.trial]
    endpoint = primary_endpoint(protocol)
    truth = true_effect(seen, allocation, cutoff, protocol.estimand.tau_months, names, endpoint)
    estimands, endpoints = _beside(settings, pool, seen, allocation, starts, table, truth)
    structures = settings.generator.structures
    of_trials = None
    if len(structures) > 1:
        of_trials = truths_of_trials(seen, allocation, cutoff, starts, endpoint)
    ratios = (table["log_hazard_ratio"], table["se_log_hazard_ratio"])
    return ProtocolCharacteristics(
        protocol=protocol.name,
        title=protocol.title,
        trials=trials,
        seed=seed,
        control=protocol.control.name,
        world="null" if settings.null else "hoped-for",
        patients_from=_patients_from(settings),
        applicability=protocol.applicability,
        mechanisms=settings.generator.mechanisms(),
        funnel=_funnel(protocol, chunks, trials),
        arms=_arms(settings, pool, allocation, table),
        effect=effect_of(protocol, table),
        monitoring=monitoring_of(protocol, table),
        truth=truth,
        uncertainty=told_apart(structures, ratios, of_trials),
        estimands=estimands,
        endpoints=endpoints,
        published=_published(protocol),
        ranges={
            "randomised_range": spread(table["patients"]),
            "events": spread(table["events"]),
            "duration_months": spread(table["cutoff_months"]),
        },
        assumed_met=_assumed_met(settings, chunks, trials),
        trial_table=_trial_table(protocol, table),
        provenance=_provenance(settings, table),
    )


def _patients_from(settings: TrialSettings) -> dict[str, Any]:
    """What made the patients."""
    generator = settings.generator
    return {
        "name": generator.name,
        "disease_model": isinstance(generator, VirtualPatients),
        "plan": isinstance(generator, PatientsFromPlan),
        "posterior": generator.posterior() if isinstance(generator, VirtualPatients) else None,
    }


def _at_margin(
    settings: TrialSettings, pool: Randomised
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Courses at the margin of non-inferiority; None without margin, or without such courses."""
    ratio = settings.protocol.design.null_ratio
    return None if ratio == 1.0 else settings.generator.course_at_ratio(pool, ratio)


def _beside(
    settings: TrialSettings,
    pool: Randomised,
    seen: Randomised,
    allocation: Allocation,
    starts: npt.NDArray[np.int64],
    table: Table,
    truth: Truth,
) -> tuple[EstimandTable, tuple[EndpointResult, ...]]:
    """Estimands and endpoints; `seen` are the patients of `pool` with progression as found."""
    protocol = settings.protocol
    worlds = worlds_of(protocol, settings.seed, pool, allocation, starts)
    ends = _known(table["cutoff_months"], protocol)
    planned = _known(table["planned_cutoff_months"], protocol)
    data = trial_data(worlds.primary, seen, allocation, ends)
    policy = Contrast(
        truth.hazard_ratio,
        truth.rmst_difference_months,
        truth.hazard_ratio_error,
        truth.rmst_error_months,
        truth.patients,
    )
    return (
        estimand_table(protocol, seen, allocation, data, planned[pool.trial], policy),
        endpoint_results(settings, seen, allocation, worlds, ends, planned),
    )


def _known(cutoff_months: npt.NDArray[np.float64], protocol: Protocol) -> npt.NDArray[np.float64]:
    """Calendar times of analyses; of trials that cannot be analysed, the protocol's date."""
    return np.where(np.isnan(cutoff_months), protocol.conduct.cutoff_months, cutoff_months)


def _funnel(protocol: Protocol, chunks: Sequence[Chunk], trials: int) -> list[dict[str, Any]]:
    reached = np.concatenate([each.funnel.reached for each in chunks], axis=1).sum(axis=1) / trials
    steps: list[dict[str, Any]] = []
    for place, step in enumerate(protocol.funnel):
        lost = float(reached[place - 1] - reached[place]) if place else 0.0
        judged = [name for name in step.criteria if name in chunks[0].funnel.not_met]
        if place == _run_in_step(protocol) and DIED in chunks[0].funnel.not_met:
            judged.insert(0, DIED)
        reasons = [_reason(protocol, chunks, name, trials) for name in judged]
        if step.chance is not None:
            text = f"by chance: {100.0 * step.chance:.3g} % are taken to go on"
            if step.leanings:
                text += " at the reference values of " + ", ".join(e.feature for e in step.leanings)
            reasons.append({"criterion": None, "text": text, "patients": lost})
        steps.append(
            {
                "step": step.step,
                "text": step.text,
                "patients": float(reached[place]),
                "lost": lost,
                "reasons": [each for each in reasons if each["patients"] > 0],
            }
        )
    return steps


def _reason(protocol: Protocol, chunks: Sequence[Chunk], name: str, trials: int) -> dict[str, Any]:
    """What held patients back at a step: a criterion not met, or death during the run-in."""
    count = sum(int(each.funnel.not_met[name].sum()) for each in chunks)
    if name == DIED:
        return {"criterion": None, "text": "died during the run-in", "patients": count / trials}
    text = protocol.criterion(name).text
    return {"criterion": name, "text": text, "patients": count / trials}


def _run_in_step(protocol: Protocol) -> int:
    """Place of the step before which the run-in takes place."""
    for place, step in enumerate(protocol.funnel):
        if any(protocol.criterion(n).judged == "before randomisation" for n in step.criteria):
            return place
    return len(protocol.funnel) - 1


def _assumed_met(
    settings: TrialSettings, chunks: Sequence[Chunk], trials: int
) -> list[dict[str, Any]]:
    protocol, patients = settings.protocol, settings.generator
    entries = []
    for name in chunks[0].funnel.assumed_met:
        criterion = protocol.criterion(name)
        count = sum(int(c.funnel.assumed_met[name].sum()) for c in chunks)
        entries.append(
            {
                "criterion": name,
                "text": criterion.text,
                "patients": count / trials,
                "because": (
                    criterion.because
                    if patients.features
                    else f"{patients.name} have no characteristics"
                ),
            }
        )
    return entries


def _arms(
    settings: TrialSettings, pool: Randomised, allocation: Allocation, table: Table
) -> dict[str, dict[str, Any]]:
    protocol = settings.protocol
    arms: dict[str, dict[str, Any]] = {}
    for side, arm in ((0, protocol.control), (1, protocol.experimental)):
        kind = ("control", "experimental")[side]
        medians = table[f"median_os_{kind}_months"]
        arms[arm.name] = {
            "title": arm.title,
            "patients": float(np.nanmean(table[f"patients_{kind}"])),
            "median_os_months": median(medians),
            "median_os_range": [quantile(medians, 0.025), quantile(medians, 0.975)],
            "median_pfs_months": median(table[f"median_pfs_{kind}_months"]),
            "survival": {
                f"{month:g}": mean(table[f"survival_{month:g}_{kind}"])
                for month in LANDMARKS_MONTHS
            },
            **delivery(settings, pool, allocation, side),
        }
        if arm.strategy.systemic is not None:
            arms[arm.name]["systemic"] = plain(arm.strategy.systemic)
    return arms


def _published(protocol: Protocol) -> dict[str, Any] | None:
    result = published_result(protocol.published_as) if protocol.published_as else None
    if result is None:
        return None
    names = {"control": protocol.control.name, "experimental": protocol.experimental.name}

    def by_arm(values: dict[str, float]) -> dict[str, float]:
        return {names[side]: value for side, value in values.items()}

    # The published ratio is of death: it does not stand beside one of progression.
    of_death = primary_endpoint(protocol) == "os"
    return {
        "hazard_ratio": result.hazard_ratio if of_death else None,
        "lower": result.lower if of_death else None,
        "upper": result.upper if of_death else None,
        "median_os_months": by_arm(result.median_os_months),
        "median_pfs_months": by_arm(result.median_pfs_months),
        "source": result.source,
        "role": result.role,
        "remarks": list(result.remarks),
    }


_LOOKS = ("look", "look_null", "crossed", "crossed_null", "events_null")
"""Columns of the table of trials that only looks before the last analysis fill."""


def _trial_table(protocol: Protocol, table: Table) -> pl.DataFrame:
    """One row a trial; columns of looks and of another test only where the protocol has them."""
    design = protocol.design
    tested = design.test != "logrank" or design.null_ratio != 1.0
    frame = pl.DataFrame({"trial": np.arange(len(table["patients"])), **table})
    whole = [*("patients", "patients_control", "patients_experimental", "events"), *_LOOKS]
    if design.monitoring is None:
        frame = frame.drop(*_LOOKS, "cutoff_null_months", "planned_cutoff_months")
        whole = whole[:4]
    if not tested:
        frame = frame.drop("z_test", "z_test_null")
    if design.null_ratio == 1.0 or frame["z_test_margin"].is_nan().all():
        frame = frame.drop("z_test_margin", "crossed_margin")
    else:
        whole.append("crossed_margin")
    return frame.with_columns(
        pl.col(whole).cast(pl.Int64),
        pl.col("log_hazard_ratio").exp().alias("hazard_ratio"),
        pl.col("log_hazard_ratio_null").exp().alias("hazard_ratio_null"),
    ).fill_nan(None)


def _fit(settings: TrialSettings) -> list[str]:
    """What a reader must know of how far the disease model stands for the trial."""
    fit = settings.protocol.applicability
    if not settings.generator.features or fit.level == "full":
        return []
    how_far = "does not fit" if fit.level == "none" else "fits in part"
    return [f"The disease model {how_far}; it lacks: {'; '.join(fit.missing)}."]


_NO_TEST = "trials without patients or events in both arms: no test, counted as no benefit"


def _provenance(settings: TrialSettings, table: Table) -> Provenance:
    unanalysed = int(np.isnan(table["z_test"]).sum())
    no_ratio = int(np.isnan(table["log_hazard_ratio"]).sum())
    no_mean = int(np.isnan(table["rmst_difference_months"]).sum())
    reasons = (
        (_NO_TEST, unanalysed),
        ("trials without a hazard ratio", no_ratio),
        ("trials too short for the restricted mean at its horizon", no_mean),
    )
    return Provenance(
        version=debulk.__version__,
        seed=settings.seed,
        inputs={settings.protocol.source_name: settings.protocol.sha256},
        parameters=settings.parameters,
        exclusions=tuple(Exclusion(reason, count) for reason, count in reasons if count),
        remarks=(
            *settings.generator.remarks,
            *_fit(settings),
            "Research use; not a medical device.",
            "The published result is shown beside the simulation and was used for nothing in it.",
        ),
    )
