"""The simulated funnel of every packaged protocol, for those who cannot wait for a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from debulk.core.results import plain
from debulk.protocols import Protocol

FILE = "trials/funnels.json"


@dataclass(frozen=True, slots=True)
class FunnelStepMean:
    """One step: its name, its words, the mean number who reached it, what held most others back.

    Attributes
    ----------
    step, text : str
    patients : float
        Mean over the simulated trials.
    reasons : tuple of (text, patients)
        The three that held back most; one patient can fail several.
    """

    step: str
    text: str
    patients: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class PackagedFunnel:
    """How many patients come to each step of a protocol, and how many are then treated.

    Attributes
    ----------
    steps : tuple of FunnelStepMean
        The first is who is drawn, the last who is randomised.
    experimental_patients : float
        Mean number randomised to the experimental arm.
    treated_as_assigned, treated_completely : float or None
        Shares of them; None where the arm has no local treatment.
    patients_from : str
        What made the patients.
    trials, seed : int
        Of the simulation.
    version : str
        Program that ran it.
    """

    steps: tuple[FunnelStepMean, ...]
    experimental_patients: float
    treated_as_assigned: float | None
    treated_completely: float | None
    patients_from: str
    trials: int
    seed: int
    version: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain(asdict(self)))


def packaged_funnel(protocol: Protocol) -> PackagedFunnel | None:
    """The simulated funnel of a packaged protocol.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    PackagedFunnel or None
        None of a protocol that is not packaged, or was changed since it was simulated.
    """
    content = _content()
    entry = content["protocols"].get(protocol.name)
    if entry is None or entry["protocol_sha256"] != protocol.sha256:
        return None
    arm = entry["experimental"]
    return PackagedFunnel(
        steps=tuple(_step(each) for each in entry["steps"]),
        experimental_patients=arm["patients"],
        treated_as_assigned=arm["treated_as_assigned"],
        treated_completely=arm["treated_completely"],
        patients_from=entry["patients_from"],
        trials=content["trials"],
        seed=content["seed"],
        version=content["version"],
    )


def _step(entry: Mapping[str, Any]) -> FunnelStepMean:
    reasons = tuple((each["text"], each["patients"]) for each in entry["reasons"])
    return FunnelStepMean(entry["step"], entry["text"], entry["patients"], reasons)


@cache
def _content() -> Mapping[str, Any]:
    text = (resources.files("debulk") / "data" / FILE).read_text(encoding="utf-8")
    return dict(json.loads(text))
