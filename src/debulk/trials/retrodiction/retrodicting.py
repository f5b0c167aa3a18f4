"""Hold the frozen disease model against every trial for which there is a protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import debulk
from debulk.core.errors import InputError, nearest
from debulk.core.files import path_of
from debulk.core.provenance import Exclusion, Provenance, sha256_of
from debulk.disease import DiseaseModel, load_model
from debulk.protocols import Protocol, load_protocol, packaged_protocols
from debulk.survival.options import check_kind
from debulk.treatments import load_modalities
from debulk.trials.retrodiction.arguments import names_of
from debulk.trials.retrodiction.delivering import as_delivered, reached
from debulk.trials.retrodiction.facts import facts_of, frozen_posterior_sha256
from debulk.trials.retrodiction.predicting import (
    Prediction,
    Progress,
    Runs,
    decided_by_death,
    predict,
)
from debulk.trials.retrodiction.published import published_of, study_of
from debulk.trials.retrodiction.result import (
    DeliveredPrediction,
    Retrodiction,
    TrialRetrodiction,
)
from debulk.trials.retrodiction.score import score_of
from debulk.trials.retrodiction.spread import FEWEST, NULL_WORLD, few_words
from debulk.trials.running.checks import check_call

DEFAULT_TRIALS = 160
"""Trials simulated for each prediction: one with each of the posterior's 160 draws."""

ORDER = ("validation", "calibration", "planned")
"""Roles in the order of the table; others follow."""


def retrodict(
    *,
    only: Collection[str] | None = None,
    planned: bool = False,
    model: DiseaseModel | None = None,
    trials: int = DEFAULT_TRIALS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    folder: str | Path | None = None,
    fresh: bool = False,
) -> Retrodiction:
    """Predict trials with the frozen disease model, beside what they published.

    Parameters
    ----------
    only : collection of str, optional
        Trials or packaged protocols to predict, by name; default: every one that reported.
        A trial asked for is predicted whatever its role.
    planned : bool
        Predict trials that have not reported too.
    model : DiseaseModel, optional
        Default: the packaged posterior with every mechanism on, which must be the frozen one.
        A model of your own is labelled as not frozen.
    trials : int
        Trials simulated for each prediction, 1 to 1,000,000; multiples of the number of draws
        give each draw the same weight.
    seed : int
        0 to 2**63 - 1.
    workers : int, optional
        Threads; the bytes do not depend on it.
    progress : callable, optional
        Called with the trials done and the trials wanted, of all predictions.
    folder : str or Path, optional
        Where finished chunks are kept and looked for.
    fresh : bool
        Remove what the folder holds of the same runs.

    Returns
    -------
    Retrodiction

    Raises
    ------
    InputError
        If a name is unknown, a number out of range, or the packaged posterior is not the frozen
        one.

    Examples
    --------
    >>> result = retrodict(only=["orchestra"], trials=20)  # doctest: +SKIP
    >>> result.trials[0].comment  # doctest: +SKIP
    """
    check_call(trials, progress)
    kept = None if folder is None else path_of(folder, "folder")
    used, posterior = _frozen(model)
    entries = _listed()
    chosen = _chosen(entries, only)
    runs = Runs(used, trials, seed, workers, kept, fresh)
    asked = [_asked(each, chosen, planned) for each in entries]
    wanted = trials * sum(
        _predictions(each) for each, ask in zip(entries, asked, strict=True) if ask
    )
    done = _Counter(progress, wanted)
    found = tuple(
        _predicted(each, runs, done) if ask else each
        for each, ask in zip(entries, asked, strict=True)
        if chosen is None or each.trial in chosen
    )
    scored = [(each, each.applicability.level) for each in found if each.scored]
    return Retrodiction(
        trials=found,
        score=score_of(scored),
        posterior=posterior,
        simulated=trials,
        seed=seed,
        provenance=_provenance(found, trials, seed, posterior),
    )


