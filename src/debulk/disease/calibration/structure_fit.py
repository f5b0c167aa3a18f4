"""Calibrate one structure: waves of the smoother, emulator, true waves, weighted draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, ndtri
from scipy.stats import qmc

from debulk.core.errors import InputError
from debulk.disease.calibration import sampling
from debulk.disease.calibration.emulator import Emulator, fit_emulator
from debulk.disease.calibration.evaluating import Evaluator, Wave, seed_of
from debulk.disease.calibration.likelihood import EmulatedPosterior, Likelihood, log_prior
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import missed
from debulk.disease.calibration.settings import CalibrationSettings
from debulk.disease.calibration.smoother import MISFIT_MOST, Step, inflations, smoother_step


@dataclass(frozen=True)
class StructureFit:
    """A calibrated structure.

    Attributes
    ----------
    structure : str
        Its name.
    active : bool[parameters]
        Parameters that it knows.
    candidates : float64[members, parameters], log_weights : float64[members]
        Members of the later true waves, with the tempered logarithms of their weights.
    emulator : Emulator
        Of the active parameters, fitted on all runs near the optimum.
    posterior_mean, posterior_spread : float64[active parameters]
        Of the emulated posterior, in standard deviations of the prior.
    log_evidence : float
        Logarithm of the evidence, for weights between structures.
    summary : dict
        What happened, ready for JSON.
    """

    structure: str
    active: npt.NDArray[np.bool_]
    candidates: FloatArray
    log_weights: FloatArray
    emulator: Emulator
    posterior_mean: FloatArray
    posterior_spread: FloatArray
    log_evidence: float
    summary: dict[str, Any]

    def draws(self, count: int, seed: int) -> FloatArray:
        """Equally weighted draws, float64[count, parameters]; idle parameters from their prior.

        Parameters
        ----------
        count : int
            How many.
        seed : int
            Of the calibration.
        """
        generator = np.random.default_rng(seed_of(seed, self.structure, "draws"))
        rows = sampling.resample(self.log_weights, count, generator)
        unit = self.candidates[rows].copy()
        idle = ~self.active
        unit[:, idle] = generator.standard_normal((count, int(idle.sum())))
        return unit


@dataclass(frozen=True)
class Refinement:
    """A true wave, and the emulated posterior that it was drawn from.

    Attributes
    ----------
    wave : Wave
        The runs.
    emulated : EmulatedPosterior
        Where its members come from.
    sample : Sample
        The draws, of which the first were run.
    """

    wave: Wave
    emulated: EmulatedPosterior
    sample: sampling.Sample


def fit_structure(
    evaluator: Evaluator, structure: str, settings: CalibrationSettings
) -> StructureFit:
    """Calibrate one structure.

    Parameters
    ----------
    evaluator : Evaluator
        Of the problem.
    structure : str
        Which one.
    settings : CalibrationSettings
        Sizes and assumptions.

    Raises
    ------
    InputError
        If more than half of the members of a wave fail, or no target can be emulated.
    """
    active, sides = evaluator.problem.active(structure), evaluator.problem.sides
    waves: list[Wave] = []
    steps: list[dict[str, Any]] = []

    def evaluate(name: str, unit: FloatArray) -> Wave:
        # Parameters without a meaning here stay at their medians.
        whole = np.zeros((unit.shape[0], active.size))
        whole[:, active] = unit
        wave = evaluator.wave(structure, name, whole)
        _refuse_failures(wave, structure)
        waves.append(wave)
        return wave

    def generator(purpose: str) -> np.random.Generator:
        return np.random.default_rng(seed_of(settings.seed, structure, purpose))

    unit = space_filling(settings.members, int(active.sum()), generator("prior"))
    for number, inflation in enumerate(inflations(settings.waves), start=1):
        wave = evaluate(f"smoother-{number}", unit)
        step = smoother_step(
            unit,
            wave.misfit,
            np.zeros(wave.misfit.shape[1]),
            np.ones(wave.misfit.shape[1]),
            float(inflation),
            generator(wave.name),
            sides=sides,
        )
        steps.append(_wave_summary(wave, sides) | _step_summary(step, float(inflation)))
        unit = step.unit
    trials: list[Refinement] = []
    for number in range(1, settings.refinements + 1):
        emulated, taught = emulate(waves, active, sides, settings)
        name = f"refinement-{number}"
        sample = sampling.sample_posterior(
            emulated, generator(name), steps=settings.chain_steps, burn_in=settings.chain_steps // 3
        )
        wave = evaluate(name, sample.unit[: settings.members])
        steps.append(_wave_summary(wave, sides) | taught | _sample_summary(sample))
        trials.append(Refinement(wave, emulated, sample))
    late = trials[settings.refinements // 2 :]
    candidates = np.concatenate([each.wave.unit for each in late])
    log_ratio = log_ratios(late, active, settings.tail_degrees)
    power = sampling.tempering(log_ratio, settings.effective_share * log_ratio.size)
    log_weights = np.where(np.isfinite(log_ratio), power * log_ratio, -np.inf)
    full = sampling.effective_size(log_ratio)
    return StructureFit(
        structure=structure,
        active=active,
        candidates=candidates,
        log_weights=log_weights,
        emulator=emulate(waves, active, sides, settings)[0].emulator,
        posterior_mean=sample.unit.mean(axis=0),
        posterior_spread=sample.unit.std(axis=0),
        log_evidence=float(logsumexp(log_ratio) - np.log(log_ratio.size)),
        summary={
            "structure": structure,
            "waves": steps,
            "targets_in_likelihood": int(emulated.targets.size),
            "candidates": int(log_ratio.size),
            "effective_draws": sampling.effective_size(log_weights),
            "effective_draws_untempered": full,
            "weights_power": power,
            "without_weight": int(np.count_nonzero(~np.isfinite(log_ratio))),
            "log_evidence": float(logsumexp(log_ratio) - np.log(log_ratio.size)),
            "log_evidence_emulated": sample.log_evidence,
            "log_evidence_emulated_error": sample.evidence_error,
        },
    )


def space_filling(members: int, parameters: int, generator: np.random.Generator) -> FloatArray:
    """Scrambled Sobol points through the normal quantile, float64[members, parameters].

    Parameters
    ----------
    members, parameters : int
        Size of the sample.
    generator : numpy.random.Generator
        For the scrambling.
    """
    sobol = qmc.Sobol(parameters, scramble=True, rng=generator)
    points = sobol.random_base2(int(np.ceil(np.log2(max(members, 2)))))[:members]
    return np.asarray(ndtri(np.clip(points, 1e-12, 1.0 - 1e-12)))


def emulate(
    waves: list[Wave],
    active: npt.NDArray[np.bool_],
    sides: FloatArray,
    settings: CalibrationSettings,
) -> tuple[EmulatedPosterior, dict[str, Any]]:
    """Emulator and posterior from all runs so far that are not implausible, and what was dropped.

    Parameters
    ----------
    waves : list of Wave
        All runs so far.
    active : bool[parameters]
        Parameters that count.
    sides : float64[targets]
        As in `Problem.sides`.
    settings : CalibrationSettings
        The cut for implausible runs, and the tails.

    Raises
    ------
    InputError
        If no target can be emulated.
    """
    unit = np.concatenate([wave.unit for wave in waves])[:, active]
    misfit = np.concatenate([wave.misfit for wave in waves])
    variance = np.concatenate([wave.variance for wave in waves])
    least = min(unit.shape[0], max(3 * (unit.shape[1] + 1), settings.members))
    kept, cut, reached = plausible(missed(misfit, sides), variance, settings.implausible, least)
    emulator = fit_emulator(unit[kept], misfit[kept], directions=settings.directions)
    targets = np.flatnonzero(emulator.known)
    if not targets.size:
        raise InputError(
            "calibration",
            "no target is defined in half of the runs",
            "Look at what the simulator says at the medians of the priors",
        )
    noise = np.nanmedian(variance[kept][:, targets], axis=0)
    likelihood = Likelihood(
        np.zeros(targets.size),
        sides[targets],
        noise + emulator.error_variance[targets],
        settings.tail_degrees,
    )
    told = {
        "runs_taught": int(kept.sum()),
        "runs_implausible": int((~kept).sum()),
        "implausible_beyond": cut,
        "targets_not_reached": int(np.count_nonzero(~reached)),
        "emulator_error_median": float(np.median(np.sqrt(emulator.error_variance[targets]))),
    }
    return EmulatedPosterior(emulator, likelihood, targets), told


def plausible(
    misfit: FloatArray, variance: FloatArray, cut: float, least: int
) -> tuple[npt.NDArray[np.bool_], float, npt.NDArray[np.bool_]]:
    """Runs whose second largest misfit is within a cut; the cut, and the targets that count.

    A target that no run brings within the cut drops no run: it is counted as not reached. Where
    fewer than `least` runs are left, the cut rises until they are.

    Parameters
    ----------
    misfit, variance : float64[runs, targets]
        In standard errors; NaN where not defined, which counts as beyond any cut.
    cut : float
        In standard errors with the Monte Carlo error.
    least : int
        Runs to keep at least.
    """
    size = np.abs(misfit) / np.sqrt(1.0 + np.where(np.isfinite(variance), variance, 0.0))
    size = np.where(np.isfinite(size), size, np.inf)
    reached = size.min(axis=0) <= cut
    judged = size[:, reached] if reached.any() else np.minimum(size, MISFIT_MOST)
    rank = max(judged.shape[1] - 2, 0)
    second = np.sort(judged, axis=1)[:, rank]
    order = np.lexsort((np.minimum(judged, MISFIT_MOST).sum(axis=1), second))
    used = max(cut, float(second[order[least - 1]]))
    kept = second <= used
    if np.isfinite(cut) and not np.isfinite(used):
        kept = np.zeros(second.size, dtype=bool)
        kept[order[:least]] = True
    return kept, used, reached


def log_ratios(
    late: list[Refinement], active: npt.NDArray[np.bool_], tail_degrees: float
) -> FloatArray:
    """Logarithms of posterior over proposal density of the members of some true waves.

    The proposal is the mixture of the emulated posteriors that the waves were drawn from, each
    with its own evidence (multiple importance sampling with the balance heuristic of Veach and
    Guibas 1995); the mean of the ratios is the evidence. Members that do not define all targets
    have minus infinity.

    Parameters
    ----------
    late : list of Refinement
        The waves, at least one.
    active : bool[parameters]
        Parameters that count.
    tail_degrees : float
        Of the targets' errors.

    Raises
    ------
    InputError
        If no member defines all targets.
    """
    targets = late[-1].emulated.targets
    unit = np.concatenate([each.wave.unit for each in late])[:, active]
    misfit = np.concatenate([each.wave.misfit for each in late])[:, targets]
    # The Monte Carlo error usual near the optimum: that of one run is itself poorly known.
    emulated = late[-1].emulated
    noise = emulated.likelihood.extra_variance - emulated.emulator.error_variance[targets]
    good = np.isfinite(misfit).all(axis=1)
    if not good.any():
        raise InputError(
            "calibration",
            f"no member of {late[-1].wave.name} defines all targets",
            "Give more patients, or more members",
        )
    exact = Likelihood(np.zeros(targets.size), emulated.likelihood.sides, noise, tail_degrees)
    proposals = [each.emulated.log_density(unit[good]) - each.sample.log_evidence for each in late]
    mixture = logsumexp(np.array(proposals), axis=0) - np.log(len(late))
    found = np.full(good.size, -np.inf)
    found[good] = exact.log_density(misfit[good]) + log_prior(unit[good]) - mixture
    return found


def _refuse_failures(wave: Wave, structure: str) -> None:
    if 2 * wave.failures <= wave.unit.shape[0]:
        return
    said = f"; the first says: {wave.complaint}" if wave.complaint else ""
    raise InputError(
        f"calibration, structure {structure!r}, wave {wave.name}",
        f"{wave.failures} of {wave.unit.shape[0]} members gave no statistic{said}",
        "Look at what the simulator says at the medians of the priors",
    )


def _wave_summary(wave: Wave, sides: FloatArray) -> dict[str, Any]:
    size = np.minimum(np.abs(missed(wave.misfit, sides)), MISFIT_MOST)
    return {
        "wave": wave.name,
        "seed": wave.seed,
        "members": int(wave.unit.shape[0]),
        "failures": wave.failures,
        "complaint": wave.complaint,
        "undefined": wave.undefined,
        "median_square_misfit": float(np.median(np.nanmean(size**2, axis=1)))
        if np.isfinite(size).any(axis=1).all()
        else float(np.nanmedian(size**2)),
        "inside_2": float(np.mean(np.where(np.isfinite(size), size, np.inf) <= 2.0)),
    }


def _step_summary(step: Step, inflation: float) -> dict[str, Any]:
    return {
        "inflation": inflation,
        "misfits_clipped": step.clipped_misfits,
        "steps_clipped": step.clipped_steps,
        "spreads_floored": step.widened,
        "members_redrawn": step.redrawn,
        "targets_left_out": step.left_out,
    }


def _sample_summary(sample: sampling.Sample) -> dict[str, Any]:
    return {"chain_effective_draws": sample.effective, "chain_r_hat": sample.r_hat}
