"""Operating characteristics of a planned design, from simulated trials."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.trials.operating import OperatingCharacteristics

if TYPE_CHECKING:
    from debulk.trials.simulation.flat_design import FlatDesign
    from debulk.trials.survival_designs.trial_design import TrialDesign


@dataclass(frozen=True)
class DesignCharacteristics(OperatingCharacteristics):
    """What a planned design delivers over many simulated trials; `simulate` makes it.

    Attributes
    ----------
    design : TrialDesign
    trials, seed : int
    test : str
        What the bounds were applied to, in words.
    true_hazard_ratio : pieces or None
        The hazard ratio simulated; None: that of the design, by stratum where it has strata.
    efficacy, opposite, futility, harm : tuple of float
        By look, the share of trials that stop there for benefit, for rejection in the other
        direction (two-sided designs), for futility and for harm.
    efficacy_without_futility : tuple of float or None
        By look, the share that first cross efficacy there if the trial goes on whatever the
        futility boundary says; None where the design has none, or a binding one.
    look_table : polars.DataFrame
        One row a look: planned events, share of the trials that hold it, mean calendar month of
        those.
    hazard_ratios : dict or None
        Median, lower and upper 2.5 % of Cox's hazard ratio at the end of a trial, and the number of
        trials where it does not exist; None if not estimated.
    months : dict
        Calendar month of the last analysis: median, lower, upper 2.5 %, mean.
    mean_events, mean_patients : float
        Events and patients randomised at the end of a trial.
    never_reached : int
        Trials whose patients were all dead or lost before the events of a look had happened. They
        are analysed once, when nothing more can happen, against the bounds of the last look.
    undefined : int
        Trials with a look whose statistic had no variance, which then crossed nothing.
    tied : int
        Trials in which events shared a step of time; they are analysed as ties.
    errors : dict of str to float
        Monte Carlo standard errors.
    provenance : Provenance
    flat : FlatDesign
        What the kernels took; `trial_table` makes trials again from it.
    """

    design: TrialDesign
    trials: int
    seed: int
    test: str
    true_hazard_ratio: tuple[tuple[float, float], ...] | None
    efficacy: tuple[float, ...]
    opposite: tuple[float, ...] | None
    futility: tuple[float, ...] | None
    harm: tuple[float, ...] | None
    efficacy_without_futility: tuple[float, ...] | None
    look_table: pl.DataFrame
    hazard_ratios: dict[str, float] | None
    months: dict[str, float]
    mean_events: float
    mean_patients: float
    never_reached: int
    undefined: int
    tied: int
    errors: dict[str, float]
    provenance: Provenance
    flat: FlatDesign

    @property
    def power(self) -> float:
        """Share of trials that stop for benefit, futility and harm in force."""
        return math.fsum(self.efficacy)

    @property
    def power_without_futility(self) -> float:
        """The same if no trial stopped for a non-binding futility boundary."""
        kept = self.efficacy_without_futility
        return self.power if kept is None else math.fsum(kept)

    @property
    def crossing(self) -> dict[str, list[float]]:
        """By look, the share of trials that cross each boundary there first.

        Keys "efficacy" and, where the design has them, "futility", "harm", "opposite" (rejection in
        the other direction of a two-sided design) and "efficacy_without_futility".
        """
        ways = {
            "efficacy": self.efficacy,
            "opposite": self.opposite,
            "futility": self.futility,
            "harm": self.harm,
            "efficacy_without_futility": self.efficacy_without_futility,
        }
        return {name: list(shares) for name, shares in ways.items() if shares is not None}

    @property
    def hazard_ratio(self) -> dict[str, float] | None:
        """Median, lower and upper 2.5 % of Cox's hazard ratio at the end; None if not estimated."""
        if self.hazard_ratios is None:
            return None
        return {name: self.hazard_ratios[name] for name in ("median", "lower", "upper")}

    @property
    def duration_months(self) -> dict[str, float | None]:
        """Calendar month of the last analysis: median, lower, upper 2.5 %, mean."""
        return dict(plain(self.months))

    @property
    def patients(self) -> float:
        """Mean number of patients randomised in a trial."""
        return self.mean_patients

    @property
    def events(self) -> float:
        """Mean number of events at the end of a trial."""
        return self.mean_events

    @property
    def monte_carlo_error(self) -> dict[str, float]:
        """Standard errors of power, events, patients and mean duration; NaN from one trial."""
        return dict(self.errors)

    def trial_table(self, *, first: int = 0, trials: int = 1_000) -> pl.DataFrame:
        """Simulate some of the trials again and show them one by one.

        Parameters
        ----------
        first : int
            Number of the first, from 0.
        trials : int
            How many; memory grows with it.

        Returns
        -------
        polars.DataFrame
            trial, outcome, look (from 1), events, patients, months, hazard_ratio (null where not
            estimated or without finite maximum), z_1, month_1, ... (null where not held). A trial
            stopped for non-binding futility may show later looks: they are those of the trial
            carried on.

        Raises
        ------
        InputError
            If the range does not lie within the trials simulated.
        """
        from debulk.trials.simulation.table import table_of

        return table_of(self, first, trials)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        content: dict[str, Any] = plain(
            {
                "trials": self.trials,
                "seed": self.seed,
                "test": self.test,
                "true_hazard_ratio": self.true_hazard_ratio,
                "power": {"estimate": self.power, "se": self.errors["power"]},
                "power_without_futility": self.power_without_futility,
                "crossing": self.crossing,
                "looks": self.look_table.to_dicts(),
                "hazard_ratio": self.hazard_ratios,
                "duration_months": self.months,
                "events": self.mean_events,
                "patients": self.mean_patients,
                "never_reached": self.never_reached,
                "undefined": self.undefined,
                "tied": self.tied,
                "monte_carlo_error": self.errors,
                "provenance": self.provenance,
            }
        )
        return content
