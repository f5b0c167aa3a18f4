"""What is told of rebuilt arms: medians, accuracy, and the hazard ratio of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from debulk.core.results import plain

if TYPE_CHECKING:
    from debulk.cli.evidence.reconstruction_arms import Arm
    from debulk.core.results import Estimate
    from debulk.evidence.reconstruction.two_arms import ReconstructionUncertainty

AS_IN_FILE = "as in the file"
"""The unit of times that nobody told."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Everything one call tells.

    Attributes
    ----------
    arms : tuple of Arm
        One or two; the second is the reference.
    medians : tuple of Estimate
        Of the rebuilt patients of each arm, as if they were known.
    median_spreads : tuple of float or None
        Standard deviation of each median between replicates; None without replicates, or where
        fewer than two replicates reach it.
    hazard_ratio : Estimate or None
        Of the first arm against the second, as if the rebuilt patients were known.
    uncertainty : ReconstructionUncertainty or None
        The same with what the figure leaves open; None for one arm or without replicates.
    replicates, seed : int
        Reconstructions that measure it, and their seed.
    unit : str
        Unit of the times, for display.
    """

    arms: tuple[Arm, ...]
    medians: tuple[Estimate, ...]
    median_spreads: tuple[float | None, ...]
    hazard_ratio: Estimate | None
    uncertainty: ReconstructionUncertainty | None
    replicates: int
    seed: int
    unit: str

    @property
    def known_unit(self) -> str:
        """The unit of the times where one was told; else empty."""
        return "" if self.unit == AS_IN_FILE else self.unit

    @property
    def ratio_lines(self) -> tuple[str, ...]:
        """The hazard ratio in words; nothing for one arm."""
        ratio = self.hazard_ratio
        if ratio is None:
            return ()
        head = f"Hazard ratio, {self.arms[0].name} against {self.arms[1].name}"
        if self.uncertainty is None:
            limits = f"{ratio.lower:.3f} to {ratio.upper:.3f}"
            return (f"{head}: {ratio.estimate:.3f} ({limits}), as if the patients were known.",)
        told = self.uncertainty.hazard_ratio
        return (
            f"{head}: {told.estimate:.3f} ({told.lower:.3f} to {told.upper:.3f}).",
            f"Standard error of its logarithm: {told.total_se:.4f}, of sampling "
            f"{told.sampling_se:.4f}, of reconstruction {told.reconstruction_sd:.4f} (Monte Carlo "
            f"error {told.reconstruction_sd_error:.4f}, {told.replicates} replicates).",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines below the figure's title."""
        errors = ", ".join(
            f"{each.name} {each.rebuilt.accuracy.root_mean_square:.4f}" for each in self.arms
        )
        return (f"Root mean square difference in survival: {errors}", *self.ratio_lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        rows = zip(self.arms, self.medians, self.median_spreads, strict=True)
        known = plain(self.hazard_ratio)
        return {
            "arms": {
                arm.name: {
                    "patients": arm.rebuilt.n,
                    "events": arm.rebuilt.events,
                    "events_published": arm.rebuilt.events_published,
                    "median": {**plain(median), "reconstruction_sd": plain(spread)},
                    "accuracy": arm.rebuilt.accuracy.to_dict(),
                    "assumptions": list(arm.rebuilt.assumptions),
                    "provenance": arm.rebuilt.provenance.to_dict(),
                }
                for arm, median, spread in rows
            },
            "reference": self.arms[1].name if len(self.arms) > 1 else None,
            "hazard_ratio": known
            if self.uncertainty is None
            else {**plain(self.uncertainty.hazard_ratio), "as_if_known": known},
            "rmst_difference": None
            if self.uncertainty is None
            else {
                **plain(self.uncertainty.rmst_difference),
                "horizon": self.uncertainty.horizon,
            },
            "replicates": self.replicates,
            "seed": self.seed,
            "time_unit": self.unit,
        }


def answer_of(arms: tuple[Arm, ...], *, replicates: int, seed: int, unit: str) -> Answer:
    """Medians of every arm and the hazard ratio of two, with what the figures leave open."""
    from debulk.survival import kaplan_meier

    medians = tuple(kaplan_meier(arm.rebuilt.time, arm.rebuilt.event).median for arm in arms)
    spreads: tuple[float | None, ...] = (None,) * len(arms)
    uncertainty = None
    if replicates and len(arms) == 1:
        spreads = (_median_spread(arms[0], replicates, seed),)
    elif replicates:
        from debulk.evidence.reconstruction.two_arms import reconstruction_uncertainty

        uncertainty = reconstruction_uncertainty(
            arms[1].rebuilt, arms[0].rebuilt, replicates=replicates, seed=seed
        )
        told = (uncertainty.median_experimental, uncertainty.median_control)
        spreads = tuple(plain(each.reconstruction_sd) for each in told)
    return Answer(arms, medians, spreads, _ratio(arms), uncertainty, replicates, seed, unit)


def _median_spread(arm: Arm, replicates: int, seed: int) -> float | None:
    import numpy as np

    from debulk.evidence.reconstruction.replicates import reconstruction_replicates
    from debulk.survival.kernels import median_survival

    drawn = reconstruction_replicates(arm.rebuilt, replicates=replicates, seed=seed)
    found = [median_survival(*each) for each in zip(drawn.time, drawn.event, strict=True)]
    known = np.array([each for each in found if np.isfinite(each)])
    return float(known.std(ddof=1)) if known.size > 1 else None


def _ratio(arms: tuple[Arm, ...]) -> Estimate | None:
    if len(arms) < 2:
        return None
    import numpy as np

    from debulk.survival import hazard_ratio

    first, second = (arm.rebuilt for arm in arms)
    return hazard_ratio(
        np.concatenate((first.time, second.time)),
        np.concatenate((first.event, second.event)),
        np.repeat([arms[0].name, arms[1].name], [first.n, second.n]),
        reference=arms[1].name,
    )
