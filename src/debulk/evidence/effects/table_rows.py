"""The effect of one row of a user's table, by what the row holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.evidence.effects.column_sets import (
    HAZARD_RATIO_FIELDS,
    PATIENTS,
    STUDY,
    ColumnSet,
)
from debulk.evidence.effects.effect import (
    Effect,
    NotEnough,
    require_count,
    require_events,
    require_number,
    require_positive,
)
from debulk.evidence.effects.hazard_ratio_routes import Arm
from debulk.evidence.effects.hazard_ratios import PrintedHazardRatio, hazard_ratio_effect
from debulk.evidence.effects.limits import from_limits
from debulk.evidence.effects.proportions import (
    ProportionScale,
    events_of_percentage,
    proportion_effect,
    require_percentage,
)
from debulk.evidence.effects.study_effects import Measure
from debulk.evidence.effects.survival_proportions import survival_proportion_effect
from debulk.evidence.effects.table_cells import Cells
from debulk.evidence.effects.two_by_two import TwoByTwoTables, two_by_two_tables

ARGUMENTS = {field: column for column, field in HAZARD_RATIO_FIELDS.items()}
SHARES = {"share": "percent", "patients": PATIENTS, "conf_level": "level"}
SIDES = {"1": True, "one": True, "one-sided": True, "2": False, "two": False, "two-sided": False}
REMEDY = "Leave the row out, or complete it"


def hazard_ratio_of_row(row: Cells, used: ColumnSet) -> Effect:
    """Log hazard ratio by the best route that the row allows."""
    given: dict[str, Any] = {
        field: row.number(column)
        for column, field in HAZARD_RATIO_FIELDS.items()
        if column not in ("p_sides", "favours") and column in used.columns
    }
    given["conf_level"] = given.get("conf_level") or 0.95
    favours, sides = row.text("favours").casefold(), row.text("p_sides").casefold()
    if favours and favours not in get_args(Arm):
        found = f"{row.text('favours')!r} is no arm"
        raise InputError(row.where("favours"), found, "Write 'experimental' or 'control'")
    if sides and sides not in SIDES:
        found = f"{row.text('p_sides')!r} is not one or two"
        raise InputError(row.where("p_sides"), found, "Write 1 or 2")
    arm = cast("Arm | None", favours or None)
    with row.placed(ARGUMENTS):
        for name in ("events", "events_1", "events_2", "n_1", "n_2"):
            if given.get(name) is not None:
                require_count(name, given[name])
        return hazard_ratio_effect(
            PrintedHazardRatio(**given, favours=arm, one_sided=SIDES.get(sides, False))
        )


def ratio_effect(row: Cells, column: str, name: str) -> Effect:
    """Logarithm of an odds or risk ratio and its interval."""
    return _limited(row, column, name, "log")


def additive_effect(row: Cells, measure: Measure) -> Effect:
    """An estimate with its standard error, else with its interval."""
    estimate, se = row.number("estimate"), row.number("se")
    if estimate is None or se is None:
        return _limited(row, "estimate", "estimate", "identity")
    with row.placed({}):
        return Effect(
            require_number("estimate", estimate),
            require_positive("se", se),
            "estimate and standard error",
        )


def _limited(row: Cells, column: str, name: str, scale: Any) -> Effect:
    estimate, lower, upper = (row.number(each) for each in (column, "lower", "upper"))
    if estimate is None or lower is None or upper is None:
        raise NotEnough(row.where(column), f"no {name} with an interval", REMEDY)
    with row.placed({"conf_level": "level"}):
        level = row.number("level") or 0.95
        return from_limits(
            estimate, lower, upper, conf_level=level, scale=scale, name=name, argument=column
        )


def proportion_of_row(
    row: Cells, scale: ProportionScale, correction: float, *, survival: bool
) -> Effect:
    """A proportion from counts, else from its percentage with an interval or with patients."""
    events, patients, percent = (row.number(name) for name in ("events", PATIENTS, "percent"))
    with row.placed(SHARES):
        if percent is not None:
            require_percentage("percent", percent)
        if events is not None and patients is not None:
            return proportion_effect(events, patients, scale, correction=correction)
        if percent is None:
            raise NotEnough("percent", "no events with patients, and no percentage", REMEDY)
        lower, upper = (_share(row, name) for name in ("lower", "upper"))
        if survival or (lower is not None and upper is not None):
            return survival_proportion_effect(
                percent / 100.0,
                patients,
                lower=lower,
                upper=upper,
                conf_level=row.number("level") or 0.95,
                scale=scale,
            )
        if patients is None:
            raise NotEnough(PATIENTS, f"{percent:g} % of an unknown number of patients", REMEDY)
        counted, remark = events_of_percentage(percent, patients)
        return proportion_effect(counted, patients, scale, correction=correction).remarked(remark)


def _share(row: Cells, name: str) -> float | None:
    value = row.number(name)
    return None if value is None else require_percentage(name, value) / 100.0


def tables_of(rows: Sequence[Cells]) -> tuple[TwoByTwoTables | None, list[Exclusion]]:
    """Counts of both arms of every row that has them, and the rows that have not."""
    names, counts, exclusions = [], [], []
    for row in rows:
        found = [row.number(name) for name in ("events_1", "n_1", "events_2", "n_2")]
        if None in found:
            reason = f"{row.text(STUDY)} ({row.row}): events or patients of an arm are missing"
            exclusions.append(Exclusion(reason, 1))
            continue
        with row.placed({}):
            require_events("events_1", found[0], "n_1", found[1])
            require_events("events_2", found[2], "n_2", found[3])
        names.append(row.text(STUDY))
        counts.append([float(each) for each in found if each is not None])
    if not names:
        return None, exclusions
    columns = [list(each) for each in zip(*counts, strict=True)]
    return two_by_two_tables(*columns, names=names), exclusions


def patients_of(row: Cells) -> int | None:
    """Patients of a study: ``n``, else those of both arms."""
    with row.placed({}):
        both = [row.number(name) for name in ("n_1", "n_2")]
        n = row.number(PATIENTS)
        if n is not None:
            return int(require_count(PATIENTS, n, least=1))
        return None if None in both else int(sum(each for each in both if each is not None))
