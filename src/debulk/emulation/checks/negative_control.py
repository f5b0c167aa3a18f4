"""An outcome that local treatment cannot change: what the method finds there is selection."""

from __future__ import annotations

from debulk.core.results import plain
from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.survival.options import check_kind


def check_negative_control(answer: Answer | None) -> Check:
    """Judge a method by its answer for an outcome without a treatment effect.

    Parameters
    ----------
    answer : Answer or None
        The same method on the control outcome; None where the registry has none.

    Returns
    -------
    Check
        *fail* where the interval of the hazard ratio leaves out 1. A pass proves little: an
        outcome with other determinants, or few events, hides selection.
    """
    name = "negative control outcome"
    if answer is not None:
        check_kind(answer, Answer, "answer")
    if answer is None:
        text = (
            "No control outcome was named: an event that local treatment cannot change and that "
            "the same frailty drives would show gross selection."
        )
        return Check(name, "unknown", text)
    if answer.hazard_ratio is None:
        text = "The control outcome has no hazard ratio: a strategy has no event."
        return Check(name, "unknown", text, details={"method": answer.method})
    ratio = answer.hazard_ratio
    details = {"method": answer.method, "hazard_ratio": plain(ratio)}
    shown = f"{ratio.estimate:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f}), {ratio.events} events"
    if ratio.lower > 1.0 or ratio.upper < 1.0:
        text = f"Local treatment seems to change what it cannot: hazard ratio {shown}."
        return Check(name, "fail", text, ratio.estimate, 1.0, details)
    text = (
        f"No effect is found where there can be none: hazard ratio {shown}. That shows no gross "
        "selection; it does not show that there is none."
    )
    return Check(name, "pass", text, ratio.estimate, 1.0, details)
