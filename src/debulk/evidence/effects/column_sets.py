"""Names of columns that a user's table of studies may have, and what they make together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from debulk.core.errors import InputError, nearest
from debulk.evidence.effects.study_effects import Measure, a_measure

HAZARD_RATIO_FIELDS = {
    "hr": "hazard_ratio",
    "lower": "lower",
    "upper": "upper",
    "level": "conf_level",
    "log_hr": "log_hazard_ratio",
    "se_log_hr": "se_log_hazard_ratio",
    "o_minus_e": "o_minus_e",
    "v": "v",
    "observed_1": "observed_1",
    "expected_1": "expected_1",
    "observed_2": "observed_2",
    "expected_2": "expected_2",
    "p": "p",
    "p_sides": "one_sided",
    "favours": "favours",
    "events": "events",
    "events_1": "events_1",
    "events_2": "events_2",
    "n_1": "n_1",
    "n_2": "n_2",
    "survival_1": "survival_1",
    "survival_2": "survival_2",
}
"""Column to the field of `PrintedHazardRatio`."""

STUDY, SOURCE, PATIENTS = "study", "source", "n"


@dataclass(frozen=True, slots=True)
class ColumnSet:
    """Columns that make an effect.

    Attributes
    ----------
    needs : tuple of str
        All of them must be there.
    measures : tuple of Measure
        What they can make; the user chooses where it is more than one.
    takes : tuple of str
        Further columns it reads where they are there.
    """

    needs: tuple[str, ...]
    measures: tuple[Measure, ...]
    takes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads."""
        return (*self.needs, *self.takes)


_HAZARD = tuple(HAZARD_RATIO_FIELDS)
_LIMITS = ("lower", "upper", "level")
_ADDITIVE: tuple[Measure, ...] = ("generic", "mean difference", "risk difference")

COLUMN_SETS = (
    ColumnSet(("hr",), ("hazard ratio",), _HAZARD),
    ColumnSet(("log_hr", "se_log_hr"), ("hazard ratio",), _HAZARD),
    ColumnSet(("o_minus_e", "v"), ("hazard ratio",), _HAZARD),
    ColumnSet(("observed_1", "expected_1", "observed_2", "expected_2"), ("hazard ratio",), _HAZARD),
    # A p value tells the direction only beside the arm that did better, or if it is one-sided.
    ColumnSet(("p", "events", "favours"), ("hazard ratio",), _HAZARD),
    ColumnSet(("p", "events", "p_sides"), ("hazard ratio",), _HAZARD),
    ColumnSet(("p", "events_1", "events_2", "favours"), ("hazard ratio",), _HAZARD),
    ColumnSet(("p", "events_1", "events_2", "p_sides"), ("hazard ratio",), _HAZARD),
    ColumnSet(("survival_1", "n_1", "survival_2", "n_2"), ("hazard ratio",), _HAZARD),
    ColumnSet(("or", "lower", "upper"), ("odds ratio",), _LIMITS),
    ColumnSet(("rr", "lower", "upper"), ("risk ratio",), _LIMITS),
    ColumnSet(
        ("events_1", "n_1", "events_2", "n_2"),
        ("odds ratio", "risk ratio", "risk difference", "hazard ratio"),
        _HAZARD,
    ),
    ColumnSet(("events", "n"), ("proportion",), ("percent",)),
    ColumnSet(("percent", "n"), ("proportion",), _LIMITS),
    ColumnSet(("percent", "lower", "upper"), ("proportion",), ("level", "n")),
    ColumnSet(("estimate", "se"), _ADDITIVE, _LIMITS),
    ColumnSet(("estimate", "lower", "upper"), _ADDITIVE, ("level", "se")),
)
"""Every set, in the order in which they are looked for."""

RECOGNISED = tuple(dict.fromkeys(name for each in COLUMN_SETS for name in each.columns))


def column_set_of(
    names: Collection[str], measure: Measure | None, where: str
) -> tuple[ColumnSet, Measure]:
    """The first set whose columns are there, and the measure it makes.

    Parameters
    ----------
    names : collection of str
        Columns of the table.
    measure : Measure, optional
        As the user chose it.
    where : str
        How messages call the table.

    Raises
    ------
    InputError
        If no set is complete, or one makes several measures and none is chosen.
    """
    complete = [each for each in COLUMN_SETS if set(each.needs) <= set(names)]
    fitting = [each for each in complete if measure is None or measure in each.measures]
    if not fitting:
        raise InputError(where, *_nothing_fits(names, measure, complete))
    chosen = fitting[0]
    if measure is not None:
        return chosen, measure
    if chosen.measures[0] == "generic":
        return chosen, "generic"
    if len(chosen.measures) > 1:
        found = f"columns {_listed(chosen.needs)} may make {' or '.join(chosen.measures)}"
        raise InputError(where, found, "Say which (--measure, or the argument measure)")
    return chosen, chosen.measures[0]


def _nothing_fits(
    names: Collection[str], measure: Measure | None, complete: Sequence[ColumnSet]
) -> tuple[str, str]:
    sets = [each for each in COLUMN_SETS if measure is None or measure in each.measures]
    if not sets:
        known = sorted({each for one in COLUMN_SETS for each in one.measures})
        return f"no columns make {a_measure(str(measure))}", nearest(str(measure), known)
    if complete and measure is not None:
        found = f"columns {_listed(complete[0].needs)} do not make {a_measure(measure)}"
    else:
        found = f"its columns {_listed(names)} make no effect"
    return found, "Give one of " + "; ".join(_listed(each.needs) for each in sets)


def _listed(names: Collection[str]) -> str:
    return " + ".join(repr(each) for each in names)