class _Counter:
    """Trials done over all predictions."""

    def __init__(self, progress: Progress | None, wanted: int) -> None:
        self._progress, self._wanted, self._before = progress, wanted, 0

    def __call__(self, done: int, wanted: int) -> None:
        if self._progress:
            self._progress(self._before + done, self._wanted)
        if done == wanted:
            self._before += done


def _frozen(model: DiseaseModel | None) -> tuple[DiseaseModel, dict[str, Any]]:
    """The model, and whether its posterior is the one that was frozen."""
    expected = frozen_posterior_sha256()
    used = load_model() if model is None else model
    check_kind(used, DiseaseModel, "model", "Give what load_model gives, or leave it out")
    found = None if used.posterior is None else used.posterior.sha256
    if model is None and found != expected:
        raise InputError(
            "packaged posterior",
            f"its SHA-256 is {found}, not the frozen {expected}",
            "Give the model as model= to have it labelled as not frozen",
        )
    whole = load_model()
    same = found == expected and used == replace(whole, posterior=used.posterior)
    return used, {"sha256": found, "draws": used.draws, "frozen": same, "expected": expected}


def _listed() -> list[TrialRetrodiction]:
    """Every trial with a packaged protocol, not predicted yet; shared results once."""
    by_study: dict[str, TrialRetrodiction] = {}
    for name in packaged_protocols():
        protocol = load_protocol(name)
        study = study_of(protocol)
        if study.name in by_study:
            first = by_study[study.name]
            by_study[study.name] = replace(first, protocols=(*first.protocols, name))
            continue
        published = published_of(study.name)
        by_study[study.name] = TrialRetrodiction(
            trial=study.name,
            protocols=(name,),
            role=study.role,
            applicability=protocol.applicability,
            published=published,
            reason=_reason(protocol, study.role, reported=published is not None),
        )
    place = {role: number for number, role in enumerate(ORDER)}

    def in_table(each: TrialRetrodiction) -> tuple[int, bool]:
        return place.get(each.role, len(ORDER)), each.applicability.level == "none"

    return sorted(by_study.values(), key=in_table)


def _reason(protocol: Protocol, role: str, *, reported: bool) -> str:
    """Why a trial is not predicted unless it is asked for; empty of one that always is."""
    if protocol.applicability.level == "none":
        return f"the disease model does not fit it; it lacks {protocol.applicability.missing[0]}"
    if role == "planned":
        return "it has not reported, and planned trials were not asked for"
    return "" if reported else "it reported no effect on survival to hold a prediction against"


def _chosen(entries: Sequence[TrialRetrodiction], only: Collection[str] | None) -> set[str] | None:
    """Trials that were named."""
    given = names_of(only)
    if given is None:
        return None
    names = {
        name.casefold(): each.trial for each in entries for name in (each.trial, *each.protocols)
    }
    for name in given:
        if name.casefold() not in names:
            remedy = nearest(name, [each for entry in entries for each in entry.protocols])
            raise InputError("only", f"no trial with a protocol is called {name!r}", remedy)
    return {names[name.casefold()] for name in given}


def planned_trials(only: Collection[str] | None) -> list[str]:
    """Trials whose predictions can be locked; refuses one that has reported.

    Parameters
    ----------
    only : collection of str or None
        Trials or packaged protocols by name; None for all that have not reported.

    Raises
    ------
    InputError
        If a name is unknown, or is that of a trial that is not planned.
    """
    entries = _listed()
    planned = {each.trial: each.protocols[0] for each in entries if each.role == "planned"}
    chosen = _chosen(entries, only)
    for name in sorted(chosen or ()):
        if name not in planned:
            raise InputError(
                "only",
                f"{name} is no planned trial, and those alone are locked",
                f"Name some of {', '.join(planned.values())}, or leave it out",
            )
    return [name for name in planned if chosen is None or name in chosen]


def _asked(entry: TrialRetrodiction, chosen: set[str] | None, planned: bool) -> bool:
    if entry.applicability.level == "none":
        return False
    if chosen is not None:
        return entry.trial in chosen
    return not entry.reason or (planned and entry.role == "planned")


