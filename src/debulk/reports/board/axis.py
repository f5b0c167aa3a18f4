"""A horizontal axis with round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from debulk.reports.board.svg import Drawing

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `least` to `most` between two places of a drawing."""

    least: float
    most: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Place of a value; one beyond the axis stands at its end."""
        inside = min(max(value, self.least), self.most)
        share = (inside - self.least) / (self.most - self.least)
        return round(self.left + share * (self.right - self.left), 1)

    def draw(self, drawing: Drawing, floor: float, *, top: float, unit: str) -> None:
        """Draw its line, its ticks from `floor` up to `top`, its numbers and its unit."""
        drawing.line(self.left, floor, self.right, floor, "axis")
        for tick in ticks(self.least, self.most):
            x = self.at(tick)
            drawing.line(x, top, x, floor, "grid")
            drawing.text(x, floor + 15.0, f"{tick:g}", "tick", "middle")
        drawing.text((self.left + self.right) / 2, floor + 32.0, unit, "unit", "middle")


def ticks(least: float, most: float, about: int = 6) -> list[float]:
    """Round numbers from `least` to `most`."""
    rough = (most - least) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough * 0.999)
    first = math.ceil(least / step - 1e-9)
    last = math.floor(most / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]
