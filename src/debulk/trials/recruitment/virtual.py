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
    remarks = (
        "Provisional: the disease model is not calibrated by this program yet.",
        "One set of disease parameters: ranges show sampling, not what the model cannot know.",
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
        """Mechanisms, null world and every parameter."""
        return {
            "mechanisms": sorted(self.model.mechanisms),
            "null": self.model.null,
            "disease": [plain(each) for each in self.model.parameter_records()],
        }

    def parameters(self, protocol: Protocol) -> tuple[Parameter, ...]:
        """The disease model's parameters and mechanisms."""
        return self.model.parameter_records()

    def mechanisms(self) -> dict[str, list[str]]:
        """Mechanisms of the disease model that are on and off."""
        on = [name for name in MECHANISMS if name in self.model.mechanisms]
        return {"on": on, "off": [name for name in MECHANISMS if name not in on]}

    def check(self, settings: TrialSettings) -> None:
        """See `PatientGenerator.check`."""
        super().check(settings)
        check_virtual(settings)
