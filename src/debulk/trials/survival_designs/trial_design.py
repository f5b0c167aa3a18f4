"""What a survival design promises: events, patients, months, power and the table of its looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from debulk.core.provenance import Parameter
from debulk.core.results import plain
from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Pieces, Stratum
from debulk.trials.tables import Rows, field_of

if TYPE_CHECKING:
    from debulk.trials.boundaries.bounds import Boundaries
    from debulk.trials.survival_designs.timing import Timing

Formula = Literal["schoenfeld", "freedman", "lachin-foulkes"]
"""How events follow from power."""


@dataclass(frozen=True, slots=True)
class Look:
    """One analysis as the design expects it.

    Attributes
    ----------
    information : float
        Events at this look / planned final events.
    events : float
        Expected events under the design's hazard ratio.
    month : float
        Calendar month, from the first patient.
    patients : float
        Patients entered by then.
    efficacy_z, futility_z, harm_z : float or None
        Boundaries on the Z scale (Z > 0 means benefit); None where the look has none.
    critical_hazard_ratio : float or None
        Hazard ratio estimate at which the efficacy boundary is just met,
        ``null_ratio * exp(-Z (1 + r) / sqrt(D r))`` with D events and allocation r.
    futility_hazard_ratio : float or None
        The same for the futility boundary.
    efficacy_null, efficacy_alternative : float
        Probability to cross the efficacy boundary first at this look, under the null hypothesis
        and under the design's hazard ratio, with every other boundary followed.
    futility_null, futility_alternative : float
        Probability to stop at or below the futility or harm boundary first at this look; 0 where
        there is none.
    opposite_null, opposite_alternative : float
        Probability to reject first at this look in favour of the control arm, in a two-sided
        design; else 0.
    month_null : float or None
        Calendar month at which the same number of events is expected under the null hypothesis;
        None if it never is.
    """

    information: float
    events: float
    month: float
    patients: float
    efficacy_z: float | None
    futility_z: float | None
    harm_z: float | None
    critical_hazard_ratio: float | None
    futility_hazard_ratio: float | None
    efficacy_null: float
    efficacy_alternative: float
    futility_null: float
    futility_alternative: float
    opposite_null: float
    opposite_alternative: float
    month_null: float | None

    def __getitem__(self, name: str) -> Any:
        return field_of(self, name)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        names = self.__dataclass_fields__
        return plain({name: getattr(self, name) for name in names})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Expected:
    """Means over all the looks at which a trial may stop.

    Attributes
    ----------
    events, patients, duration_months : float or None
        Expected events, patients entered and months from the first patient to the analysis that
        stops the trial; None where a look is never reached.
    """

    events: float | None
    patients: float | None
    duration_months: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return {
            "events": self.events,
            "patients": self.patients,
            "duration_months": self.duration_months,
        }


@dataclass(frozen=True, eq=False)
class TrialDesign:
    """A two-arm survival trial, analysed by the log-rank test at one or several looks.

    Attributes
    ----------
    hazard_ratio, hazard_control : pieces
        ((start month, value), ...) since randomisation; with strata those of the first stratum.
    null_ratio : float
        Hazard ratio of the null hypothesis: 1 for superiority, above 1 a margin.
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    allocation : float
        Experimental : control.
    accrual : Accrual
        With absolute rates.
    fixed_rates : bool
        Whether the rates of accrual were given: whole patients then prolong accrual instead of
        raising them.
    dropout : Dropout
        Monthly hazards.
    strata : tuple of Stratum or None
        With hazards and ratios as pieces.
    boundaries : Boundaries or None
        None for one analysis at the end.
    formula : {"schoenfeld", "freedman", "lachin-foulkes"}
    events, patients : float
        At the final analysis, as solved, not rounded.
    duration_months : float
        From the first patient to the final analysis.
    power : float
    looks : rows of Look
        In time order; the last is the final analysis. `looks[0].month`, and `looks["month"]` for
        the months of all.
    expected_null, expected_alternative : Expected
        Under the null hypothesis and under the design's hazard ratio.
    timing : tuple of Timing or None
        When the interim looks take place; empty or None: at the planned information.
    parameters : tuple of Parameter
        Every number it rests on: chosen, default or derived.
    remarks : tuple of str
        What a reader must know, such as an assumption the formulas make.
    """

    hazard_ratio: Pieces
    hazard_control: Pieces
    null_ratio: float
    alpha: float
    sided: int
    allocation: float
    accrual: Accrual
    dropout: Dropout
    strata: tuple[Stratum, ...] | None
    boundaries: Boundaries | None
    formula: Formula
    events: float
    patients: float
    duration_months: float
    power: float
    looks: Rows[Look]
    expected_null: Expected
    expected_alternative: Expected
    fixed_rates: bool = False
    timing: tuple[Timing | None, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def expected(self) -> dict[str, Expected]:
        """Expected events, patients and months: under the "null" and the "alternative"."""
        return {"null": self.expected_null, "alternative": self.expected_alternative}

    def rounded(self) -> TrialDesign:
        """The design with whole events and patients, and the power they give.

        Events are rounded up at every look, patients up to a multiple of the smallest block that
        has the allocation; boundaries and months follow.

        Raises
        ------
        InputError
            If two looks come to the same whole events.
        """
        from debulk.trials.survival_designs.rounding import rounded_design

        return rounded_design(self)

    def summary(self) -> str:
        """The design in lines, with the table of its looks."""
        from debulk.trials.survival_designs.text import summary_of

        return summary_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = (
            "hazard_ratio",
            "hazard_control",
            "null_ratio",
            "alpha",
            "sided",
            "allocation",
            "accrual",
            "dropout",
            "fixed_rates",
            "strata",
            "boundaries",
            "formula",
            "expected",
            "timing",
            "parameters",
            "remarks",
        )
        found = {
            "events": self.events,
            "patients": self.patients,
            "duration_months": self.duration_months,
            "power": self.power,
            "looks": self.looks,
            **{name: getattr(self, name) for name in names},
        }
        return plain(found)  # type: ignore[no-any-return]
