"""What each mechanism is worth: the effect with it and without it, on the same virtual patients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.disease import MECHANISMS
from debulk.disease.mechanisms import known_mechanism
from debulk.trials.estimands.contrast import jackknife_error
from debulk.trials.mechanisms.contrasts import WorldEffect, effect_in, spread_of
from debulk.trials.mechanisms.counterfactual import DEFAULT_DRAWS, follow_pool, settings_for
from debulk.trials.mechanisms.pool import recruit_pool
from debulk.trials.mechanisms.subgroups import Subgroup, subgroups_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from debulk.disease import DiseaseModel
    from debulk.protocols import Protocol
    from debulk.treatments import Modality, Regimen
    from debulk.trials.mechanisms.pool import PatientPool
    from debulk.trials.mechanisms.sobol import Sobol
    from debulk.trials.running.settings import TrialSettings

Progress = Callable[[int, int], None]

CLEAR = 1.96
"""Monte Carlo errors by which two worlds must differ before a difference is told."""


@dataclass(frozen=True)
class MechanismWorth:
    """One mechanism: the effect with it on and off.

    Attributes
    ----------
    mechanism, text : str
    on, off : WorldEffect
        Everything else as the model has it.
    """

    mechanism: str
    text: str
    on: WorldEffect
    off: WorldEffect

    @property
    def log_change(self) -> float:
        """Log of the hazard ratio without the mechanism over that with it."""
        return float(self.off.log_ratio[0] - self.on.log_ratio[0])

    @property
    def change_error(self) -> float:
        """Its Monte Carlo standard error; the patients are the same."""
        return jackknife_error(self.off.log_ratio[1:] - self.on.log_ratio[1:])

    @property
    def reading(self) -> str:
        """What the mechanism does to the effect of the experimental strategy.

        ``"none seen"`` where the change is within `CLEAR` Monte Carlo errors; else ``"helps"``
        where the hazard ratio is lower with the mechanism, or ``"hinders"``.
        """
        change, error = self.log_change, self.change_error
        if math.isnan(change) or abs(change) <= CLEAR * error or change == 0.0:
            return "none seen"
        return "helps" if change > 0.0 else "hinders"

    @property
    def decides(self) -> bool:
        """Whether the experimental strategy helps with it and not without it, or the reverse."""
        return bool((self.on.log_ratio[0] < 0.0) != (self.off.log_ratio[0] < 0.0))

    def to_dict(self, structures: Sequence[str]) -> dict[str, Any]:
        """Plain values under the names of the JSON contract."""
        ratio = math.exp(self.log_change)
        content: dict[str, Any] = plain(
            {
                "mechanism": self.mechanism,
                "text": self.text,
                "hazard_ratio_on": self.on.hazard_ratio,
                "hazard_ratio_off": self.off.hazard_ratio,
                "monte_carlo_error": self.off.hazard_ratio * self.off.error,
                "monte_carlo_error_on": self.on.hazard_ratio * self.on.error,
                "off_over_on": ratio,
                "off_over_on_error": ratio * self.change_error,
                "off_over_on_parameters": spread_of(self.off.by_draw - self.on.by_draw, structures),
                "reading": self.reading,
                "decides": self.decides,
                "on": self.on.to_dict(structures),
                "off": self.off.to_dict(structures),
            }
        )
        return content


@dataclass(frozen=True)
class MechanismsWorth:
    """What the mechanisms are worth in a protocol.

    Attributes
    ----------
    protocol, title : str
    seed, patients, draws : int
        Draws of the parameters, and patients over all of them.
    structures : tuple of str
        Structure of each draw.
    as_given : WorldEffect
        With the mechanisms as the model has them.
    mechanisms : tuple of MechanismWorth
    null, bare_removal : WorldEffect
        The two worlds to hold them against: a sham, and removal of cells with every mechanism off.
    subgroups : tuple of Subgroup
        In whom, with the mechanisms as the model has them.
    sobol : Sobol or None
        How far the strengths of the mechanisms decide the hazard ratio.
    provenance : Provenance
    """

    protocol: str
    title: str
    seed: int
    patients: int
    draws: int
    structures: tuple[str, ...]
    as_given: WorldEffect
    mechanisms: tuple[MechanismWorth, ...]
    null: WorldEffect
    bare_removal: WorldEffect
    subgroups: tuple[Subgroup, ...]
    sobol: Sobol | None
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, under the names of the JSON contract."""
        own = self.structures
        return {
            "protocol": self.protocol,
            "title": self.title,
            "seed": self.seed,
            "patients": self.patients,
            "draws": self.draws,
            "endpoint": "os",
            "as_given": self.as_given.to_dict(own),
            "mechanisms": [each.to_dict(own) for each in self.mechanisms],
            "worlds": {
                "null": self.null.to_dict(own),
                "bare_removal": self.bare_removal.to_dict(own),
            },
            "subgroups": [plain(each) for each in self.subgroups],
            "sobol": None if self.sobol is None else self.sobol.to_dict(),
            "provenance": self.provenance.to_dict(),
        }


