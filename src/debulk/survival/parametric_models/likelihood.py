"""The log likelihood of a parametric model with its exact derivatives, summed block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.survival.parametric_models.covariates import Design
from debulk.survival.parametric_models.cure import Cure, with_background, with_cure
from debulk.survival.parametric_models.families import Family
from debulk.survival.parametric_models.jets import Jet, variable
from debulk.survival.subjects import Bools, Floats

_BLOCK = 8192
"""Most rows of a block: a dozen columns of them fit in a processor's cache."""
_PRODUCT = 262_144
"""Multiplications of a block's largest matrix product. Above that, linear algebra libraries share
small products among threads, which wait for each other ten times longer on a busy machine."""
_FEWEST = 512


@dataclass(frozen=True, eq=False)
class Rows:
    """Checked rows that say something about the parameters.

    Attributes
    ----------
    time, event : array, shape (n,)
        End of follow-up, above 0 unless an event, and whether it ended with the event.
    entry, weights, background : array, shape (n,), or None
        Start of observation, case weights, and the population's hazard at the end of follow-up.
    design, cure_design : Design
        Covariates of the location and of the cured share.
    """

    time: Floats
    event: Bools
    entry: Floats | None
    weights: Floats | None
    background: Floats | None
    design: Design
    cure_design: Design

    def subset(self, chosen: slice | npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(
            self.time[chosen],
            self.event[chosen],
            None if self.entry is None else self.entry[chosen],
            None if self.weights is None else self.weights[chosen],
            None if self.background is None else self.background[chosen],
            self.design.rows(chosen),
            self.cure_design.rows(chosen),
        )

    def typical_time(self) -> float:
        """Time at risk for an event, which is an exponential's mean."""
        weights = np.ones(self.time.size) if self.weights is None else self.weights
        exposed = self.time if self.entry is None else self.time - self.entry
        return float(weights @ exposed / (weights @ self.event))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The log likelihood at one point with its gradient and Hessian."""

    value: float
    gradient: Floats
    hessian: Floats


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the parameters lie in the vector that is maximised.

    The order is: effects on the location (its own intercept first, if it has one), ancillary
    parameters, effects on the logit of the cured share (its intercept first).
    """

    family: Family
    cure: Cure | None
    effects: int
    cure_effects: int

    @property
    def intercept(self) -> bool:
        """Whether the location has an intercept of its own."""
        return self.family.location is not None

    @property
    def ancillary(self) -> int:
        """Number of ancillary parameters."""
        return len(self.family.parameters) - int(self.intercept)

    @property
    def slices(self) -> list[slice]:
        """Places of each variable's coefficients, by variable."""
        first = int(self.intercept) + self.effects
        result = [slice(0, first)]
        result += [slice(first + j, first + j + 1) for j in range(self.ancillary)]
        if self.cure is not None:
            start = first + self.ancillary
            result.append(slice(start, start + 1 + self.cure_effects))
        return result

    @property
    def size(self) -> int:
        """Number of parameters."""
        return int(self.slices[-1].stop)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log likelihood as a function of the parameters on their working scales.

    Each row adds d log(h(t) + b) - H(t) + H(entry): d marks an event, h and H are the hazard and
    the cumulative hazard of everybody (cured or not), b the hazard of the general population
    (Esteve et al. 1990, Stat Med 9:529; Nelson et al. 2007, Stat Med 26:5486), whose cumulative
    hazard is the same for all parameters and is left out.
    """

    rows: Rows
    layout: Layout

    @property
    def block(self) -> int:
        """Rows that are worked on together."""
        width = 1 + max(self.layout.effects, self.layout.cure_effects)
        return min(_BLOCK, max(_FEWEST, _PRODUCT // width**2))

    def evaluate(self, parameters: Floats) -> Evaluation:
        """Sum value, gradient and Hessian over blocks of rows."""
        size = self.layout.size
        total = _Totals(np.zeros(size), np.zeros((size, size)), self.layout.slices)
        with np.errstate(all="ignore"):  # what is not finite is judged by the search
            for start in range(0, self.rows.time.size, self.block):
                self._add_block(slice(start, start + self.block), parameters, total)
        return Evaluation(total.value, total.gradient, total.symmetric_hessian())

    def _add_block(self, chosen: slice, parameters: Floats, total: _Totals) -> None:
        rows, layout = self.rows, self.layout
        time, event = rows.time[chosen], rows.event[chosen]
        weights = None if rows.weights is None else rows.weights[chosen]
        designs: list[Floats | None] = [rows.design.block(chosen, layout.intercept)]
        designs += [None] * layout.ancillary
        if layout.cure is not None:
            designs.append(rows.cure_design.block(chosen, True))
        log_hazard, cumulative = self._hazards(time, parameters, designs)
        if rows.background is not None:
            log_hazard = with_background(log_hazard, rows.background[chosen])
        total.add(log_hazard.kept_where(event) - cumulative, weights, designs)
        if rows.entry is None:
            return
        late = np.flatnonzero(rows.entry[chosen] > 0)
        if late.size:
            designs = [None if each is None else each[late] for each in designs]
            _, before = self._hazards(rows.entry[chosen][late], parameters, designs)
            total.add(before, None if weights is None else weights[late], designs)

    def _hazards(
        self, time: Floats, parameters: Floats, designs: list[Floats | None]
    ) -> tuple[Jet, Jet]:
        jets = []
        for j, (design, place) in enumerate(zip(designs, self.layout.slices, strict=True)):
            own = parameters[place]
            jets.append(variable(j, float(own[0]) if design is None else design @ own))
        return whole_hazards(self.layout, time, jets)


def whole_hazards(layout: Layout, time: Floats, jets: list[Jet]) -> tuple[Jet, Jet]:
    """Log hazard and cumulative hazard of everybody, from the jets of all variables."""
    last = 1 + layout.ancillary
    log_hazard, cumulative = layout.family.hazards(time, jets[0], jets[1:last])
    if layout.cure is None:
        return log_hazard, cumulative
    return with_cure(layout.cure, log_hazard, cumulative, jets[last])


class _Totals:
    """Running sums of the log likelihood and its derivatives."""

    def __init__(self, gradient: Floats, hessian: Floats, slices: list[slice]) -> None:
        self.value = 0.0
        self.gradient = gradient
        self.hessian = hessian
        self.slices = slices

    def add(self, jet: Jet, weights: Floats | None, designs: list[Floats | None]) -> None:
        """Add the rows of a block, through the designs of their variables."""
        size = np.size(jet.value)

        def loaded(each: Floats | float) -> Floats:
            full = np.broadcast_to(each, size)
            return full if weights is None else full * weights

        self.value += float(loaded(jet.value).sum())
        for i, slope in jet.first.items():
            left = designs[i]
            full = loaded(slope)
            self.gradient[self.slices[i]] += full.sum() if left is None else full @ left
        for (i, j), bend in jet.second.items():
            full, left, right = loaded(bend), designs[i], designs[j]
            place = (self.slices[i], self.slices[j])
            if left is None and right is None:
                self.hessian[place] += full.sum()
            elif right is None:
                assert left is not None
                self.hessian[place] += (full @ left)[:, None]
            elif left is None:
                self.hessian[place] += full @ right
            else:
                self.hessian[place] += (left * full[:, None]).T @ right

    def symmetric_hessian(self) -> Floats:
        """The full matrix, from its blocks on and above the diagonal."""
        upper = self.hessian
        for a, one in enumerate(self.slices):
            for other in self.slices[a + 1 :]:
                upper[other, one] = upper[one, other].T
        return upper
