"""Can the model tell two options apart: one of four statements that are never added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.board.futures.spread import Spread
from debulk.core.results import plain


@dataclass(frozen=True)
class Equipoise:
    """Of 100 parameter draws, those with a gain, little difference, a loss.

    Attributes
    ----------
    gain, little, loss : int
        Of 100 parameter draws, by the difference in months of life up to the horizon; they add up
        to 100. The noise of each draw's figure is taken out, that of their mean is put in.
    verdict : str
        ``gain``, ``loss`` or ``little`` where at least `leans_at` draws agree, else ``open``.
    delta_months, horizon_months, leans_at : float, float, int
        Settings of the department.
    counted : tuple of int
        Gain, little, loss of the noisy figures as they are, of 100.
    noise_share : float
        Share of their scatter that is noise.
    monte_carlo_se_months : float
        Of the mean difference.
    text : mapping of str to str
        The sentences: ``model``, ``settings``, ``noise``.
    """

    gain: int
    little: int
    loss: int
    verdict: str
    delta_months: float
    horizon_months: float
    leans_at: int
    counted: tuple[int, int, int]
    noise_share: float
    monte_carlo_se_months: float
    text: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "state": "shown",
            "model": {
                "gain_of_100": self.gain,
                "little_of_100": self.little,
                "loss_of_100": self.loss,
                "verdict": self.verdict,
                "delta_months": self.delta_months,
                "horizon_months": self.horizon_months,
                "leans_at": self.leans_at,
                "counted_with_noise": list(self.counted),
                "noise_share": plain(self.noise_share),
                "monte_carlo_se_months": plain(self.monte_carlo_se_months),
            },
            "text": dict(self.text or {}),
        }


def shares_of_draws(
    difference: Spread, delta_months: float
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Of 100 draws those with gain, little difference, loss: without noise, and as counted.

    Parameters
    ----------
    difference : Spread
        In months of life.
    delta_months : float
        Below which a difference is little, either way.

    Notes
    -----
    A draw's own noise is taken out of the scatter of the draws. What is left uncertain is where
    their mean lies: the shares are averaged over its error, a normal one.
    """
    return _of_100(difference.uncertain, delta_months), _of_100(difference.by_draw, delta_months)


def sides_of(
    months: npt.NDArray[np.float64], delta_months: float
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which differences are a gain, little, a loss; no difference at all is always little.

    Parameters
    ----------
    months : float64 array
    delta_months : float
        Least gain or loss that is not little.
    """
    gain = (months >= delta_months) & (months > 0.0)
    loss = (months <= -delta_months) & (months < 0.0)
    return gain, ~gain & ~loss, loss


def verdict_of(shares: tuple[int, int, int], leans_at: int) -> str:
    """What the shares of draws amount to, by the department's number of 100."""
    for name, share in zip(("gain", "little", "loss"), shares, strict=True):
        if share >= leans_at:
            return name
    return "open"


def _of_100(values: npt.NDArray[np.float64], delta: float) -> tuple[int, int, int]:
    """Whole numbers that add up to 100: the largest remainders are rounded up."""
    exact = 100.0 * np.array([each.mean() for each in sides_of(values, delta)])
    whole = np.floor(exact).astype(int)
    for place in np.argsort(whole - exact, kind="stable")[: 100 - int(whole.sum())]:
        whole[place] += 1
    return int(whole[0]), int(whole[1]), int(whole[2])
