"""Virtual patients of the disease model, with their metastases and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from debulk.core.results import plain
from debulk.disease import MECHANISMS, DiseaseModel
from debulk.trials.recruitment.courses import follow
from debulk.trials.recruitment.funnel import recruit
from debulk.trials.recruitment.generator import PatientGenerator, Recruitment
from debulk.trials.recruitment.virtual_checks import check_virtual

if TYPE_CHECKING:
    from debulk.core.provenance import Parameter
    from debulk.protocols import Protocol
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class VirtualPatients(PatientGenerator):
    """Patients of a disease model, with their metastases, run-in and local treatment.

    Attributes
    ----------
    model : DiseaseModel
        The model; its `null` makes the null world.
    """

    model: DiseaseModel

    name = "virtual patients of the disease model"
    local_treatment = True
    features = True
    salvage = True

    @property
    def structures(self) -> tuple[str, ...]:  # type: ignore[override]
        """Structure of each draw of the posterior sample; empty with one set of parameters."""
        sample = self.model.posterior
        return () if sample is None else sample.structures

    @property
    def remarks(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the parameters are, and what their uncertainty leaves out."""
        sample = self.model.posterior
        if sample is None:
            return (
                f"One set of disease parameters (structure {self.model.structure}): ranges show "
                "sampling, not what the model cannot know.",
            )
        counts = self.model.structure_counts
        named = ", ".join(f"{name} {counts[name]}" for name in sorted(counts))
        structures = (
            f"Its {len(counts)} structures ({named}) count by their draws: the data do not choose "
            "between them."
            if len(counts) > 1
            else f"All of them have the structure {next(iter(counts))}."
        )
        return (
            f"The disease model is calibrated on published results: trials take {len(sample)} "
            f"parameter sets in turn, from a posterior sample (SHA-256 {sample.sha256[:12]}) that "
            "is approximate, found by simulation without a likelihood.",
            structures,
            "A model can be wrong in ways that none of its parameter sets shows.",
        )

    @property
    def null(self) -> bool:  # type: ignore[override]
        """Whether both arms' courses are the same."""
        return self.model.null

    def recruit(
        self, settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
    ) -> Recruitment:
        """See `PatientGenerator.recruit`."""
        found = recruit(settings, first_trial, trials, keep_refusers=keep_refusers)
        return Recruitment(follow(settings, found), found.counts)

    def null_world(self) -> VirtualPatients:
        """The same patients, with the control arm's course in both arms."""
        return replace(self, model=self.model.null_world())

    def identity(self) -> Mapping[str, Any]:
        """Strengths of the mechanisms, null world, every parameter and every draw of them."""
        sample = self.model.posterior
        return {
            "strengths": dict(self.model.strengths),
            "null": self.model.null,
            "structure": self.model.structure,
            # The hash is one of values and structures, of the draws that are used.
            "posterior": None if sample is None else sample.sha256,
            "disease": [plain(each) for each in self.model.parameter_records()],
        }

    def parameters(self, protocol: Protocol) -> tuple[Parameter, ...]:
        """The disease model's parameters and mechanisms."""
        return self.model.parameter_records()

    def posterior(self) -> dict[str, Any] | None:
        """Draws, hash and structures of the posterior sample; None with one set of parameters."""
        sample = self.model.posterior
        if sample is None:
            return None
        counts = self.model.structure_counts
        return {"draws": len(sample), "sha256": sample.sha256, "structures": counts}

    def mechanisms(self) -> dict[str, Any]:
        """Mechanisms of the disease model on and off, and strengths other than 0 and 1."""
        strengths = self.model.strengths
        return {
            "on": [name for name in MECHANISMS if strengths[name] > 0.0],
            "off": [name for name in MECHANISMS if strengths[name] == 0.0],
            "strengths": {n: strengths[n] for n in MECHANISMS if strengths[n] not in (0.0, 1.0)},
        }

    def check(self, settings: TrialSettings) -> None:
        """See `PatientGenerator.check`."""
        super().check(settings)
        check_virtual(settings)