def _predictions(entry: TrialRetrodiction) -> int:
    facts = facts_of(entry.trial)
    return 1 + (facts is not None and bool(facts.as_delivered))


def _predicted(entry: TrialRetrodiction, runs: Runs, done: Progress) -> TrialRetrodiction:
    protocol, cards = load_protocol(entry.protocols[0]), load_modalities()
    facts = facts_of(entry.trial)
    patients = protocol.design.planned_patients if facts is None else facts.patients.value
    if decided_by_death(protocol) is not protocol:
        entry = replace(entry, remarks=(NOT_DECIDED_BY_DEATH,))
    blind = predict(protocol, cards, patients, entry.published, runs, done)
    if facts is None or not facts.as_delivered:
        reason = "the evidence has no facts of its delivery, so there is no second prediction"
        return replace(entry, blind=blind, reason=reason)
    changed = as_delivered(protocol, cards, facts, blind.delivery)
    second = predict(changed.protocol, changed.modalities, patients, entry.published, runs, done)
    told = reached(facts, blind.delivery, second.delivery)
    delivered = DeliveredPrediction(second, changed.changes, told)
    return replace(entry, blind=blind, delivered=delivered, reason="")


def _provenance(
    found: Sequence[TrialRetrodiction], simulated: int, seed: int, posterior: dict[str, Any]
) -> Provenance:
    inputs = {}
    for each in found:
        for name in each.protocols:
            protocol = load_protocol(name)
            inputs[protocol.source_name] = protocol.sha256
    return Provenance(
        version=debulk.__version__,
        seed=seed,
        inputs={**inputs, **evidence_hashes(), "posterior": str(posterior["sha256"])},
        exclusions=tuple(_exclusions(found)),
        remarks=(
            *([] if posterior["frozen"] else [NOT_FROZEN]),
            *([few_words(simulated)] if simulated < FEWEST else []),
            "The model was frozen before it was held against these trials; nothing is tuned to "
            "them, and no number of it rests on a held-out result.",
            "Intervals are over simulated trials of the size the trial had, one draw of the "
            "parameters each: they hold sampling, parameters and structure, so the published value "
            "is compared with them as it is, and its own error is not added again.",
            NULL_WORLD,
            "A trial that the model fits in part is predicted with what it lacks left out.",
            *(f"{each.trial}: {remark}" for each in found for remark in each.remarks),
            "Research use; not a medical device.",
        ),
    )


NOT_DECIDED_BY_DEATH = (
    "Its primary endpoint is not overall survival, which is predicted: trials are simulated with "
    "death as the primary endpoint and analysed once, at the protocol's cut-off, without the "
    "events, looks and test planned for the other endpoint."
)

NOT_FROZEN = "NOT the frozen model: this is no retrodiction, but a run with a changed posterior."


def _exclusions(found: Sequence[TrialRetrodiction]) -> list[Exclusion]:
    counted: list[Exclusion] = []
    for each in found:
        pairs: tuple[tuple[str, Prediction | None], ...] = (
            ("blind", each.blind),
            ("as delivered", each.delivered.prediction if each.delivered else None),
        )
        for name, prediction in pairs:
            if prediction is None:
                continue
            if prediction.without:
                reason = f"simulated trials without an effect ({each.trial}, {name})"
                counted.append(Exclusion(reason, prediction.without))
            if prediction.short:
                reason = f"simulated trials below the trial's size, kept ({each.trial}, {name})"
                counted.append(Exclusion(reason, prediction.short))
    return counted


def evidence_hashes() -> dict[str, str]:
    """SHA-256 of the packaged tables of evidence and of the facts of delivery."""
    data = resources.files("debulk") / "data"
    names = ("evidence/findings.csv", "evidence/studies.csv", "retrodiction/trials.yaml")
    return {name: sha256_of((data / name).read_bytes()) for name in names}
