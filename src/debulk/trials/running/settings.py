"""Everything a run of simulated trials depends on, checked before anything is computed."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import debulk
from debulk.core.errors import InputError
from debulk.core.kernel_cache import ROOMS, sources_digest
from debulk.core.provenance import Parameter
from debulk.core.results import plain
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import Care, DiseaseModel
from debulk.disease.growth import STEP_DAYS
from debulk.protocols import Protocol, Strategy
from debulk.treatments import Modality, ModalityTables, Regimen, load_panel, modality_tables
from debulk.trials.randomisation.checks import LARGEST_SEED, whole
from debulk.trials.recruitment.cards import tables_for
from debulk.trials.recruitment.generator import PatientGenerator
from debulk.trials.recruitment.systemic import steps_of
from debulk.trials.recruitment.virtual import VirtualPatients
from debulk.trials.running.checks import check_kinds, check_settings
from debulk.trials.running.consistency import check_consistency

TRIALS_PER_CHUNK = 10
"""Trials computed between two looks at the clock; fixed, so that finished chunks can be kept."""


@dataclass(frozen=True)
class TrialSettings:
    """A protocol, what makes its patients, and treatment cards, with the seed.

    Attributes
    ----------
    protocol : Protocol
    model : DiseaseModel or PatientGenerator
        What makes the patients.
    modalities : mapping of str to Modality
    cards_of_regimens : mapping of str to Regimen
    seed : int
        From 0 to 2**63 - 1.

    Raises
    ------
    InputError
        If the protocol asks for something that cannot be done; it is named.
    """

    protocol: Protocol
    model: DiseaseModel | PatientGenerator
    modalities: Mapping[str, Modality]
    cards_of_regimens: Mapping[str, Regimen]
    seed: int

    def __post_init__(self) -> None:
        check_kinds(self)
        # A NumPy number would not go into JSON.
        object.__setattr__(self, "seed", whole(self.seed, "seed", 0, LARGEST_SEED))
        check_settings(self)
        check_consistency(self.protocol)

    @cached_property
    def generator(self) -> PatientGenerator:
        """What makes the patients."""
        return VirtualPatients(self.model) if isinstance(self.model, DiseaseModel) else self.model

    @property
    def disease(self) -> DiseaseModel:
        """The disease model.

        Raises
        ------
        InputError
            If the patients do not come from one.
        """
        generator = self.generator
        if not isinstance(generator, VirtualPatients):
            raise InputError("model", f"{generator.name} have no disease", "Give a disease model")
        return generator.model

    def varied(self, **changes: Any) -> TrialSettings:
        """The same settings with fields changed, for variations of a run that was checked.

        Nothing is checked again, and cards already laid out as arrays are kept: in a variation the
        model may differ, and of the protocol its funnel and conduct.

        Parameters
        ----------
        **changes
            New values of ``model`` or ``protocol``.
        """
        other = copy.copy(self)
        for derived in ("generator", "parameters", "fingerprint"):
            other.__dict__.pop(derived, None)
        for name, value in changes.items():
            object.__setattr__(other, name, value)
        return other

    @property
    def null(self) -> bool:
        """Whether both arms' courses are the same."""
        return self.generator.null

    @cached_property
    def care(self) -> Care:
        """Systemic therapy and resections outside the arms, as far as both arms have the same."""
        conduct = self.protocol.conduct
        return Care(
            era=conduct.drug_era,
            secondary_resection=conduct.secondary_resection,
            repeat_resection=conduct.repeat_resection,
        )

    @cached_property
    def regimens(self) -> tuple[Regimen, ...]:
        """Cards of the run-in's regimens, in its order."""
        return tuple(self.cards_of_regimens[each.regimen] for each in self.protocol.run_in)

    @property
    def regimens_named(self) -> tuple[str, ...]:
        """Every regimen that the run-in or an arm names, each once."""
        plans = [arm.strategy.systemic for arm in self.protocol.arms]
        named = [each.regimen for each in self.protocol.run_in]
        named += [plan.regimen for plan in plans if plan is not None and plan.regimen]
        return tuple(dict.fromkeys(named))

    @cached_property
    def cards_used(self) -> tuple[Regimen, ...]:
        """Cards of `regimens_named`."""
        return tuple(self.cards_of_regimens[name] for name in self.regimens_named)

    @cached_property
    def tables(self) -> ModalityTables:
        """The modality cards as flat arrays."""
        return modality_tables(self.modalities)

    def tables_of(self, strategy: Strategy) -> ModalityTables:
        """The cards that a strategy allows, as flat arrays.

        Parameters
        ----------
        strategy : Strategy
            Of one arm.
        """
        return tables_for(strategy, self.modalities) if strategy.modalities else self.tables

    @cached_property
    def run_in_steps(self) -> int:
        """Steps of the simulator from the first day to randomisation.

        The first day is that of line 1 where there is a run-in or the arms say nothing of their
        systemic therapy: at least one step then. Else it is that of randomisation itself.
        """
        days = max(
            (
                each.cycles * card.cycle_days.value
                for each, card in zip(self.protocol.run_in, self.regimens, strict=True)
            ),
            default=0.0,
        )
        least = 0 if self.protocol.systemic_by_arm else 1
        return max(least, math.ceil(days / STEP_DAYS))

    @property
    def run_in_months(self) -> float:
        """Time from the first day to randomisation."""
        return self.run_in_steps * STEP_DAYS / DAYS_PER_MONTH

    @property
    def local_step(self) -> int:
        """Step of the experimental arm's first procedure, from the first day."""
        return self.local_step_of(self.protocol.experimental.strategy)

    def local_step_of(self, strategy: Strategy) -> int:
        """Step of a strategy's first local procedure, from the first day.

        Parameters
        ----------
        strategy : Strategy
            Of one arm.
        """
        return self.run_in_steps + steps_of(strategy.start_after_months)

    @property
    def least_follow_up_months(self) -> float:
        """How long everybody is followed at least: to 90 days after local treatment."""
        last = max(self.local_step_of(arm.strategy) for arm in self.protocol.arms)
        steps = last - self.run_in_steps + math.ceil(90.0 / STEP_DAYS)
        return steps * STEP_DAYS / DAYS_PER_MONTH

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every number the run rests on: protocol, derived, patients, treatment cards."""
        of_patients = self.generator.parameters(self.protocol)
        if not self.generator.local_treatment:
            return (*self.protocol.parameters, *of_patients)
        derived = (
            Parameter(
                "run_in_months",
                round(self.run_in_months, 4),
                "derived",
                "derived",
                f"the longest run-in, rounded up to steps of {STEP_DAYS:g} days, at least one "
                "unless the arms say their systemic therapy",
                "months",
            ),
            Parameter(
                "local_treatment_months",
                round((self.local_step - self.run_in_steps) * STEP_DAYS / DAYS_PER_MONTH, 4),
                "derived",
                "derived",
                f"start_after_months, rounded to steps of {STEP_DAYS:g} days",
                "months",
            ),
        )
        cards = [each for card in self.modalities.values() for each in card.parameters()]
        runs = [each for card in self.cards_used for each in card.parameters()]
        panel = tuple(load_panel().parameters())
        return (*self.protocol.parameters, *derived, *of_patients, *panel, *cards, *runs)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that a chunk's content depends on."""
        protocol = self.protocol.to_dict()
        content: dict[str, Any] = {
            "version": debulk.__version__,
            "sources": sources_digest(Path(__file__).parents[2], (*ROOMS, "patients", "protocols")),
            "seed": self.seed,
            "protocol": protocol,
            "patients": self.generator.name,
            "identity": plain(self.generator.identity()),
            "parameters": [plain(each) for each in self.parameters],
            "trials_per_chunk": TRIALS_PER_CHUNK,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()