def mechanisms_worth(
    protocol: Protocol | str | Path,
    *,
    model: DiseaseModel | None = None,
    modalities: Mapping[str, Modality] | None = None,
    regimens: Mapping[str, Regimen] | None = None,
    patients: int = 4000,
    draws: int | None = None,
    seed: int = 1,
    only: Sequence[str] = (),
    sobol_samples: int | None = 64,
    sobol_patients: int = 300,
    progress: Callable[[str], Progress] | None = None,
) -> MechanismsWorth:
    """Switch each mechanism of the disease model off in turn, in both arms of a protocol.

    The same virtual patients are followed in every world: who is randomised is decided once, with
    the mechanisms as the model has them. A mechanism that the model has off is switched on instead.

    Parameters
    ----------
    protocol : Protocol, str or Path
        A protocol, the name of a packaged one, or the path of a file.
    model : DiseaseModel, optional
        Default: the packaged one.
    modalities, regimens : mapping, optional
        Treatment cards; default: the packaged ones.
    patients : int
        Over all draws, 1 to 1,000,000.
    draws : int, optional
        Draws of the posterior sample; default: 20, or all where there are fewer.
    seed : int
        0 to 2**63 - 1.
    only : sequence of str
        Mechanisms to switch; default: all.
    sobol_samples : int or None
        Base samples of the Sobol indices, a power of 2 from 8; None leaves them out.
    sobol_patients : int
        Patients, of those above, on whom the indices are found.
    progress : callable, optional
        Called with the name of a part of the work (``"patients"``, ``"worlds"``, ``"strengths"``);
        returns what is called with what is done and what there is to do.

    Returns
    -------
    MechanismsWorth

    Raises
    ------
    InputError
        If the protocol does not hold together or the disease model does not fit it, a mechanism is
        unknown, a number is out of its range, or SALib is wanted and missing.
    """
    cards = {"modalities": modalities, "regimens": regimens}
    settings = settings_for(protocol, model, seed, **cards)
    names = _names(only)
    if sobol_samples is not None:
        from debulk.trials.mechanisms.sobol import check_sobol, sobol_of

        check_sobol(sobol_samples, sobol_patients)
    told = progress or (lambda _: lambda done, wanted: None)
    given = settings.disease
    used = min(DEFAULT_DRAWS, given.draws, patients) if draws is None else draws
    pool = recruit_pool(settings, patients, used, told("patients"))
    arms = follow_pool(pool, given)
    as_given = effect_in(arms)
    worlds = _worlds(pool, given, names, told("worlds"))
    found = []
    for name in names:
        on, off = as_given, worlds[name]
        if given.strengths[name] == 0.0:
            on, off = off, on
        found.append(MechanismWorth(name, MECHANISMS[name], on, off))
    sobol = None
    if sobol_samples is not None:
        sobol = sobol_of(pool, given, names, sobol_samples, sobol_patients, told("strengths"))
    return MechanismsWorth(
        protocol=settings.protocol.name,
        title=settings.protocol.title,
        seed=settings.seed,
        patients=len(pool),
        draws=pool.draws,
        structures=given.structures[: pool.draws],
        as_given=as_given,
        mechanisms=tuple(found),
        null=worlds["null"],
        bare_removal=worlds["bare removal"],
        subgroups=subgroups_of(pool, arms),
        sobol=sobol,
        provenance=_provenance(settings, pool),
    )


def _names(only: Sequence[str]) -> tuple[str, ...]:
    """Mechanisms asked for, in the model's order."""
    for name in only:
        if known_mechanism(name) != name or name == "all":
            raise InputError("only", f"{name!r} is no mechanism", "Leave it out for all of them")
    return tuple(name for name in MECHANISMS if not only or name in only)


def _worlds(
    pool: PatientPool,
    given: DiseaseModel,
    names: Sequence[str],
    progress: Progress,
) -> dict[str, WorldEffect]:
    """The effect in every other world, by its name or that of the mechanism switched."""
    models = {"null": given.null_world(), "bare removal": given.bare_removal()}
    for name in names:
        off = given.strengths[name] > 0.0
        models[name] = given.without(name) if off else given.with_mechanisms(name)
    found = {}
    for done, (name, model) in enumerate(models.items(), 1):
        found[name] = effect_in(follow_pool(pool, model))
        progress(done, len(models))
    return found


def _provenance(settings: TrialSettings, pool: PatientPool) -> Provenance:
    protocol = settings.protocol
    return Provenance(
        version=debulk.__version__,
        seed=settings.seed,
        inputs={protocol.source_name: protocol.sha256},
        parameters=settings.parameters,
        remarks=(
            *settings.generator.remarks,
            f"{len(pool):,} virtual patients, found among {pool.births:,} people with bowel "
            "cancer; steps of the funnel that chance alone decides are passed by everybody.",
            "Each patient is in both arms and in every world, as assigned: nobody crosses over, is "
            "lost, or is treated locally after progression.",
            "Research use; not a medical device.",
        ),
    )
