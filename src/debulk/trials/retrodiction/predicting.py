"""One prediction: the simulated trials of a protocol, reduced to what is held against a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.trials.characteristics import ProtocolCharacteristics
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.retrodiction.published import ARMS, QUANTITIES, Measure, Published
from debulk.trials.retrodiction.sized import OVERDRAW, SizedPatients
from debulk.trials.retrodiction.spread import Spread, place_among, spread_of
from debulk.trials.running.chunks import ChunkStore
from debulk.trials.running.run import run_trial, trial_settings

if TYPE_CHECKING:
    from debulk.disease import DiseaseModel
    from debulk.protocols import Protocol
    from debulk.treatments import Modality

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ArmQuantity:
    """One quantity of one arm: predicted beside published.

    Attributes
    ----------
    arm : {"control", "experimental"}
    column, title : str
        Of the table of trials; in words.
    predicted : Spread
    published : float or None
    """

    arm: str
    column: str
    title: str
    predicted: Spread
    published: float | None

    @property
    def inside(self) -> bool | None:
        """Whether the published value lies inside."""
        return self.predicted.holds(self.published)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain({**vars(self), "inside": self.inside}))


@dataclass(frozen=True)
class Prediction:
    """What the frozen model predicts of one trial.

    Attributes
    ----------
    measure : {"hazard_ratio", "median_ratio"}
    effect : Spread
        Of the effect that trials of this size estimate.
    null : Spread
        Of the hazard ratio on the same patients with the control arm's course in both arms.
    place : float or None
        Share of simulated effects below the published one.
    arms : tuple of ArmQuantity
    delivery : mapping of str to float or None
        Figures of the experimental arm's delivery.
    patients : int
        Of a trial.
    short : int
        Simulated trials with fewer.
    without : int
        Simulated trials without an effect; left out.
    effects : float64[trials]
        Each trial's effect.
    """

    measure: Measure
    effect: Spread
    null: Spread
    place: float | None
    arms: tuple[ArmQuantity, ...]
    delivery: Mapping[str, float | None]
    patients: int
    short: int
    without: int
    effects: npt.NDArray[np.float64] = field(repr=False, compare=False)

    @property
    def log_width(self) -> float | None:
        """Width of the predictive interval on the log scale."""
        lower, upper = self.effect.lower, self.effect.upper
        return None if not lower or upper is None else math.log(upper / lower)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the single trials."""
        return dict(plain({name: each for name, each in vars(self).items() if name != "effects"}))


@dataclass(frozen=True)
class Runs:
    """How predictions are simulated.

    Attributes
    ----------
    model : DiseaseModel
    trials, seed : int
    workers : int or None
    folder : Path or None
        Where finished chunks are kept.
    fresh : bool
    """

    model: DiseaseModel
    trials: int
    seed: int
    workers: int | None = None
    folder: Path | None = None
    fresh: bool = False


def predict(
    protocol: Protocol,
    modalities: Mapping[str, Modality],
    patients: int,
    published: Published | None,
    runs: Runs,
    progress: Progress | None = None,
) -> Prediction:
    """Simulate trials of a protocol, of exactly the size that the trial had, decided by death.

    Parameters
    ----------
    protocol : Protocol
        As packaged, or as delivered.
    modalities : mapping of str to Modality
        Cards of local treatment.
    patients : int
        Randomised patients of a trial.
    published : Published or None
        What the prediction stands beside; used for nothing in it but the measure.
    runs : Runs
    progress : callable, optional
        Called with the trials done and the trials wanted.
    """
    catchment = OVERDRAW * patients / protocol.design.planned_patients
    decided = decided_by_death(protocol)
    sized = replace(decided, design=replace(decided.design, planned_patients=patients))
    source = SizedPatients(runs.model, patients, catchment)
    settings = trial_settings(sized, model=source, modalities=modalities, seed=runs.seed)
    store = None
    if runs.folder is not None:
        kept = runs.folder / f"{protocol.name}-{settings.fingerprint[:8]}"
        store = ChunkStore(kept, settings.fingerprint, fresh=runs.fresh)
    try:
        found = run_trial(
            sized,
            model=source,
            modalities=modalities,
            trials=runs.trials,
            seed=runs.seed,
            workers=runs.workers,
            progress=progress,
            store=store,
        )
    finally:
        if store is not None:
            store.close()
    return prediction_from(found, patients, published)


def decided_by_death(protocol: Protocol) -> Protocol:
    """A protocol with overall survival as its primary endpoint: the ratio held against is of death.

    Planned events, looks, test and margin are of the endpoint that was primary, and go with it:
    such a trial is analysed once, at the protocol's cut-off.

    Parameters
    ----------
    protocol : Protocol
        Given back as it is where overall survival is primary.
    """
    if primary_endpoint(protocol) == "os":
        return protocol
    design = replace(protocol.design, events=None, monitoring=None, test="logrank", null_ratio=1.0)
    endpoints = tuple(replace(each, primary=each.name == "os") for each in protocol.endpoints)
    return replace(protocol, endpoints=endpoints, design=design)


def prediction_from(
    found: ProtocolCharacteristics, patients: int, published: Published | None
) -> Prediction:
    """Reduce simulated trials to what is held against a result.

    Parameters
    ----------
    found : ProtocolCharacteristics
    patients : int
        How many each trial was to have.
    published : Published or None
    """
    table = {
        name: found.trial_table[name].cast(float).fill_null(math.nan).to_numpy()
        for name in found.trial_table.columns
        if found.trial_table[name].dtype.is_numeric()
    }
    measure: Measure = "hazard_ratio" if published is None else published.measure
    effects = effects_of(table, measure)
    place = None
    if published is not None and published.estimate is not None and not np.isnan(effects).all():
        place = place_among(effects, published.estimate)
    experimental = next(name for name in found.arms if name != found.control)
    figures = {
        name: value
        for name, value in found.arms[experimental].items()
        if isinstance(value, float) and (name.startswith("treated") or "mortality" in name)
    }
    return Prediction(
        measure=measure,
        effect=spread_of(effects),
        null=spread_of(table["hazard_ratio_null"]),
        place=place,
        arms=tuple(_quantities(table, published)),
        delivery=figures,
        patients=patients,
        short=int((table["patients"] < patients).sum()),
        without=int(np.isnan(effects).sum()),
        effects=effects,
    )


def effects_of(
    table: Mapping[str, npt.NDArray[np.float64]], measure: Measure
) -> npt.NDArray[np.float64]:
    """Effect of each simulated trial in the measure that was published.

    A median of the experimental arm that is not reached makes an infinite ratio; where the control
    arm's is not reached, there is none.
    """
    if measure == "hazard_ratio":
        return np.asarray(table["hazard_ratio"], dtype=np.float64)
    control, treated = (table[f"median_os_{arm}_months"] for arm in ARMS)
    late = np.where(np.isnan(treated), np.inf, treated)
    return np.asarray(late / control, dtype=np.float64)


def _quantities(
    table: Mapping[str, npt.NDArray[np.float64]], published: Published | None
) -> list[ArmQuantity]:
    found = []
    for arm in ARMS:
        for pattern, title in QUANTITIES.items():
            column = pattern.format(arm=arm)
            known = None if published is None else published.arms.get(column)
            spread = spread_of(table[column], late=column.startswith("median"))
            found.append(ArmQuantity(arm, column, title, spread, known))
    return found
