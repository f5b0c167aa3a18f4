"""What makes the registries of a cell: one interface, whoever implements it."""

from __future__ import annotations

from typing import Protocol

from debulk.core.provenance import Parameter
from debulk.emulation.grace import GracePeriod, Timing
from debulk.emulation.laboratory.cells import Cell
from debulk.emulation.laboratory.knobs import Knobs, knobs_of
from debulk.emulation.laboratory.registry import simulate_registry
from debulk.emulation.laboratory.truth import Truth, true_contrast
from debulk.emulation.person_time import PersonTime


class World(Protocol):
    """Makes registries, and knows what is true in them."""

    def registry(self, *, seed: int, registry: int, patients: int) -> PersonTime:
        """One registry, a pure function of its arguments."""

    def truth(self, *, seed: int, tau_months: float, patients: int) -> Truth:
        """The contrast of the strategies in the same patients."""

    def grace(self, timing: Timing) -> GracePeriod:
        """The strategies compared."""

    def parameter_records(self) -> tuple[Parameter, ...]:
        """Every number behind it."""


class SimpleWorld:
    """The cheap simulator.

    Parameters
    ----------
    knobs : Knobs
    """

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs

    def registry(self, *, seed: int, registry: int, patients: int) -> PersonTime:
        """See `debulk.emulation.laboratory.registry.simulate_registry`."""
        return simulate_registry(self.knobs, seed=seed, registry=registry, patients=patients)

    def truth(self, *, seed: int, tau_months: float, patients: int) -> Truth:
        """See `debulk.emulation.laboratory.truth.true_contrast`."""
        return true_contrast(self.knobs, seed=seed, tau_months=tau_months, patients=patients)

    def grace(self, timing: Timing) -> GracePeriod:
        """Local treatment at one of the visits of the grace period, or none."""
        return GracePeriod(timing, visits=int(self.knobs.visits))

    def parameter_records(self) -> tuple[Parameter, ...]:
        """See `debulk.emulation.laboratory.knobs.Knobs.parameter_records`."""
        return self.knobs.parameter_records()


def world_of(cell: Cell) -> World:
    """What makes the registries of a cell.

    Raises
    ------
    InputError
        If the disease model cannot make its scenario.
    """
    if cell.model == "simple":
        return SimpleWorld(knobs_of(cell.scenario, cell.selection, cell.unmeasured))
    from debulk.emulation.laboratory.disease_world import disease_world

    return disease_world(cell.scenario, cell.selection, cell.unmeasured)
