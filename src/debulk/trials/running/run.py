"""Run a protocol as simulated trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.disease import load_model
from debulk.protocols import Protocol, load_protocol
from debulk.survival.options import shown
from debulk.treatments import Modality, Regimen, load_modalities, load_regimens
from debulk.trials.characteristics import ProtocolCharacteristics
from debulk.trials.recruitment.generator import PatientGenerator
from debulk.trials.recruitment.planned import PatientsFromPlan
from debulk.trials.running.checks import check_call
from debulk.trials.running.chunks import ChunkStore, Progress, compute_chunks
from debulk.trials.running.settings import TrialSettings
from debulk.trials.summary import summarise

if TYPE_CHECKING:
    from pathlib import Path

    from debulk.disease import DiseaseModel


def run_trial(
    protocol: Protocol | str | Path,
    *,
    model: DiseaseModel | PatientGenerator | None = None,
    modalities: Mapping[str, Modality] | None = None,
    regimens: Mapping[str, Regimen] | None = None,
    trials: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    store: ChunkStore | None = None,
    cluster: str | None = None,
) -> ProtocolCharacteristics:
    """Take virtual patients through a protocol many times over.

    Parameters
    ----------
    protocol : Protocol, str or Path
        A protocol, the name of a packaged one, or the path of a file.
    model : DiseaseModel or PatientGenerator, optional
        What makes the patients. Default: the packaged disease model with every mechanism on, or,
        where the protocol says that the model does not fit it (applicability none), patients drawn
        from the plan.
    modalities : mapping of str to Modality, optional
        Cards of local treatment; default: the packaged ones.
    regimens : mapping of str to Regimen, optional
        Cards of systemic therapy; default: the packaged ones.
    trials : int
        How many trials, 1 to 1,000,000.
    seed : int
        0 to 2**63 - 1. The same seed gives the same bytes, whatever the threads.
    workers : int, optional
        Threads; default: all there are.
    progress : callable, optional
        Called with the trials done and the trials wanted.
    store : ChunkStore, optional
        Where finished chunks are kept and looked for.
    cluster : str, optional
        Address of an existing Dask cluster, for instance ``"tcp://10.0.0.5:8786"``, whose workers
        compute the chunks; the bytes are the same. Needs the extra ``cluster``. A Dask cluster runs
        whatever code it is sent: use only one you trust.

    Returns
    -------
    ProtocolCharacteristics

    Raises
    ------
    InputError
        If the protocol does not hold together, a criterion is unknown of virtual patients, a
        number is out of range, or the cluster does not answer, runs another version of the program
        or loses its workers.

    Examples
    --------
    >>> result = run_trial("orchestra", trials=5, seed=1)  # doctest: +SKIP
    >>> result.truth.hazard_ratio  # doctest: +SKIP
    """
    settings = trial_settings(
        protocol, model=model, modalities=modalities, regimens=regimens, seed=seed
    )
    trials = check_call(trials, progress)
    if store is not None and not isinstance(store, ChunkStore):
        raise InputError("store", f"{shown(store)} is no ChunkStore", "Give one, or leave it out")
    threads = use_threads(workers)
    chunks = compute_chunks(settings, trials, store, progress, threads, cluster)
    return summarise(settings, chunks)


def trial_settings(
    protocol: Protocol | str | Path,
    *,
    model: DiseaseModel | PatientGenerator | None = None,
    modalities: Mapping[str, Modality] | None = None,
    regimens: Mapping[str, Regimen] | None = None,
    seed: int = 1,
) -> TrialSettings:
    """Gather and check everything a run depends on, without computing anything.

    Parameters
    ----------
    protocol, model, modalities, regimens, seed
        As in `run_trial`.

    Returns
    -------
    TrialSettings

    Raises
    ------
    InputError
        If something does not hold together.
    """
    chosen = protocol if isinstance(protocol, Protocol) else load_protocol(protocol)
    return TrialSettings(
        protocol=chosen,
        model=default_model(chosen) if model is None else model,
        modalities=load_modalities() if modalities is None else modalities,
        cards_of_regimens=load_regimens() if regimens is None else regimens,
        seed=seed,
    )


def default_model(protocol: Protocol) -> DiseaseModel | PatientGenerator:
    """What makes a protocol's patients unless something else is asked for.

    Parameters
    ----------
    protocol : Protocol
        The disease model, or patients drawn from the plan where its applicability is none.
    """
    return PatientsFromPlan() if protocol.applicability.level == "none" else load_model()
