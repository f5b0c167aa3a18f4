"""Priors of the free parameters, and the coordinates in which each is standard normal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr, ndtri

from debulk.core.errors import InputError
from debulk.disease.parameters import LIMITS, Z_95, ParameterEntry, parameter_entries

FloatArray = npt.NDArray[np.float64]

FARTHEST = 8.0
"""Coordinates beyond so many standard deviations are taken as that: the prior has 1e-15 there."""


@dataclass(frozen=True)
class Priors:
    """Independent priors of some parameters.

    Attributes
    ----------
    names : tuple of str
        The parameters, in the order of all arrays.
    laws : tuple of str
        ``normal``, ``lognormal`` or ``logitnormal``.
    centre, spread : float64[parameters]
        Median and standard deviation of the value, its logarithm or its logit.
    lowest, highest : float64[parameters]
        Limits of the domain on the same scale, where the law is cut off; infinite where none.

    Notes
    -----
    The median is the entry's value, and the standard deviation comes from the width of its central
    90 %; limits that are not symmetric about the median are taken by their width.
    """

    names: tuple[str, ...]
    laws: tuple[str, ...]
    centre: FloatArray
    spread: FloatArray
    lowest: FloatArray
    highest: FloatArray

    def __len__(self) -> int:
        """Number of parameters."""
        return len(self.names)

    def from_unit(self, unit: FloatArray) -> FloatArray:
        """Values of the parameters at standard normal coordinates; always inside the domains.

        Parameters
        ----------
        unit : float64[..., parameters]
            Standard normal under the prior.
        """
        inside = np.clip(np.asarray(unit, dtype=np.float64), -FARTHEST, FARTHEST)
        low, high = self._cuts()
        mass = ndtr(high) - ndtr(low)
        # From the nearer tail, so that neither loses its digits.
        below = ndtri(ndtr(low) + ndtr(np.minimum(inside, 0.0)) * mass)
        above = -ndtri(ndtr(-high) + ndtr(-np.maximum(inside, 0.0)) * mass)
        cut = np.where(inside <= 0.0, below, above)
        scaled = np.where(np.isfinite(low) | np.isfinite(high), cut, inside)
        scale = self.centre + self.spread * np.clip(scaled, low, high)
        values = scale.copy()
        for law, back in (("lognormal", np.exp), ("logitnormal", expit)):
            which = self._of(law)
            values[..., which] = back(scale[..., which])
        return np.asarray(values)

    def to_unit(self, values: FloatArray) -> FloatArray:
        """Standard normal coordinates of parameter values.

        Parameters
        ----------
        values : float64[..., parameters]
            Inside the domains; a value at the very limit has the farthest coordinate.
        """
        scale = np.array(values, dtype=np.float64)
        with np.errstate(divide="ignore"):
            for law, there in (("lognormal", np.log), ("logitnormal", logit)):
                which = self._of(law)
                scale[..., which] = there(scale[..., which])
        scaled = (scale - self.centre) / self.spread
        low, high = self._cuts()
        mass = ndtr(high) - ndtr(low)
        below = ndtri(np.clip((ndtr(scaled) - ndtr(low)) / mass, 0.0, 1.0))
        above = -ndtri(np.clip((ndtr(-scaled) - ndtr(-high)) / mass, 0.0, 1.0))
        cut = np.where(below <= 0.0, below, above)
        unit = np.where(np.isfinite(low) | np.isfinite(high), cut, scaled)
        return np.clip(unit, -FARTHEST, FARTHEST)

    def _cuts(self) -> tuple[FloatArray, FloatArray]:
        """Limits of the domain in standard deviations; infinite where no draw comes near."""
        low = (self.lowest - self.centre) / self.spread
        high = (self.highest - self.centre) / self.spread
        return (
            np.where(low < -FARTHEST, -np.inf, low),
            np.where(high > FARTHEST, np.inf, high),
        )

    def _of(self, law: str) -> npt.NDArray[np.intp]:
        return np.flatnonzero(np.array([each == law for each in self.laws]))


def make_priors(
    entries: Mapping[str, ParameterEntry] | None = None, *, without: Collection[str] = ()
) -> Priors:
    """Priors of the free parameters.

    Parameters
    ----------
    entries : mapping of str to ParameterEntry, optional
        The packaged ones if left out.
    without : collection of str
        Parameters to leave out, such as those that a structure fixes.

    Raises
    ------
    InputError
        If an entry's limits do not embrace its value, or lie where its law has no density.
    """
    known = parameter_entries() if entries is None else entries
    free = [each for each in known.values() if each.free and each.name not in without]
    rows = [_on_scale(entry) for entry in free]
    centre, spread, lowest, highest = (
        np.array([row[column] for row in rows], dtype=np.float64) for column in range(4)
    )
    return Priors(
        names=tuple(each.name for each in free),
        laws=tuple(each.law for each in free),
        centre=centre,
        spread=spread,
        lowest=lowest,
        highest=highest,
    )


def _on_scale(entry: ParameterEntry) -> tuple[float, float, float, float]:
    """Centre, standard deviation and limits of the domain on the scale of the law."""
    lower, upper = entry.lower, entry.upper
    least = 0.0 if entry.law != "normal" else -np.inf
    most = 1.0 if entry.law == "logitnormal" else np.inf
    known = lower is not None and upper is not None
    if not known or not least < lower < entry.value < upper < most:  # type: ignore[operator]
        raise InputError(
            f"disease parameter {entry.name!r}",
            f"a {entry.law} prior of {lower} to {upper} about {entry.value}",
            "Give limits on both sides of the value, inside the domain of the law",
        )
    domain = LIMITS[entry.allowed][:2]
    numbers = np.array([entry.value, lower, upper, *domain], dtype=np.float64)
    with np.errstate(divide="ignore"):
        if entry.law == "lognormal":
            numbers = np.log(np.maximum(numbers, 0.0))
        elif entry.law == "logitnormal":
            numbers = logit(np.clip(numbers, 0.0, 1.0))
    centre, low, high, lowest, highest = (float(each) for each in numbers)
    return centre, (high - low) / (2.0 * Z_95), lowest, highest
