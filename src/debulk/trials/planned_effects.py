"""The effect that a trial was planned for, where the evidence says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from debulk.core.results import plain
from debulk.core.yaml_files import parse_yaml, validated
from debulk.evidence import firewall_violations
from debulk.protocols import Protocol
from debulk.trials.retrodiction.facts import ALLOWED

FILE = "trials/planned_effects.yaml"


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """What a trial hoped to show.

    Attributes
    ----------
    gain_months : float or None
        Months gained in the median.
    hazard_ratio : float or None
        Experimental over control; None where a gain is given.
    median_control_months : float or None
        Median of the control arm planned for; None where the evidence does not say.
    source : str
        Key of the evidence.
    note : str
        In words.
    """

    gain_months: float | None
    hazard_ratio: float | None
    median_control_months: float | None
    source: str
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain(asdict(self)))


def planned_effect(protocol: Protocol) -> PlannedEffect | None:
    """The effect a protocol was planned for; None where the evidence does not say.

    Parameters
    ----------
    protocol : Protocol
        A packaged one.
    """
    if protocol.planned is not None:
        plan = protocol.planned
        told = {each.name: each for each in protocol.parameters}
        record = told["planned.hazard_ratio_os"]
        ratio, median = plan.hazard_ratio_os, plan.median_os_months
        return PlannedEffect(None, ratio, median, record.source, record.note)
    return _packaged().get(protocol.name)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    gain_months: float | None = Field(default=None, gt=0.0)
    hazard_ratio: float | None = Field(default=None, gt=0.0)
    median_control_months: float | None = Field(default=None, gt=0.0)
    source: str
    note: str

    @model_validator(mode="after")
    def _one(self) -> _Entry:
        if (self.gain_months is None) == (self.hazard_ratio is None):
            raise ValueError("give gain_months or hazard_ratio, one of them")
        return self


class _File(RootModel[dict[str, _Entry]]):
    pass


@cache
def _packaged() -> Mapping[str, PlannedEffect]:
    """Every entry by protocol.

    Raises
    ------
    InputError
        If one cites a held-out result.
    """
    text = (resources.files("debulk") / "data" / FILE).read_text(encoding="utf-8")
    document = parse_yaml(text, FILE)
    entries = validated(_File, document).root
    for name, each in entries.items():
        for broken in firewall_violations({name: each.source}, allow=ALLOWED):
            remedy = "Cite what was planned, never what was found"
            raise document.error((name,), f"{each.source}: {broken.found}", remedy)
    return {name: PlannedEffect(**each.model_dump()) for name, each in entries.items()}
