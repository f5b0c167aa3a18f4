"""A design as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from debulk.trials.survival_designs.assumptions import Pieces
    from debulk.trials.survival_designs.trial_design import Look, TrialDesign

_COLUMNS = (
    ("information", 11),
    ("events", 8),
    ("month", 7),
    ("patients", 9),
    ("efficacy Z", 11),
    ("futility Z", 11),
    ("critical HR", 12),
    ("P(cross) H0", 12),
    ("P(cross) H1", 12),
)


def summary_of(design: TrialDesign) -> str:
    """A design in lines, with the table of its looks.

    Parameters
    ----------
    design : TrialDesign
        The design.
    """
    goal = "superiority"
    if design.null_ratio != 1.0:
        kind = "non-inferiority margin" if design.null_ratio > 1.0 else "superiority over ratio"
        goal = f"{kind} {design.null_ratio:g}"
    lines = [
        f"Survival trial, two arms, log-rank test, {goal}, {design.formula} formula",
        f"  hazard ratio {_ratio(design)}; alpha {design.alpha:g}, {design.sided}-sided; "
        f"power {design.power:.4f}; allocation {design.allocation:g} : 1 (experimental : control)",
        f"  {design.events:.1f} events in {design.patients:.1f} patients; accrual "
        f"{design.accrual.end_months:.1f} months; final analysis at month "
        f"{design.duration_months:.1f}",
        "",
        " ".join(name.rjust(width) for name, width in _COLUMNS),
        *(_row(look) for look in design.looks),
        "",
        _expected("under the null hypothesis", design.expected_null),
        _expected("under the design's hazard ratio", design.expected_alternative),
        *design.remarks,
    ]
    return "\n".join(lines)


def pieces_text(pieces: Pieces) -> str:
    """A step function in words.

    Parameters
    ----------
    pieces : pieces
        ((start month, value), ...).
    """
    if len(pieces) == 1:
        return f"{pieces[0][1]:.4g}"
    return ", ".join(f"{value:.4g} from month {start:g}" for start, value in pieces)


def _ratio(design: TrialDesign) -> str:
    if design.strata is None:
        return pieces_text(design.hazard_ratio)
    return "; ".join(f"{each.name}: {pieces_text(each.hazard_ratio)}" for each in design.strata)


def _row(look: Look) -> str:
    values = (
        f"{look.information:.4f}",
        f"{look.events:.1f}",
        f"{look.month:.1f}",
        f"{look.patients:.1f}",
        _number(look.efficacy_z),
        _number(look.futility_z),
        _number(look.critical_hazard_ratio),
        f"{look.efficacy_null:.5f}",
        f"{look.efficacy_alternative:.5f}",
    )
    return " ".join(text.rjust(width) for text, (_, width) in zip(values, _COLUMNS, strict=True))


def _number(value: float | None) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.4f}"


def _expected(under: str, expected: object) -> str:
    found = [getattr(expected, name) for name in ("events", "patients", "duration_months")]
    events, patients, months = ("-" if each is None else f"{each:.1f}" for each in found)
    return f"Expected {under}: {events} events, {patients} patients, {months} months"
